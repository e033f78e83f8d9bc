/* clock: time that only goes forward. */
#ifndef CLOCK_H
#define CLOCK_H

/*
 * Milliseconds since some fixed moment, by CLOCK_MONOTONIC: setting the wall clock does
 * not move it. See clock_gettime(2). Lesson 02 uses it first.
 */
long long clock_now_ms(void);

/* The same in microseconds, with a fraction. The stage measures waits with it. */
double clock_now_us(void);

/*
 * Sleeps for `nap_ms` milliseconds, or less if a signal arrives. For programs that have
 * nothing else to wait for; an event loop gives its wait a timeout instead.
 */
void clock_nap(int nap_ms);

#endif
