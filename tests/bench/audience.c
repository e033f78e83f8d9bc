/*
 * audience: a crowd that listens to a server of lesson 06, and what that costs.
 *
 *     tests/bench/audience -p 8888 -s 4711 chat 1000 2000
 *     tests/bench/audience -p 8888 -s 4711 -p 8889 -s 4712 -f 128 chat 1000 2000
 *     tests/bench/audience -p 9999 -s 4711 -t 100 ticker 5000 9
 *
 * The chat is a closed loop: the next message is said when all have heard the one before
 * (-w: when less than so many are under way). -f names the server before it a
 * floor_broadcast with lines of so many bytes. Several servers take turns. Each client
 * has to hear the same bytes as all others, and each message once; the rest of the
 * contract is for the tests. A line of key=value is printed for each server; -h explains
 * the keys.
 */
#include "audience.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../common/die.h"
#include "../../common/options.h"
#include "../../slides/stage/gauge.h"

enum {
    EXIT_USAGE = 2,
    EXIT_SKIP = 77, /* this system does not allow so many descriptors */
    MAX_CLIENTS = 60000,
    MAX_MESSAGES = 1000000,
    MAX_WINDOW = 1000,
    RUN_LIMIT_S = 120,
    OTHER_DESCRIPTORS = 32
};

static struct site sites[MAX_SITES];
static size_t nsites;
static long window = 1, interval_ms = 100;

static void print_usage(FILE *out)
{
    fputs("usage: audience {-p PORT [-s PID] [-f BYTES]}... [-w WINDOW] "
          "chat CLIENTS MESSAGES\n"
          "       audience -p PORT [-s PID] [-t MS] ticker CLIENTS SECONDS\n",
          out);
}

static void print_help(void)
{
    print_usage(stdout);
    puts("  -p PORT    a server on 127.0.0.1; several take turns\n"
         "  -s PID     its process: without it nothing is known of its cost\n"
         "  -f BYTES   it is floor_broadcast, with lines of so many bytes\n"
         "  -w WINDOW  messages under way at most (1)\n"
         "  -t MS      the ticker's interval (100); 100 ticks at most are looked at\n"
         "\n"
         "messages_s, deliveries_s  messages that all have heard, in a second; the same\n"
         "                          times the clients\n"
         "bytes                     of a message, as each client gets it\n"
         "cpu_us, switches          the server's for a message: CPU time, context "
         "switches\n"
         "own_us                    the CPU time of this program for a message\n"
         "ticks, skipped, missing   ticks that told something; times without a tick; "
         "ticks\n"
         "                          that nobody was told, though a price had changed\n"
         "server_late_max_ms        by the time that the server gives a tick: the "
         "largest\n"
         "                          distance from the schedule\n"
         "first_..., late_...       from the schedule to the first client's line, and "
         "to\n"
         "                          everybody's: ms\n"
         "cpu_percent               the server's, of one core");
}

static _Noreturn void exit_with_usage(void)
{
    print_usage(stderr);
    exit(EXIT_USAGE);
}

static long number(const char *text, long least, long most)
{
    long value = options_number(text, least, most);
    if (value != -1)
        return value;
    warn("'%s' is not a whole number from %ld to %ld", text, least, most);
    exit_with_usage();
}

static void set_option(int letter, char *value)
{
    struct site *last = nsites > 0 ? &sites[nsites - 1] : NULL;
    if (letter == 'p' && nsites < MAX_SITES)
        sites[nsites++].port = (int)number(value, 1, 65535);
    else if (letter == 's' && last != NULL)
        last->pid = (pid_t)number(value, 1, 999999999);
    else if (letter == 'f' && last != NULL)
        last->floor_bytes = (size_t)number(value, 1, 65536);
    else if (letter == 'w')
        window = number(value, 1, MAX_WINDOW);
    else if (letter == 't')
        interval_ms = number(value, 1, 60000);
    else
        exit_with_usage();
    if (letter == 's' && gauge_cpu_us(last->pid) < 0)
        die("-s %s: this system does not tell that process's CPU time", value);
}

static void allow_descriptors(long wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die_errno("descriptors");
    if (limit.rlim_cur < (rlim_t)wanted) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= (rlim_t)wanted)
        return;
    warn("this needs %ld descriptors, %ld are allowed", wanted, (long)limit.rlim_cur);
    exit(EXIT_SKIP);
}

int main(int argc, char **argv)
{
    int letter;
    die_set_program(argv[0]);
    while ((letter = getopt(argc, argv, "p:s:f:w:t:h")) != -1) {
        if (letter == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        set_option(letter, optarg);
    }
    if (argc - optind != 3 || nsites == 0)
        exit_with_usage();
    const char *what = argv[optind];
    long nclients = number(argv[optind + 1], 1, MAX_CLIENTS);
    allow_descriptors(nclients * (long)nsites + OTHER_DESCRIPTORS);
    signal(SIGPIPE, SIG_IGN);
    alarm(RUN_LIMIT_S);
    if (strcmp(what, "chat") == 0)
        chat_audience(sites, nsites, (size_t)nclients,
                      (size_t)number(argv[optind + 2], 1, MAX_MESSAGES), (size_t)window);
    else if (strcmp(what, "ticker") == 0 && nsites == 1)
        ticker_audience(sites, (size_t)nclients, number(argv[optind + 2], 1, 60),
                        interval_ms);
    else
        exit_with_usage();
    return EXIT_SUCCESS;
}
