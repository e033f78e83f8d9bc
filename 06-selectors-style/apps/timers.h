/*
 * timers: something to do once an interval, on an absolute schedule.
 *
 * The next time is the last one that was due, plus the interval; never "now" plus the
 * interval, which would put every delay on top of all delays before: a drift.
 */
#ifndef TIMERS_H
#define TIMERS_H

struct timer {
    long long due_ms; /* by clock_now_ms, which no setting of the wall clock moves */
    long long every_ms;
};

/* Starts a timer that is due for the first time an interval from now. */
void timer_start(struct timer *t, long long now_ms, long long every_ms);

/*
 * How many times has it become due since it was asked last? More than once if the program
 * was held up longer than an interval: as for a timerfd (timerfd_create(2)) it is for the
 * caller to decide what that means.
 */
long long timer_passed(struct timer *t, long long now_ms);

/* Which comes sooner, of two times in milliseconds where -1 is never? */
long long timers_sooner(long long a_ms, long long b_ms);

#endif
