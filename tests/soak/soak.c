/*
 * soak: thousands of clients that come, behave well or badly by chance, and go; and what
 * of them stays with the server.
 *
 *     tests/soak/soak -p 9004 -s 4711
 *     tests/soak/soak -p 9004 -s 4711 -c 50 -t 60 -r 7
 *
 * They come in waves. Between two waves nobody is there, and the server is measured from
 * outside: it has to have the descriptors that it had before the first client, and to use
 * no CPU. Its memory after the last wave is held against that after the first, when all
 * that is kept for good has been taken.
 *
 * A line of key=value is printed in any case. Status 1, and a line that says what was
 * wrong: the first problem ends the run. tests/soak/run runs it for all servers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/options.h"
#include "../../slides/stage/gauge.h"
#include "../bench/pattern.h"
#include "visitor.h"

enum {
    EXIT_USAGE = 2,
    MAX_CLIENTS = 800, /* select takes no more, with our own descriptors */
    NWAVES = 5,
    LOOK_MS = 100, /* how long CPU is measured */
    SETTLE_MS = 5000,
    MOST_CPU_PERCENT = 5
};

static struct visits visits;
static struct visitor visitors[MAX_CLIENTS];
static long port, pid, nvisitors = 200, seconds = 10, seed = 1, busy;
static long most_growth_kib = 256;
static long descriptors_before, descriptors = -1, memory_kib[NWAVES];
static int nwaves;
static double cpu_percent = -1, began_ms;

static double now_ms(void)
{
    return clock_now_us() / 1e3;
}

/* ---- a wave ---- */

/* Until somebody wakes; a look at the patience of the others is due now and then. */
static int left_ms(void)
{
    double wakes_ms = visits.now_ms + LOOK_MS;
    for (long i = 0; i < nvisitors; i++) {
        const struct visitor *v = &visitors[i];
        if (v->fd != -1 && v->wakes_ms > visits.now_ms && v->wakes_ms < wakes_ms)
            wakes_ms = v->wakes_ms;
    }
    return (int)(wakes_ms - visits.now_ms) + 1;
}

static void listen_to_all(void)
{
    const struct selector_event *ready;
    int nready = selector_select(visits.selector, left_ms(), &ready);
    if (nready == -1)
        die_errno("selector_select");
    visits.now_ms = now_ms();
    for (int i = 0; i < nready; i++) {
        struct visitor *v = ready[i].key.data;
        if (ready[i].events & EVENT_WRITE)
            v->blocked = false;
        if (ready[i].events & EVENT_READ)
            visitor_hear(v, &visits);
    }
}

/* Returns how many are there. */
static long go_on(bool may_come)
{
    long count = 0;
    for (long i = 0; i < nvisitors; i++) {
        struct visitor *v = &visitors[i];
        if (v->fd != -1)
            visitor_go_on(v, &visits);
        else if (may_come)
            visitor_open(v, &visits, (uint32_t)seed);
        count += v->fd != -1;
    }
    return count;
}

static void play_wave(double until_ms)
{
    do {
        go_on(true);
        listen_to_all();
    } while (visits.now_ms < until_ms);
    for (long i = 0; i < nvisitors; i++)
        visitor_hurry(&visitors[i]);
    while (go_on(false) > 0)
        listen_to_all();
}

/* ---- what stays ---- */

static void look_at_descriptors(void)
{
    double deadline_ms = now_ms() + SETTLE_MS;
    do
        clock_nap(LOOK_MS / 10);
    while ((descriptors = gauge_descriptors((pid_t)pid)) != descriptors_before &&
           now_ms() < deadline_ms);
    if (descriptors == -1 && descriptors_before != -1)
        die("the server has gone");
    if (descriptors != descriptors_before)
        die("%ld descriptors are open, and nobody is there; %ld were before the first "
            "client",
            descriptors, descriptors_before);
}

/* On a busy machine one that never waits gets little of a processor: it counts as if it
   had one. */
static double measure_cpu_percent(void)
{
    double start_us = clock_now_us(), used_us = gauge_cpu_us((pid_t)pid);
    clock_nap(LOOK_MS);
    used_us = gauge_cpu_us((pid_t)pid) - used_us;
    if (gauge_waits((pid_t)pid) == 0)
        return 100;
    return 100 * used_us / (clock_now_us() - start_us);
}

/* A moment after the last client a server may still be tidying up: one quiet moment of
   several is enough. */
static void look_at_cpu(void)
{
    double deadline_ms = now_ms() + SETTLE_MS;
    do
        cpu_percent = measure_cpu_percent();
    while (!busy && cpu_percent > MOST_CPU_PERCENT && now_ms() < deadline_ms);
    if (!busy && cpu_percent > MOST_CPU_PERCENT)
        die("it goes on working, and nobody is there: %.0f %% of a processor",
            cpu_percent);
}

static void look_at_memory(void)
{
    long growth_kib = memory_kib[nwaves - 1] - memory_kib[0];
    if (growth_kib > most_growth_kib)
        die("its memory has grown by %ld KiB since the first wave, by %ld bytes a client",
            growth_kib, growth_kib * 1024 / (long)visits.nclients);
}

static void print_line(void)
{
    long growth_kib = nwaves > 1 ? memory_kib[nwaves - 1] - memory_kib[0] : 0;
    printf("clients=%lu bytes=%lu resets=%lu vanished=%lu before=%ld after=%ld "
           "rss_kib=%ld growth_kib=%ld cpu_percent=%.1f seconds=%.1f\n",
           visits.nclients, visits.nbytes, visits.nresets, visits.nvanished,
           descriptors_before, descriptors, nwaves > 0 ? memory_kib[nwaves - 1] : -1,
           growth_kib, cpu_percent, (now_ms() - began_ms) / 1e3);
}

/* ---- the command line ---- */

static _Noreturn void usage(int status)
{
    fprintf(status == EXIT_SUCCESS ? stdout : stderr,
            "usage: soak -p PORT -s PID [-b] [-c CLIENTS] [-g KIB] [-r SEED] "
            "[-t SECONDS]\n");
    if (status == EXIT_SUCCESS)
        puts("  -p PORT     an echo server on 127.0.0.1\n"
             "  -s PID      its process\n"
             "  -b          it burns CPU while it waits, by intention\n"
             "  -c CLIENTS  how many are there at once (200)\n"
             "  -g KIB      its memory may grow so much after the first wave (256)\n"
             "  -r SEED     other clients; the same seed, the same clients (1)\n"
             "  -t SECONDS  how long they come and go (10)");
    exit(status);
}

static void read_options(int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "p:s:bc:g:r:t:h")) != -1) {
        long most = letter == 'p'   ? 65535
                    : letter == 'c' ? MAX_CLIENTS
                    : letter == 't' ? 86400
                                    : 2147483647;
        long *number = letter == 'p'   ? &port
                       : letter == 's' ? &pid
                       : letter == 'c' ? &nvisitors
                       : letter == 't' ? &seconds
                       : letter == 'r' ? &seed
                       : letter == 'g' ? &most_growth_kib
                                       : &busy;
        if (letter == 'h' || letter == '?')
            usage(letter == 'h' ? EXIT_SUCCESS : EXIT_USAGE);
        *number = letter == 'b' ? 1 : options_number(optarg, 1, most);
        if (*number == -1)
            usage(EXIT_USAGE);
    }
    if (optind < argc || port == 0 || pid == 0 || kill((pid_t)pid, 0) == -1)
        usage(EXIT_USAGE);
}

int main(int argc, char **argv)
{
    die_set_program(argv[0]);
    read_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    pattern_init();
    visits.port = (int)port;
    visits.selector = selector_open(NULL);
    if (visits.selector == NULL)
        die_errno("selector_open");
    for (long i = 0; i < nvisitors; i++)
        visitors[i].fd = -1;
    descriptors_before = gauge_descriptors((pid_t)pid);
    began_ms = visits.now_ms = now_ms();
    atexit(print_line);
    while (nwaves < NWAVES) {
        play_wave(began_ms + 1e3 * (double)(seconds * (nwaves + 1)) / NWAVES);
        look_at_descriptors();
        look_at_cpu();
        memory_kib[nwaves++] = gauge_memory_kib((pid_t)pid);
        visits.now_ms = now_ms();
    }
    look_at_memory();
    return EXIT_SUCCESS;
}
