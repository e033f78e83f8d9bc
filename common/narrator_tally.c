#include "narrator.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "errno_name.h"

enum { MAX_ERRNO = 256 };

struct tally_row {
    atomic_ulong calls, failures[MAX_ERRNO];
    atomic_llong took_ns, longest_ns;
};

struct tally {
    struct tally_row rows[NARRATED_COUNT];
    atomic_ulong wakeups, wasted;
    atomic_llong bytes_in, bytes_out;
};

/* A wait has returned something ready, and nothing came of it yet. */
static _Thread_local bool woken;

size_t tally_size(void)
{
    return sizeof(struct tally);
}

static void raise_to(atomic_llong *longest, long long value)
{
    long long seen = atomic_load(longest);
    while (value > seen && !atomic_compare_exchange_weak(longest, &seen, value))
        continue;
}

/* A wake-up is wasted if no call on a socket succeeds before the next wait. */
static void count_wakeup(struct tally *tally, const struct note *n)
{
    if (narrated_way(n->call) != NARRATED_WAITS) {
        if (n->error == 0 && n->fd != NO_FD)
            woken = false;
        return;
    }
    if (woken)
        atomic_fetch_add(&tally->wasted, 1);
    woken = n->error == 0 && n->result > 0;
    if (woken)
        atomic_fetch_add(&tally->wakeups, 1);
}

void tally_use_wakeup(void)
{
    woken = false;
}

void tally_count(struct tally *tally, const struct note *n)
{
    struct tally_row *row = &tally->rows[n->call];
    atomic_fetch_add(&row->calls, 1);
    if (n->error != 0)
        atomic_fetch_add(&row->failures[n->error < MAX_ERRNO ? n->error : 0], 1);
    atomic_fetch_add(&row->took_ns, n->took_ns);
    raise_to(&row->longest_ns, n->took_ns);
    if (n->error == 0 && narrated_way(n->call) == NARRATED_IN)
        atomic_fetch_add(&tally->bytes_in, n->result);
    if (n->error == 0 && narrated_way(n->call) == NARRATED_OUT)
        atomic_fetch_add(&tally->bytes_out, n->result);
    count_wakeup(tally, n);
}

static void write_line(const struct text *line)
{
    narrator_write(line->bytes, line->size);
}

/* " EAGAIN 2 EINTR 1", or the same as members of JSON. Returns how many these are. */
static unsigned long list_failures(struct text *out, const struct tally_row *row,
                                   bool json)
{
    unsigned long failed = 0;
    for (int error = 0; error < MAX_ERRNO; error++) {
        unsigned long count = atomic_load(&row->failures[error]);
        const char *name = error != 0 ? errno_name(error) : "others";
        if (count > 0)
            text_add(out, json ? "%s\"%s\":%lu" : "%s %s %lu",
                     json && failed > 0 ? "," : "", name, count);
        failed += count;
    }
    return failed;
}

static void write_row(const struct tally_row *row, enum narrated call, bool json)
{
    struct text failures = {.size = 0};
    char line[NARRATOR_LINE_SIZE];
    unsigned long calls = atomic_load(&row->calls);
    if (calls == 0)
        return;
    unsigned long failed = list_failures(&failures, row, json);
    int size = snprintf(
        line, sizeof line,
        json ? "{\"tally\":\"%s\",\"calls\":%lu,\"failed\":%lu,\"seconds\":%.6f,"
               "\"longest\":%.6f,\"failures\":{%s}}\n"
             : "%-14s %9lu %9lu %11.6f %11.6f %s\n",
        narrated_name(call), calls, failed, (double)atomic_load(&row->took_ns) / 1e9,
        (double)atomic_load(&row->longest_ns) / 1e9, failures.bytes);
    narrator_write(line, (size_t)size);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_seconds(void)
{
    struct rusage own = {0}, children = {0};
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return seconds_of(own.ru_utime) + seconds_of(own.ru_stime) +
           seconds_of(children.ru_utime) + seconds_of(children.ru_stime);
}

void tally_write(const struct tally *tally, bool json)
{
    struct text line = {.size = 0};
    text_add(&line, "%-14s %9s %9s %11s %11s  %s\n", "call", "calls", "failed", "seconds",
             "longest", "failures by errno");
    if (!json)
        write_line(&line);
    for (int call = 0; call < NARRATED_COUNT; call++)
        write_row(&tally->rows[call], (enum narrated)call, json);
    line.size = 0;
    text_add(
        &line,
        json ? "{\"bytes_in\":%lld,\"bytes_out\":%lld,\"wakeups\":%lu,\"wasted\":%lu,"
               "\"cpu\":%.6f}\n"
             : "bytes: %lld in, %lld out. wake-ups: %lu, %lu of them wasted. CPU: %.6f "
               "s\n",
        atomic_load(&tally->bytes_in), atomic_load(&tally->bytes_out),
        atomic_load(&tally->wakeups), atomic_load(&tally->wasted), cpu_seconds());
    write_line(&line);
}
