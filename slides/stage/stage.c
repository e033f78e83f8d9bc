/*
 * stage: plays scenes against all servers at once, and shows what happens.
 *
 *     slides/stage/stage                 all scenes, in the terminal
 *     slides/stage/stage silent idle     these
 *     slides/stage/stage -w              as a page, played from the browser
 *     slides/stage/stage -r show.html    as a page that needs no server
 *     slides/stage/stage -j silent       the events, a JSON object a line
 *
 * One event loop holds everything: the servers' words, their clients, and the viewers of
 * the page. Runs from the root of the tree.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../06-selectors-style/apps/timers.h"
#include "../../06-selectors-style/selector_option.h"
#include "../../common/die.h"
#include "../../common/options.h"
#include "../../common/stop.h"
#include "play.h"
#include "record.h"
#include "repertoire.h"
#include "report.h"
#include "terminal.h"
#include "web.h"

#define PAGE "slides/stage/page"

enum { EXIT_USAGE = 2, DEFAULT_PORT = 9080, MAX_YOURS = 900 };

static struct {
    bool checks, json, lists, web;
    int port;
    const char *report, *yours;
} options = {.port = DEFAULT_PORT};

static struct selector *selector;
static struct source stop_source = {.kind = SOURCE_STOP};

/* ---- showing ---- */

static void print_json(void)
{
    static struct record_place place;
    const char *event;
    size_t size;
    while ((event = record_next(&place, &size)) != NULL)
        printf("%.*s\n", (int)size, event);
    fflush(stdout);
}

static void show(void)
{
    if (options.web)
        web_settle();
    else if (options.json)
        print_json();
    else
        terminal_show();
    if (ferror(stdout) && !stop_requested())
        raise(SIGTERM); /* nobody can see it: what is left over need not be played */
}

/* ---- the loop ---- */

static int timeout_ms(void)
{
    long long shortest_ms = timers_sooner(play_timeout_ms(), -1);
    if (options.web)
        shortest_ms = timers_sooner(shortest_ms, web_timeout_ms());
    else if (!options.json)
        shortest_ms = timers_sooner(shortest_ms, terminal_timeout_ms());
    return (int)shortest_ms;
}

static void serve(const struct selector_event *event)
{
    struct source *source = event->key.data;
    if (source->kind == SOURCE_LISTENER || source->kind == SOURCE_VIEWER)
        web_serve(source, event->events);
    else if (source->kind != SOURCE_STOP)
        play_serve(source, event->events);
}

static void wait_once(void)
{
    const struct selector_event *ready;
    int count = selector_select(selector, timeout_ms(), &ready);
    if (count == -1)
        count = die_unless_retry(selector_wait_call(selector));
    for (int i = 0; i < count; i++)
        serve(&ready[i]);
    play_go_on();
    show();
}

/* ---- without viewers ---- */

static size_t play_scenes(const char *const *names)
{
    size_t nfailures = 0;
    for (; *names != NULL && !stop_requested(); names++) {
        play_begin(selector, *names, options.yours);
        show();
        while (play_is_on() && !stop_requested())
            wait_once();
        if (play_is_on())
            play_break_off("broken off");
        show();
        nfailures += play_failures();
        if (options.report != NULL)
            report_add();
    }
    return nfailures;
}

/* ---- with viewers ---- */

static void grant(enum web_wish wish, const char *name)
{
    if (wish == WEB_PLAY && !play_is_on())
        play_begin(selector, name, options.yours);
    if (wish == WEB_STOP)
        play_break_off("a viewer has stopped it");
}

static void play_for_viewers(const char *const *names)
{
    char name[64];
    int port = web_open(selector, options.port, PAGE, repertoire_json(), names);
    printf("The stage is at http://127.0.0.1:%d/ and ends with Ctrl-C.\n", port);
    fflush(stdout);
    while (!stop_requested()) {
        enum web_wish wish = web_next_wish(name, sizeof name);
        grant(wish, name);
        web_set_playing(play_is_on());
        if (wish == WEB_NOTHING)
            wait_once();
    }
    play_break_off("the stage has ended");
    web_close();
}

/* ---- the command line ---- */

static _Noreturn void usage(FILE *to)
{
    fputs("usage: stage [-chjlw] [-p PORT] [-r FILE] [-s COMMAND] [SCENE]...\n"
          "  -c           status 1 if anything did not come out as a scene expects\n"
          "  -h           this help\n"
          "  -j           the events, a JSON object a line\n"
          "  -l           the names of the scenes\n"
          "  -p PORT      where the page is served: 9080, 0 for any free one\n"
          "  -r FILE      write a page that needs no server\n"
          "  -s COMMAND   a server of yours beside the others: './my_server -p {port}'\n"
          "  -w           serve the page, and play what the viewers choose\n",
          to);
    exit(to == stdout ? EXIT_SUCCESS : EXIT_USAGE);
}

static void list_scenes(const char *const *names)
{
    for (; *names != NULL; names++)
        printf("%s\n", *names);
    exit(EXIT_SUCCESS);
}

static void read_options(int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "chjlp:r:s:w")) != -1) {
        if (letter == 'h' || letter == '?')
            usage(letter == 'h' ? stdout : stderr);
        options.lists = options.lists || letter == 'l';
        if (letter == 'p')
            options.port = (int)options_number(optarg, 0, 65535);
        if (options.port == -1) {
            warn("-p: a port is a number from 0 to 65535, not '%s'", optarg);
            exit(EXIT_USAGE);
        }
        if (letter == 'r')
            options.report = optarg;
        if (letter == 's' && strlen(optarg) > MAX_YOURS) {
            warn("-s: a command of over %d bytes", MAX_YOURS);
            exit(EXIT_USAGE);
        }
        if (letter == 's' && *optarg != '\0')
            options.yours = optarg;
        options.checks = options.checks || letter == 'c';
        options.json = options.json || letter == 'j';
        options.web = options.web || letter == 'w';
    }
    if (options.web && (options.json || options.report != NULL || optind < argc)) {
        warn("with -w the viewers choose: no scene, no -j and no -r");
        exit(EXIT_USAGE);
    }
}

/* Replaces all names by the chosen ones, if there are any. */
static void choose(const char *names[], int argc, char **argv)
{
    for (int i = optind; i < argc; i++) {
        size_t k = 0;
        while (names[k] != NULL && strcmp(names[k], argv[i]) != 0)
            k++;
        if (names[k] != NULL)
            continue;
        if (repertoire_has_file(argv[i])) /* what is wrong with it was said */
            exit(EXIT_USAGE);
        warn("no scene is called '%s'; there are:", argv[i]);
        for (k = 0; names[k] != NULL; k++)
            fprintf(stderr, "%s%s", k > 0 ? " " : "  ", names[k]);
        fputs("\n", stderr);
        exit(EXIT_USAGE);
    }
    if (optind == argc)
        return;
    for (int i = optind; i < argc && i - optind < REPERTOIRE_MAX; i++) {
        names[i - optind] = argv[i];
        names[i - optind + 1] = NULL;
    }
}

/* What was open when the stage began is not passed on: a server has its own descriptors,
   and these are counted. */
static void keep_descriptors(void)
{
    enum { LEAST = 3, MOST = 1023 };
    for (int fd = LEAST; fd <= MOST; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC); /* EBADF: there is none */
}

/* When the terminal is closed, the show ends as after Ctrl-C. */
static void stop_on_hangup(void)
{
    struct sigaction action;
    if (sigaction(SIGHUP, NULL, &action) == -1 || action.sa_handler == SIG_IGN)
        return; /* nohup(1) */
    if (sigaction(SIGTERM, NULL, &action) == 0)
        sigaction(SIGHUP, &action, NULL);
}

int main(int argc, char **argv)
{
    const char *names[REPERTOIRE_MAX + 1];
    size_t nfailures = 0;
    die_set_program(argv[0]);
    read_options(argc, argv);
    names[repertoire_read(names)] = NULL;
    if (options.lists)
        list_scenes(names);
    choose(names, argc, argv);
    keep_descriptors();
    stop_source.fd = stop_init();
    stop_on_hangup();
    signal(SIGCHLD,
           SIG_DFL); /* ignored, it would leave nothing to wait for: waitpid(2) */
    signal(SIGALRM, SIG_DFL); /* the servers' last end: see lane_start */
    selector = selector_option_open(NULL);
    if (selector_register(selector, stop_source.fd, EVENT_READ, &stop_source) == -1)
        die_errno("cannot wait for the stop signal");
    if (options.web)
        play_for_viewers(names);
    else
        nfailures = play_scenes(names);
    if (options.report != NULL)
        report_write(options.report, PAGE);
    terminal_close();
    record_close();
    repertoire_close();
    selector_close(selector);
    if (ferror(stdout))
        die("stdout cannot be written to");
    return options.checks && nfailures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
