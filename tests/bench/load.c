/*
 * load: clients that talk as fast as they are answered, others that are silent, and what
 * that costs the server.
 *
 *     tests/bench/load -c 64 -i 0,1000 -p 9005 -s 4711
 *     tests/bench/load -c 8 -b 65536 -p 9005 -s 4711 -p 9004 -s 4712    in turns of 20 ms
 *
 * Each client sends a message and, when the whole echo is back and equal, the next: a
 * closed loop. So nobody waits longer than the server makes them wait, and a slow server
 * is asked less. A line of key=value is printed for each server and each number of silent
 * clients; -h explains the keys.
 *
 * With several servers, they take turns while the others are stopped, and what disturbs
 * the machine for a moment disturbs all of them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/options.h"
#include "../../slides/stage/gauge.h"
#include "pattern.h"
#include "silent.h"
#include "talker.h"

enum {
    EXIT_USAGE = 2,
    EXIT_SKIP = 77, /* this system does not allow so many descriptors */
    MAX_SITES = 8,
    MAX_SIZES = 16,
    MAX_CLIENTS = 60000,
    PATIENCE_MS = 10000, /* for any answer at all */
    RUN_LIMIT_S = 300,
    OTHER_DESCRIPTORS = 32
};

/* A server, those who talk to it, and what it has cost. */
struct site {
    int port;
    pid_t pid; /* 0: not told */
    struct talk talk;
    struct talker *talkers;
    struct silent silent;
    struct histogram took_ns;
    unsigned long nbegan, nended; /* round trips that count */
    double cpu_us, wall_us;
    long switches;
};

static struct site sites[MAX_SITES];
static size_t nsites;
static long nclients = 1, bytes = 64, depth = 1, sizes[MAX_SIZES], nsizes = 1;
static long measure_ms = 1000, warm_ms = 20, turn_ms = 20, nroundtrips;

/* ---- the servers' turns ---- */

/* The signal goes to all but the one whose turn it is. Called by a handler, too. */
static void signal_others(const struct site *turn, int signal_number)
{
    for (size_t i = 0; nsites > 1 && i < nsites; i++)
        if (&sites[i] != turn && sites[i].pid != 0)
            kill(sites[i].pid, signal_number);
}

static void wake_all(void)
{
    signal_others(NULL, SIGCONT);
}

static void wake_all_and_exit(int signal_number)
{
    static const char text[] = "load: this took too long\n";
    wake_all();
    if (signal_number == SIGALRM && write(STDERR_FILENO, text, sizeof text - 1) == -1)
        _exit(EXIT_FAILURE);
    _exit(EXIT_FAILURE);
}

static void begin_turn(struct site *site)
{
    signal_others(site, SIGSTOP);
    if (nsites > 1 && site->pid != 0)
        kill(site->pid, SIGCONT);
}

/* ---- one turn of one server ---- */

static bool may_say_more(const struct site *site, double now_us, double end_us)
{
    return nroundtrips > 0 ? site->nbegan < (unsigned long)nroundtrips : now_us < end_us;
}

static void say(struct site *site, struct talker *t, double now_us)
{
    site->nbegan++;
    talker_say(t, &site->talk, now_us);
}

static void listen_to_all(struct site *site, double end_us)
{
    const struct selector_event *ready;
    int nready = selector_select(site->talk.selector, PATIENCE_MS, &ready);
    if (nready == -1)
        die_errno("selector_select");
    if (nready == 0)
        die("port %d: no answer in %d s, %lu messages are under way", site->port,
            PATIENCE_MS / 1000, site->nbegan - site->nended);
    for (int i = 0; i < nready; i++) {
        struct talker *t = ready[i].key.data;
        size_t nwhole = talker_serve(t, &site->talk, ready[i].events);
        site->nended += nwhole;
        double now_us = nwhole > 0 ? clock_now_us() : 0;
        for (; nwhole > 0 && may_say_more(site, now_us, end_us); nwhole--)
            say(site, t, now_us);
    }
}

/* At the end of a turn nothing is under way: what the turn cost is known. */
static void play_turn(struct site *site, double length_ms)
{
    double start_us = clock_now_us(), end_us = start_us + length_ms * 1e3;
    double cpu_us = gauge_cpu_us(site->pid);
    for (long i = 0; i < nclients * depth; i++)
        if (may_say_more(site, start_us, end_us))
            say(site, &site->talkers[i % nclients], start_us);
    while (site->nended < site->nbegan)
        listen_to_all(site, end_us);
    site->cpu_us += gauge_cpu_us(site->pid) - cpu_us;
    site->wall_us += clock_now_us() - start_us;
}

/* ---- a measurement ---- */

/* Those who talk come evenly among the silent, so that no technique finds them at one end
   of what it looks through. */
static void gather(struct site *site, size_t nsilent)
{
    size_t before = site->silent.count, total = nsilent - before;
    begin_turn(site);
    for (size_t i = 0; i < (size_t)nclients; i++) {
        silent_grow(&site->silent, site->port, before + total * i / (size_t)nclients);
        talker_open(&site->talkers[i], &site->talk, site->port, i);
    }
    silent_grow(&site->silent, site->port, nsilent);
    if (nroundtrips == 0)
        play_turn(site, (double)warm_ms);
}

static void forget(struct site *site)
{
    memset(&site->took_ns, 0, sizeof site->took_ns);
    for (long i = 0; i < nclients; i++)
        site->talkers[i].nended = site->talkers[i].nbegan = 0;
    site->nbegan = site->nended = 0;
    site->cpu_us = site->wall_us = 0;
    site->switches = gauge_switches(site->pid);
}

static void measure(void)
{
    double turn = nsites > 1 ? (double)turn_ms : (double)measure_ms;
    double played_ms = 0;
    for (size_t i = 0; i < nsites; i++)
        forget(&sites[i]);
    do {
        for (size_t i = 0; i < nsites; i++) {
            begin_turn(&sites[i]);
            play_turn(&sites[i], turn);
        }
        played_ms += turn;
    } while (nroundtrips == 0 && played_ms < (double)measure_ms);
    for (size_t i = 0; i < nsites; i++)
        sites[i].switches = gauge_switches(sites[i].pid) - sites[i].switches;
}

/* ---- what is printed ---- */

/* How often the least served client was answered, against the mean of all. */
static double least_served(const struct site *site)
{
    unsigned long least = site->talkers[0].nended;
    for (long i = 1; i < nclients; i++)
        if (site->talkers[i].nended < least)
            least = site->talkers[i].nended;
    return (double)least * (double)nclients / (double)site->nended;
}

static void print_site(const struct site *site, double others)
{
    double count = (double)site->nended, seconds = site->wall_us / 1e6;
    printf("port=%d clients=%ld bytes=%ld depth=%ld silent=%zu at_limit=%d", site->port,
           nclients, bytes, depth, site->silent.count, site->silent.at_limit);
    printf(" seconds=%.3f roundtrips=%.0f per_s=%.0f mb_s=%.1f", seconds, count,
           count / seconds, count * (double)bytes / seconds / 1e6);
    printf(" p50_us=%.1f p99_us=%.1f p999_us=%.1f max_us=%.1f least=%.3f",
           histogram_value(&site->took_ns, 0.5) / 1e3,
           histogram_value(&site->took_ns, 0.99) / 1e3,
           histogram_value(&site->took_ns, 0.999) / 1e3,
           histogram_value(&site->took_ns, 1) / 1e3, least_served(site));
    if (site->pid != 0 && gauge_cpu_us(site->pid) >= 0)
        printf(" cpu_us=%.3f cpu_percent=%.2f", site->cpu_us / count,
               site->cpu_us / site->wall_us * 100);
    if (site->pid != 0 && gauge_memory_kib(site->pid) >= 0)
        printf(" switches=%.3f rss_kib=%ld", (double)site->switches / count,
               gauge_memory_kib(site->pid));
    if (gauge_machine_us() >= 0)
        printf(" others=%.2f", others);
    putchar('\n');
    fflush(stdout);
}

/* CPU time of others than these servers and this program, in microseconds. */
static double others_us(void)
{
    double used_us = gauge_machine_us() - gauge_own_us();
    for (size_t i = 0; i < nsites; i++)
        if (sites[i].pid != 0)
            used_us -= gauge_cpu_us(sites[i].pid);
    return used_us;
}

static void play(size_t nsilent)
{
    for (size_t i = 0; i < nsites; i++)
        gather(&sites[i], nsilent);
    double start_us = clock_now_us(), others = others_us();
    measure();
    others = (others_us() - others) / (clock_now_us() - start_us);
    for (size_t i = 0; i < nsites; i++) {
        silent_must_be_quiet(&sites[i].silent);
        print_site(&sites[i], others > 0 ? others : 0);
        for (long j = 0; j < nclients; j++)
            talker_close(&sites[i].talkers[j], &sites[i].talk);
    }
}

/* ---- the command line ---- */

static void print_usage(FILE *out)
{
    fprintf(out, "usage: load [-c CLIENTS] [-b BYTES] [-d DEPTH] [-i SILENT,...] [-t MS] "
                 "[-n COUNT]\n            [-w MS] [-r MS] {-p PORT [-s PID]}...\n");
}

static void print_help(void)
{
    print_usage(stdout);
    puts(
        "  -p PORT     a server on 127.0.0.1; several play in turns\n"
        "  -s PID      its process: without it nothing is known of its cost\n"
        "  -c CLIENTS  how many talk at once (1)\n"
        "  -b BYTES    in a message (64)\n"
        "  -d DEPTH    messages that a client has under way (1)\n"
        "  -i SILENT   how many clients are silent beside them; a list is played in a "
        "row\n"
        "  -t MS       how long a server is measured (1000)\n"
        "  -n COUNT    measure so many round trips, however long they take\n"
        "  -w MS       warm up before (20)\n"
        "  -r MS       the length of a turn (20)\n"
        "\n"
        "roundtrips, per_s, mb_s     messages that came back, in a second, and MB a "
        "second\n"
        "p50_us, p99_us, p999_us     how long half, 99 and 99.9 % of them took at most\n"
        "least                       answers of the least served client, against the "
        "mean\n"
        "silent, at_limit            who is silent; 1 if the server did not serve "
        "another\n"
        "cpu_us, switches            a round trip's CPU time and context switches\n"
        "cpu_percent, rss_kib        of one core; the server's resident memory\n"
        "others                      processors that other programs kept busy meanwhile");
}

static _Noreturn void bad_option(int letter, const char *value, const char *wanted)
{
    warn("-%c: '%s' is not %s", letter, value, wanted);
    print_usage(stderr);
    exit(EXIT_USAGE);
}

static long number(int letter, const char *text, long least, long most)
{
    long value = options_number(text, least, most);
    if (value == -1) {
        char wanted[80];
        snprintf(wanted, sizeof wanted, "a whole number from %ld to %ld", least, most);
        bad_option(letter, text, wanted);
    }
    return value;
}

static void read_sizes(char *text)
{
    nsizes = 0;
    for (char *size = strtok(text, ","); size != NULL; size = strtok(NULL, ",")) {
        if (nsizes == MAX_SIZES)
            bad_option('i', size, "one of 16 numbers at most");
        sizes[nsizes] = number('i', size, 0, MAX_CLIENTS);
        if (nsizes > 0 && sizes[nsizes] < sizes[nsizes - 1])
            bad_option('i', size, "more than the number before it");
        nsizes++;
    }
    if (nsizes == 0)
        bad_option('i', "", "a list of numbers");
}

static void add_site(const char *port)
{
    if (nsites == MAX_SITES)
        bad_option('p', port, "one of 8 servers at most");
    sites[nsites++].port = (int)number('p', port, 1, 65535);
}

static void set_pid(const char *pid)
{
    long value = number('s', pid, 1, 999999999);
    if (nsites == 0)
        bad_option('s', pid, "after a -p");
    if (kill((pid_t)value, 0) == -1)
        bad_option('s', pid, "a process of yours");
    sites[nsites - 1].pid = (pid_t)value;
}

static void set_option(int letter, char *value)
{
    switch (letter) {
    case 'p':
        add_site(value);
        break;
    case 's':
        set_pid(value);
        break;
    case 'i':
        read_sizes(value);
        break;
    case 'c':
        nclients = number('c', value, 1, MAX_CLIENTS);
        break;
    case 'b':
        bytes = number('b', value, 1, TALKER_MAX_BYTES);
        break;
    case 'd':
        depth = number('d', value, 1, TALKER_MAX_DEPTH);
        break;
    case 'n':
        nroundtrips = number('n', value, 1, 100000000);
        break;
    default:
        *(letter == 't'   ? &measure_ms
          : letter == 'w' ? &warm_ms
                          : &turn_ms) = number(letter, value, 1, 60000);
    }
}

static void read_options(int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "p:s:c:b:d:i:t:n:w:r:h")) != -1) {
        if (letter == 'h') {
            print_help();
            exit(EXIT_SUCCESS);
        }
        if (letter == '?') {
            print_usage(stderr);
            exit(EXIT_USAGE);
        }
        set_option(letter, optarg);
    }
    if (optind < argc || nsites == 0) {
        warn(optind < argc ? "'%s': unexpected argument" : "there is no -p PORT",
             argv[optind]);
        print_usage(stderr);
        exit(EXIT_USAGE);
    }
}

static void allow_descriptors(void)
{
    struct rlimit limit;
    long wanted = (nclients + sizes[nsizes - 1]) * (long)nsites + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die_errno("descriptors");
    if (limit.rlim_cur < (rlim_t)wanted && limit.rlim_cur != RLIM_INFINITY) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < (rlim_t)wanted) {
        warn("this needs %ld descriptors, %ld are allowed", wanted, (long)limit.rlim_cur);
        exit(EXIT_SKIP);
    }
}

static void init_site(struct site *site)
{
    site->talkers = calloc((size_t)nclients, sizeof *site->talkers);
    site->talk.selector = selector_open(NULL);
    if (site->talkers == NULL || site->talk.selector == NULL)
        die_errno("%ld clients", nclients);
    site->talk.bytes = (size_t)bytes;
    site->talk.took_ns = &site->took_ns;
}

int main(int argc, char **argv)
{
    die_set_program(argv[0]);
    read_options(argc, argv);
    allow_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, wake_all_and_exit);
    signal(SIGINT, wake_all_and_exit);
    signal(SIGTERM, wake_all_and_exit);
    atexit(wake_all);
    alarm(RUN_LIMIT_S);
    pattern_init();
    for (size_t i = 0; i < nsites; i++)
        init_site(&sites[i]);
    for (long i = 0; i < nsizes; i++)
        play((size_t)sizes[i]);
    for (size_t i = 0; i < nsites; i++)
        silent_close(&sites[i].silent);
    return EXIT_SUCCESS;
}
