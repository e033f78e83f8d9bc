#include "timers.h"

void timer_start(struct timer *t, long long now_ms, long long every_ms)
{
    t->due_ms = now_ms + every_ms;
    t->every_ms = every_ms;
}

long long timer_passed(struct timer *t, long long now_ms)
{
    if (now_ms < t->due_ms)
        return 0;
    long long passed = (now_ms - t->due_ms) / t->every_ms + 1;
    t->due_ms += passed * t->every_ms;
    return passed;
}

long long timers_sooner(long long a_ms, long long b_ms)
{
    if (a_ms == -1 || b_ms == -1)
        return a_ms == -1 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}
