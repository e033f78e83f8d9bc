#include "clock.h"

#include <time.h>

long long clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

double clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

void clock_nap(int nap_ms)
{
    struct timespec nap = {.tv_sec = nap_ms / 1000,
                           .tv_nsec = (long)(nap_ms % 1000) * 1000000};
    nanosleep(&nap, NULL);
}
