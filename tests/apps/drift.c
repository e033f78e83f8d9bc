#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

enum { MAX_TICKS = 100, RECV_SIZE = 65536 };

static pid_t flooder; /* 0: none */

static void end_flood(void)
{
    if (flooder <= 0)
        return;
    kill(flooder, SIGKILL);
    waitpid(flooder, NULL, 0);
    flooder = 0;
}

enum trouble { TALKS, RAVES, NEVER_READS, RESETS_AT_ONCE, NTROUBLES };

static void make_trouble(struct player *c, enum trouble trouble)
{
    static const char question[] =
        "{\"type\":\"history\",\"symbol\":\"TSLA\",\"count\":100}\n";
    char bytes[RECV_SIZE];
    ssize_t n = 1;
    size_t size = trouble == RAVES ? 1 + (size_t)probe_below(2000) : sizeof question - 1;
    if (trouble == RAVES)
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)probe_below(256);
    if (send(c->fd, trouble == RAVES ? bytes : question, size, 0) == -1 &&
        !player_would_block())
        n = 0;
    while (n > 0 && trouble != NEVER_READS)
        if ((n = recv(c->fd, bytes, sizeof bytes, 0)) == -1 && !player_would_block())
            n = 0;
    if (n != 0 && trouble != RESETS_AT_ONCE)
        return;
    player_reset(c);
    player_open(c, c->app);
}

/* A process of its own makes all kinds of trouble until it is killed. It naps between two
   rounds: the ticker is to be disturbed by its clients, not for want of a processor. */
static void flood(const struct app *app)
{
    struct player conns[2 * NTROUBLES];
    atexit(end_flood); /* in the child flooder is 0 */
    flooder = fork();
    if (flooder == -1)
        probe_fail("fork: %s", strerror(errno));
    if (flooder != 0)
        return;
    alarm(PROBE_LIMIT_S);
    probe_at("drift: the flood");
    for (size_t i = 0; i < (size_t)2 * NTROUBLES; i++)
        player_open(&conns[i], app);
    for (;; poll(NULL, 0, 1))
        for (size_t i = 0; i < (size_t)2 * NTROUBLES; i++)
            make_trouble(&conns[i], (enum trouble)(i % NTROUBLES));
}

/* Receives prices for so long. */
static void idle_away(struct player *c, double ms)
{
    double end_ms = probe_now_ms() + ms, left_ms;
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    while ((left_ms = end_ms - probe_now_ms()) > 0)
        if (poll(&p, 1, (int)left_ms + 1) == 1 && player_peek(c) == 0)
            probe_fail("expected prices, saw the end");
}

/* Holds the server up for two fifths of an interval, again and again: so many a tick is
   late, which on a quiet machine none is. A schedule that adds up what is late is found
   out by that; an absolute one is late for a moment, and right again at the next tick. */
static void hold_up(struct player *c, double end_ms, long interval_ms)
{
    while (probe_now_ms() < end_ms) {
        if (probe_server_pid != 0)
            kill((pid_t)probe_server_pid, SIGSTOP);
        idle_away(c, (double)interval_ms * 0.4);
        if (probe_server_pid != 0)
            kill((pid_t)probe_server_pid, SIGCONT);
        idle_away(c, (double)interval_ms * 0.5);
    }
}

/* The time of day of a tick, in milliseconds. */
static long time_of(const struct json_value *tick)
{
    long hours, minutes, seconds, ms;
    const struct json_value *time = json_member(tick, "timestamp");
    if (time == NULL || sscanf(time->text, "%*d-%*d-%*dT%ld:%ld:%ld.%ldZ", &hours,
                               &minutes, &seconds, &ms) != 4)
        probe_fail("expected a tick with a timestamp, saw none");
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/* The times of the last ticks, oldest first. Returns their number. */
static size_t ask_times(struct player *c, long times_ms[MAX_TICKS])
{
    player_tell(c, "{'type':'history','symbol':'AAPL','count':100}\n");
    struct text answer = player_hear(c);
    while (answer.bytes != NULL &&
           strncmp(answer.bytes, "{\"type\":\"price_update\"", 22) == 0)
        answer = player_hear(c);
    referee_judge(c->app, answer, NULL);
    const struct json_value *prices = json_member(referee_read(answer), "prices");
    if (prices == NULL || prices->count == 0 || prices->count > MAX_TICKS)
        probe_fail("expected 1 to 100 ticks, saw '%s'", answer.bytes);
    const struct json_value *tick = prices + 1;
    for (size_t i = 0; i < prices->count; i++, tick += tick->span)
        times_ms[i] = time_of(tick);
    return prices->count;
}

/* How many percent of the ticks come together: in the best eighth of an interval, however
   many intervals lie between them. */
static size_t percent_together(const long *times_ms, size_t count, long interval_ms)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        size_t together = 0;
        for (size_t j = 0; j < count; j++) {
            long behind_ms = (times_ms[j] - times_ms[i]) % interval_ms;
            together += (behind_ms + interval_ms) % interval_ms < interval_ms / 8;
        }
        if (together > most)
            most = together;
    }
    return 100 * most / count;
}

/* A tick that came late says nothing: another program may have had the processor, or the
   server was held up. But an absolute schedule comes back to its places, and so a good
   part of the ticks is together. A schedule that adds up what is late has wandered over
   all of the interval, and an eighth of its ticks is in an eighth of it. */
void drift_run(const struct app *app, long interval_ms, long nintervals)
{
    enum { LEAST_PERCENT = 40 };
    long times_ms[MAX_TICKS];
    struct player c;
    referee_join(&c, app);
    player_tell(&c, "{'type':'subscribe','symbols':['AAPL','TSLA','AMZN']}\n");
    referee_judge(app, player_hear(&c), NULL);
    probe_at("drift");
    flood(app);
    hold_up(&c, probe_now_ms() + (double)(nintervals * interval_ms), interval_ms);
    size_t count = ask_times(&c, times_ms);
    if (waitpid(flooder, NULL, WNOHANG) != 0)
        probe_fail("expected a flood all the time, saw it end");
    size_t together = percent_together(times_ms, count, interval_ms);
    end_flood();
    player_close(&c);
    if ((long)count < nintervals / 2)
        probe_fail("expected some %ld ticks, saw %zu", nintervals, count);
    if (together < LEAST_PERCENT)
        probe_fail(
            "expected %d percent of the ticks in an eighth of an interval, saw %zu",
            LEAST_PERCENT, together);
    printf("ticks every %ld ms: %zu percent within an eighth of an interval\n",
           interval_ms, together);
}
