#include "rest.h"

#include "clock.h"

enum { REST_MS = 100 };

static bool resting;
static long long until_ms;

void rest_begin(void)
{
    if (!resting)
        until_ms = clock_now_ms() + REST_MS;
    resting = true;
}

void rest_cut_short(void)
{
    until_ms = 0;
}

bool rest_is_on(void)
{
    return resting;
}

int rest_left_ms(void)
{
    if (!resting)
        return -1;
    long long left_ms = until_ms - clock_now_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

void rest_end(void)
{
    resting = false;
}
