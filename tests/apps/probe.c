/*
 * probe: plays crowds and bad company to the applications of lesson 06.
 *
 *     tests/apps/probe -p 8888 garbage chat 7 1000
 *     tests/apps/probe -p 8888 -s 4711 crowd 1000 2000
 *
 * Status 0: the server held; 1: it did not, and one line says what was expected, what was
 * seen, and where, seed and position included, so that it can be seen again; 2: wrong
 * arguments. Without arguments it lists what it can play.
 */
#include "probe.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../common/options.h"

enum { EXIT_USAGE = 2, MAX_TICKS = 100, MOST = 1 << 30 /* of anything */ };

const char *probe_port;
long probe_server_pid;
static uint64_t random_state;
static char where[160];

double probe_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void probe_at(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(where, sizeof where, format, arguments);
    va_end(arguments);
}

/* What came from a server may be any bytes: only ASCII is shown as it is. */
_Noreturn void probe_fail(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    fprintf(stderr, "probe: %s: %s\n", where, text);
    exit(EXIT_FAILURE);
}

void probe_seed(uint64_t seed)
{
    random_state = seed;
}

/* splitmix64 (Steele, Lea and Flood, 2014). */
uint64_t probe_below(uint64_t n)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % n;
}

static _Noreturn void usage(void)
{
    fputs(
        "usage: probe -p PORT [-s SERVER_PID] SUBCOMMAND, one of\n"
        "  cuts APP SEED            the same answers wherever TCP cuts a conversation\n"
        "                           (start chat, game and ticker with -l 256)\n"
        "  garbage APP SEED COUNT   each of COUNT bad lines or frames gets one answer\n"
        "  vanish APP SEED COUNT    COUNT clients vanish in mid-conversation\n"
        "  crowd CLIENTS MESSAGES   a crowd in a room of the chat hears every message\n"
        "  soak CLIENTS SECONDS KIB the same for so long; memory grows by KIB at most\n"
        "  drift MS INTERVALS       the ticker keeps its times, 100 intervals at most,\n"
        "                           though SERVER_PID is held up again and again\n"
        "APP is chat, game, ticker or binary.\n",
        stderr);
    exit(EXIT_USAGE);
}

static size_t number(const char *text, long least, long most)
{
    long value = options_number(text, least, most);
    if (value == -1)
        usage();
    return (size_t)value;
}

static const struct app *the_app(const char *name)
{
    const struct app *app = app_find(name);
    if (app == NULL)
        usage();
    return app;
}

static void run(int count, char **words)
{
    const char *name = count > 0 ? words[0] : "";
    probe_at("%s %s: at first", name, count > 1 ? words[1] : "");
    if (strcmp(name, "cuts") == 0 && count == 3)
        faults_cuts(the_app(words[1]), number(words[2], 0, MOST));
    else if (strcmp(name, "garbage") == 0 && count == 4)
        faults_garbage(the_app(words[1]), number(words[2], 0, MOST),
                       number(words[3], 1, MOST));
    else if (strcmp(name, "vanish") == 0 && count == 4)
        faults_vanish(the_app(words[1]), number(words[2], 0, MOST),
                      number(words[3], 1, MOST));
    else if (strcmp(name, "crowd") == 0 && count == 3)
        crowd_run(number(words[1], 1, MOST), number(words[2], 1, MOST), 0, 0);
    else if (strcmp(name, "soak") == 0 && count == 4)
        crowd_run(number(words[1], 1, MOST), 0, (long)number(words[2], 1, MOST),
                  (long)number(words[3], 0, MOST));
    else if (strcmp(name, "drift") == 0 && count == 3)
        drift_run(app_find("ticker"), (long)number(words[1], 1, MOST),
                  (long)number(words[2], 1, MAX_TICKS));
    else
        usage();
}

int main(int argc, char **argv)
{
    int option;
    struct rlimit limit;
    while ((option = getopt(argc, argv, "p:s:")) != -1)
        if (option == 'p' && options_number(optarg, 1, 65535) != -1)
            probe_port = optarg;
        else if (option == 's')
            probe_server_pid = (long)number(optarg, 1, MOST);
        else
            usage();
    if (probe_port == NULL)
        usage();
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
    alarm(PROBE_LIMIT_S);
    run(argc - optind, argv + optind);
    return EXIT_SUCCESS;
}
