#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/net.h"
#include "../../slides/stage/gauge.h"
#include "audience.h"
#include "hearing.h"
#include "histogram.h"
#include "link.h"

enum {
    NSYMBOLS = 5,
    MAX_TICKS = 100,  /* the server's history has so many */
    CLOSE_MS = 2,     /* to the schedule */
    WARM_UP = 3,      /* ticks */
    OTHER_TICKS = 200 /* that come before and after those that are measured */
};

static const char *const symbols[NSYMBOLS] = {"AAPL", "GOOGL", "TSLA", "AMZN", "MSFT"};
static const char update[] = "{\"type\":\"price_update\"", stamp[] = "\"timestamp\":\"";

static struct hearing hearing;
static long interval_ms, origin_ms; /* origin_ms: a time of day */
static size_t first, end;           /* the lines that are measured */

/* ---- times ---- */

/* The time of day that a text names behind the first timestamp in it, in milliseconds. */
static long time_of(const char *text)
{
    long hours, minutes, seconds, ms;
    const char *time = strstr(text, stamp);
    if (time == NULL || sscanf(time + strlen(stamp), "%*d-%*d-%*dT%ld:%ld:%ld.%ldZ",
                               &hours, &minutes, &seconds, &ms) != 4)
        die("expected a timestamp in '%.60s'", text);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/* From one time of day to another, around midnight too. */
static long ms_between(long from_ms, long to_ms)
{
    enum { DAY_MS = 86400000 };
    long ms = (to_ms - from_ms + DAY_MS) % DAY_MS;
    return ms > DAY_MS / 2 ? ms - DAY_MS : ms;
}

static long now_of_day_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (long)(now.tv_sec % 86400) * 1000 + now.tv_nsec / 1000000;
}

static long line_time_ms(size_t i)
{
    size_t size;
    return time_of(hearing_line(&hearing, i, &size));
}

/* How late a time is, if ticks are due at origin_ms and at each interval from there. */
static long late_ms(long from_ms, long time_ms)
{
    long ms = ms_between(from_ms, time_ms) % interval_ms;
    return ms >= 0 ? ms : ms + interval_ms;
}

/* No tick is early, and most are in time: the schedule is the one that most of them
   follow closely. Returns a time at which a tick was due, or a little before, because the
   times have whole milliseconds. */
static long find_origin_ms(void)
{
    size_t most = 0;
    long best_ms = line_time_ms(first);
    for (size_t i = 0; i < end; i++) {
        size_t count = 0;
        for (size_t j = 0; j < end; j++)
            count += late_ms(line_time_ms(i), line_time_ms(j)) <= CLOSE_MS;
        if (count > most)
            best_ms = line_time_ms(i);
        most = count > most ? count : most;
    }
    return best_ms - CLOSE_MS;
}

/* The number of the last tick that was due at this time, from the origin. */
static long slot_of(long time_ms)
{
    return (ms_between(origin_ms, time_ms) - late_ms(origin_ms, time_ms)) / interval_ms;
}

/* ---- joining ---- */

static void tell(int fd, const char *text)
{
    size_t size = strlen(text);
    if (send(fd, text, size, 0) != (ssize_t)size)
        die_errno("could not say '%s'", text);
}

static bool is_update(const char *line)
{
    return strncmp(line, update, strlen(update)) == 0;
}

/* All clients stand before the same tick then: the first one after all had subscribed. */
static void subscribe_all(void)
{
    for (size_t i = 0; i < hearing.nlisteners; i++)
        hearing_take_line(hearing.listeners[i].fd); /* the welcome */
    for (size_t i = 0; i < hearing.nlisteners; i++)
        tell(hearing.listeners[i].fd,
             "{\"type\":\"subscribe\",\"symbols\":"
             "[\"AAPL\",\"GOOGL\",\"TSLA\",\"AMZN\",\"MSFT\"]}\n");
    for (size_t i = 0; i < hearing.nlisteners; i++)
        while (is_update(hearing_take_line(hearing.listeners[i].fd)))
            continue; /* what is none is the snapshot */
    long ready_ms = now_of_day_ms();
    for (size_t i = 0; i < hearing.nlisteners; i++) {
        int fd = hearing.listeners[i].fd;
        while (ms_between(ready_ms, time_of(hearing_peek_line(fd))) <= 0)
            hearing_take_line(fd);
    }
    hearing_begin(&hearing);
}

/* ---- the history: what has to have been told ---- */

struct tick {
    long time_ms;
    double price;
};

static size_t read_history(char *line, struct tick ticks[MAX_TICKS])
{
    static const char price[] = "{\"price\":";
    size_t count = 0;
    for (char *p = strstr(line, price); p != NULL && count < MAX_TICKS;
         p = strstr(p + 1, price))
        ticks[count++] = (struct tick){.price = strtod(p + strlen(price), NULL),
                                       .time_ms = time_of(p)};
    if (count == 0)
        die("expected a history, saw '%.60s'", line);
    return count;
}

static bool was_told(long time_ms)
{
    for (size_t i = first; i < end; i++)
        if (line_time_ms(i) == time_ms)
            return true;
    return false;
}

struct schedule {
    size_t skipped, missing;
    long late_max_ms; /* by the server's own clock */
};

/* Looks at the ticks within the time that is measured. */
static void compare(const struct tick *ticks, size_t count, struct schedule *s)
{
    long begin = slot_of(line_time_ms(first)), last = slot_of(line_time_ms(end - 1));
    s->skipped = 0;
    for (size_t i = 1; i < count; i++) {
        long slot = slot_of(ticks[i].time_ms);
        if (slot <= begin || slot > last)
            continue;
        long ms = late_ms(origin_ms, ticks[i].time_ms) - CLOSE_MS;
        s->late_max_ms = ms > s->late_max_ms ? ms : s->late_max_ms;
        s->skipped += (size_t)(slot - slot_of(ticks[i - 1].time_ms) - 1);
        if (ticks[i].price != ticks[i - 1].price && !was_told(ticks[i].time_ms))
            s->missing++;
    }
}

static struct schedule ask_history(int port)
{
    struct schedule s = {0};
    struct tick ticks[MAX_TICKS];
    char text[64];
    int fd = link_open(port);
    hearing_take_line(fd); /* the welcome */
    for (size_t i = 0; i < NSYMBOLS; i++) {
        snprintf(text, sizeof text,
                 "{\"type\":\"history\",\"symbol\":\"%s\",\"count\":%d}\n", symbols[i],
                 MAX_TICKS);
        tell(fd, text);
        compare(ticks, read_history(hearing_take_line(fd), ticks), &s);
    }
    link_reset(fd);
    return s;
}

/* ---- what is printed ---- */

static double arrival_us(size_t line, size_t nth)
{
    return hearing.arrivals_us[line * hearing.nlisteners + nth];
}

/* The schedule as the clients see it: no line came earlier. */
static double schedule_start_us(void)
{
    double start_us = 1e300;
    for (size_t i = first; i < end; i++) {
        double due_us = (double)(slot_of(line_time_ms(i)) * interval_ms) * 1e3;
        if (arrival_us(i, 0) - due_us < start_us)
            start_us = arrival_us(i, 0) - due_us;
    }
    return start_us;
}

static void print_lateness(void)
{
    static struct histogram firsts, all;
    double start_us = schedule_start_us();
    for (size_t i = first; i < end; i++) {
        double due_us = start_us + (double)(slot_of(line_time_ms(i)) * interval_ms) * 1e3;
        histogram_add(&firsts, (uint64_t)(arrival_us(i, 0) - due_us));
        for (size_t nth = 0; nth < hearing.nlisteners; nth++)
            histogram_add(&all, (uint64_t)(arrival_us(i, nth) - due_us));
    }
    printf(" first_p50_ms=%.2f first_max_ms=%.2f late_p50_ms=%.2f late_p99_ms=%.2f"
           " late_max_ms=%.2f",
           histogram_value(&firsts, 0.5) / 1e3, histogram_value(&firsts, 1) / 1e3,
           histogram_value(&all, 0.5) / 1e3, histogram_value(&all, 0.99) / 1e3,
           histogram_value(&all, 1) / 1e3);
}

static void must_be_in_order(void)
{
    for (size_t i = first + 1; i < end; i++)
        if (slot_of(line_time_ms(i)) <= slot_of(line_time_ms(i - 1)))
            die("tick %zu: expected a later one than the one before", i);
}

/* ---- a measurement ---- */

struct cost {
    double wall_us, cpu_us, own_us;
};

/* Listens for so long, and then until all have heard what came in that time. */
static struct cost listen_for(long seconds, pid_t pid)
{
    struct cost cost = {.cpu_us = gauge_cpu_us(pid), .own_us = gauge_own_us()};
    double start_us = clock_now_us();
    first = hearing.nlines;
    while ((cost.wall_us = clock_now_us() - start_us) < (double)seconds * 1e6)
        hearing_listen(&hearing);
    cost.cpu_us = gauge_cpu_us(pid) - cost.cpu_us;
    cost.own_us = gauge_own_us() - cost.own_us;
    end = hearing.nlines;
    while (hearing.nwhole < end)
        hearing_listen(&hearing);
    if (end <= first)
        die("no tick has told anything in %ld s", seconds);
    return cost;
}

void ticker_audience(const struct site *site, size_t nclients, long seconds,
                     long every_ms)
{
    size_t nticks = (size_t)(seconds * 1000 / every_ms), max_lines = nticks + OTHER_TICKS;
    interval_ms = every_ms;
    if (nticks >= MAX_TICKS)
        die("%ld s are more than the %d ticks of the history", seconds, MAX_TICKS);
    hearing_open(&hearing, site->port, nclients, max_lines);
    hearing.arrivals_us = malloc(max_lines * nclients * sizeof(double));
    if (hearing.arrivals_us == NULL)
        die_errno("%zu clients", nclients);
    subscribe_all();
    while (hearing.nwhole < WARM_UP)
        hearing_listen(&hearing);
    struct cost cost = listen_for(seconds, site->pid);
    origin_ms = find_origin_ms();
    must_be_in_order();
    struct schedule s = ask_history(site->port);
    printf("clients=%zu seconds=%.3f ticks=%zu skipped=%zu missing=%zu"
           " server_late_max_ms=%ld",
           nclients, cost.wall_us / 1e6, end - first, s.skipped, s.missing,
           s.late_max_ms);
    print_lateness();
    printf(" own_percent=%.2f", cost.own_us / cost.wall_us * 100);
    if (site->pid != 0)
        printf(" cpu_percent=%.2f", cost.cpu_us / cost.wall_us * 100);
    printf("\n");
    hearing_close(&hearing);
}
