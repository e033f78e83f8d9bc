#include "clock.h"

#include <time.h>

long long clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_nap(int nap_ms)
{
    struct timespec nap = {.tv_sec = nap_ms / 1000,
                           .tv_nsec = (long)(nap_ms % 1000) * 1000000};
    nanosleep(&nap, NULL);
}
