/*
 * waits: what one wait costs when many descriptors are watched and one of them is ready.
 *
 *     tests/bench/waits poll                     1000 descriptors, for 300 ms
 *     tests/bench/waits -n 10000 epoll-edge      so many
 *     tests/bench/waits -k 5000 -t 1000 select   5000 waits or a second: what ends first
 *     tests/bench/waits -l                       lists the techniques
 *
 * Again and again one descriptor, chosen by chance, is made ready; the time is taken from
 * before the wait until that descriptor is found, and the descriptor is emptied. Prints
 * one line of key=value. The waits are cut into 20 batches: `us` is the median of their
 * means, in microseconds a wait and without what the clock costs (`clock_us`); `min_us`
 * and `max_us` are the least and the greatest mean. The table to compare with is 63-9 in
 * The Linux Programming Interface.
 *
 * Status 1: a wait found another descriptor, or something failed; 2: wrong arguments;
 * 77: so many descriptors do not fit here; above 128: a wait never came back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/epoll.h>
#endif

#include "../../06-selectors-style/selector.h"
#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/events.h"
#include "../../common/options.h"

enum {
    EXIT_USAGE = 2,
    EXIT_NO_ROOM = 77,
    NBATCHES = 20,
    NCLOCK_PAIRS = 1000,
    SPARE_FDS = 64, /* for what is open besides the watched ones */
    MOST_FDS = 1000000,
    MOST_WAITS = 100000000,
    MOST_MS = 60000,
    SET_UP_S = 20 /* more than opening the descriptors takes, and the warm-up */
};

/* How to wait. wait returns the descriptor that it found ready. */
struct technique {
    const char *name;
    void (*watch)(void);
    int (*wait)(void);
};

static long most_waits = 1000000, limit_ms = 300; /* -k, -t */

/* UDP sockets: one more sends to all of them, where pipes would need two for each. */
static struct {
    size_t size; /* -n */
    int *fds;
    struct sockaddr_in *addresses;
    int max_fd;
    int sender_fd;
} watched = {.size = 1000};

/* ---- how it ends before its time ---- */

static _Noreturn void exit_without_room(const char *why)
{
    warn("%zu descriptors do not fit: %s", watched.size, why);
    exit(EXIT_NO_ROOM);
}

/* For a call that has failed with errno. */
static _Noreturn void exit_for(const char *call)
{
    switch (errno) {
    case EADDRINUSE:    /* no port is left */
    case EADDRNOTAVAIL: /* the same on FreeBSD */
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC: /* the user's limit of epoll_ctl */
        exit_without_room(strerror(errno));
    default:
        die_errno("%s", call);
    }
}

static void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        exit_for("calloc");
    return memory;
}

static void must_be_one(int nready)
{
    if (nready == -1)
        die_errno("the wait");
    if (nready != 1)
        die("expected one descriptor to be ready, saw %d", nready);
}

/* ---- select ---- */

static void *select_set, *select_copy; /* what is watched, and what a wait overwrites */
static size_t select_size;             /* bytes of a set, up to the highest descriptor */

#if defined(__linux__)

/*
 * The kernel takes a set of any size; FD_SETSIZE is the C library's limit. FD_SET writes
 * past an fd_set beyond it, or ends the program where it is checked, so the bits are set
 * here by hand. That shows what select would cost with 10000 descriptors. No program
 * should rely on it: POSIX promises nothing of the kind, and lesson 03 refuses such
 * descriptors.
 */
enum { WORD_BITS = 8 * sizeof(unsigned long) };

static void make_sets(void)
{
    size_t nwords = (size_t)watched.max_fd / WORD_BITS + 1;
    select_size = nwords * sizeof(unsigned long);
    select_set = must_allocate(nwords, sizeof(unsigned long));
    select_copy = must_allocate(nwords, sizeof(unsigned long));
}

static void set_add(void *set, int fd)
{
    unsigned long *words = set;
    words[fd / WORD_BITS] |= 1ul << fd % WORD_BITS;
}

static bool set_has(const void *set, int fd)
{
    const unsigned long *words = set;
    return (words[fd / WORD_BITS] >> fd % WORD_BITS & 1) != 0;
}

#else

static void make_sets(void)
{
    if (watched.max_fd >= FD_SETSIZE)
        exit_without_room("select ends at FD_SETSIZE");
    select_size = sizeof(fd_set);
    select_set = must_allocate(1, sizeof(fd_set));
    select_copy = must_allocate(1, sizeof(fd_set));
    FD_ZERO((fd_set *)select_set);
}

static void set_add(void *set, int fd)
{
    FD_SET(fd, (fd_set *)set);
}

static bool set_has(const void *set, int fd)
{
    return FD_ISSET(fd, (const fd_set *)set) != 0;
}

#endif

static void watch_by_select(void)
{
    make_sets();
    for (size_t i = 0; i < watched.size; i++)
        set_add(select_set, watched.fds[i]);
}

/* The copy is part of the price: select overwrites the set with what is ready. */
static int wait_by_select(void)
{
    memcpy(select_copy, select_set, select_size);
    must_be_one(select(watched.max_fd + 1, select_copy, NULL, NULL, NULL));
    for (int fd = 0; fd <= watched.max_fd; fd++)
        if (set_has(select_copy, fd))
            return fd;
    return -1;
}

/* ---- poll ---- */

static struct pollfd *polls;

static void watch_by_poll(void)
{
    polls = must_allocate(watched.size, sizeof *polls);
    for (size_t i = 0; i < watched.size; i++)
        polls[i] = (struct pollfd){.fd = watched.fds[i], .events = POLLIN};
}

static int wait_by_poll(void)
{
    must_be_one(poll(polls, (nfds_t)watched.size, -1));
    for (size_t i = 0; i < watched.size; i++)
        if (polls[i].revents != 0)
            return polls[i].fd;
    return -1;
}

/* ---- epoll ---- */

#if defined(__linux__)

enum { EVENTS_SIZE = 256 }; /* as in lesson 05 */

static int epoll_fd;

static void watch_by_epoll_with(uint32_t events)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd == -1)
        exit_for("epoll_create1");
    for (size_t i = 0; i < watched.size; i++) {
        struct epoll_event event = {.events = events, .data.fd = watched.fds[i]};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watched.fds[i], &event) == -1)
            exit_for("epoll_ctl");
    }
}

static void watch_by_epoll(void)
{
    watch_by_epoll_with(EPOLLIN);
}

static void watch_by_epoll_edge(void)
{
    watch_by_epoll_with(EPOLLIN | EPOLLET);
}

static int wait_by_epoll(void)
{
    static struct epoll_event events[EVENTS_SIZE];
    must_be_one(epoll_wait(epoll_fd, events, EVENTS_SIZE, -1));
    return events[0].data.fd;
}

#endif

/* ---- the selector of lesson 06 ---- */

static const char *selector_backend; /* its name, once that is known to be one */
static struct selector *selector;

/* While "select" is open the limit on descriptors is lowered: the sockets are there
   before, and it is closed before exit, where a sanitizer opens files of its own. */
static void watch_by_selector(void)
{
    selector = selector_open(selector_backend);
    if (selector == NULL)
        exit_for("selector_open");
    for (size_t i = 0; i < watched.size; i++) {
        if (selector_register(selector, watched.fds[i], EVENT_READ, NULL) == 0)
            continue;
        if (errno != ERANGE)
            exit_for("selector_register");
        selector_close(selector);
        exit_without_room("the selector's select ends at FD_SETSIZE");
    }
}

static int wait_by_selector(void)
{
    const struct selector_event *ready;
    must_be_one(selector_select(selector, -1, &ready));
    return ready[0].key.fd;
}

/* ---- the techniques ---- */

static const struct technique techniques[] = {
    {"select", watch_by_select, wait_by_select},
    {"poll", watch_by_poll, wait_by_poll},
#if defined(__linux__)
    {"epoll", watch_by_epoll, wait_by_epoll},
    {"epoll-edge", watch_by_epoll_edge, wait_by_epoll},
#endif
};

enum { NTECHNIQUES = sizeof techniques / sizeof techniques[0] };

static const char selector_prefix[] = "selector-"; /* a backend's name follows */

static void list_techniques(void)
{
    for (size_t i = 0; i < NTECHNIQUES; i++)
        puts(techniques[i].name);
    for (size_t i = 0; selector_backend_name(i) != NULL; i++)
        printf("%s%s\n", selector_prefix, selector_backend_name(i));
}

/* NULL if there is none of this name. */
static const struct technique *find_technique(const char *name)
{
    static struct technique by_selector = {NULL, watch_by_selector, wait_by_selector};
    for (size_t i = 0; i < NTECHNIQUES; i++)
        if (strcmp(name, techniques[i].name) == 0)
            return &techniques[i];
    size_t skipped = sizeof selector_prefix - 1;
    if (strncmp(name, selector_prefix, skipped) != 0)
        return NULL;
    for (size_t i = 0; selector_backend_name(i) != NULL; i++)
        if (strcmp(name + skipped, selector_backend_name(i)) == 0)
            selector_backend = selector_backend_name(i);
    by_selector.name = name;
    return selector_backend != NULL ? &by_selector : NULL;
}

/* ---- the descriptors ---- */

/* As far as it is needed and allowed. Where that is too little, socket says so. */
static void raise_limit(void)
{
    struct rlimit limit;
    rlim_t wanted = watched.size + SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Any free port of the loopback address; stores it in *address. */
static int open_socket(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    *address = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_addr.s_addr = inet_addr("127.0.0.1")};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd == -1)
        exit_for("socket");
    if (bind(fd, (struct sockaddr *)address, size) == -1)
        exit_for("bind");
    if (getsockname(fd, (struct sockaddr *)address, &size) == -1)
        exit_for("getsockname");
    return fd;
}

/* Connected, a socket takes nothing from anyone but the sender. */
static void open_sockets(void)
{
    struct sockaddr_in sender;
    watched.fds = must_allocate(watched.size, sizeof *watched.fds);
    watched.addresses = must_allocate(watched.size, sizeof *watched.addresses);
    watched.sender_fd = open_socket(&sender);
    for (size_t i = 0; i < watched.size; i++) {
        int fd = open_socket(&watched.addresses[i]);
        if (connect(fd, (struct sockaddr *)&sender, sizeof sender) == -1)
            exit_for("connect");
        watched.fds[i] = fd;
        if (fd > watched.max_fd)
            watched.max_fd = fd;
    }
}

/* xorshift64: every run makes the same descriptors ready in the same order. */
static size_t choose(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % watched.size);
}

/* Returns a descriptor that has a byte to read. The loopback may deliver it later than
   sendto returns, and that is not to be measured. */
static int make_one_ready(void)
{
    size_t i = choose();
    struct pollfd one = {.fd = watched.fds[i], .events = POLLIN};
    if (sendto(watched.sender_fd, "x", 1, 0, (struct sockaddr *)&watched.addresses[i],
               sizeof watched.addresses[i]) != 1)
        die_errno("sendto");
    if (poll(&one, 1, -1) != 1)
        die_errno("poll");
    return one.fd;
}

static void empty(int fd)
{
    char bytes[2];
    if (recv(fd, bytes, sizeof bytes, 0) != 1)
        die_errno("recv");
}

/* ---- the measurement ---- */

static struct {
    long nwaits;               /* in the batches */
    double means_us[NBATCHES]; /* a wait, the clock included */
    double clock_us;           /* what a pair of readings costs, at its cheapest */
} measured;

static double mean_clock_us(void)
{
    double spent_us = 0;
    for (int i = 0; i < NCLOCK_PAIRS; i++) {
        double start_us = clock_now_us();
        spent_us += clock_now_us() - start_us;
    }
    return spent_us / NCLOCK_PAIRS;
}

/* Waits so many times, or until end_us, and once at least. Returns the mean. */
static double run_batch(const struct technique *technique, long most, double end_us)
{
    double spent_us = 0, now_us = 0;
    long nwaits = 0;
    while (nwaits == 0 || (nwaits < most && now_us < end_us)) {
        int expected_fd = make_one_ready();
        double start_us = clock_now_us();
        int fd = technique->wait();
        now_us = clock_now_us();
        spent_us += now_us - start_us;
        if (fd != expected_fd)
            die("%s: expected descriptor %d, saw %d", technique->name, expected_fd, fd);
        empty(fd);
        nwaits++;
    }
    measured.nwaits += nwaits;
    return spent_us / (double)nwaits;
}

/* The first batch warms up and counts for nothing. */
static void measure(const struct technique *technique)
{
    long most = most_waits / NBATCHES;
    double batch_us = (double)limit_ms * 1000 / NBATCHES;
    measured.clock_us = mean_clock_us();
    run_batch(technique, most, clock_now_us() + batch_us);
    measured.nwaits = 0;
    double start_us = clock_now_us();
    for (int i = 0; i < NBATCHES; i++) {
        measured.means_us[i] = run_batch(technique, most, start_us + (i + 1) * batch_us);
        double clock_us = mean_clock_us();
        if (clock_us < measured.clock_us)
            measured.clock_us = clock_us;
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void print_result(const struct technique *technique)
{
    double *means_us = measured.means_us;
    qsort(means_us, NBATCHES, sizeof means_us[0], compare);
    double median_us = (means_us[NBATCHES / 2 - 1] + means_us[NBATCHES / 2]) / 2;
    printf("technique=%s watched=%zu waits=%ld us=%.3f min_us=%.3f max_us=%.3f "
           "clock_us=%.3f\n",
           technique->name, watched.size, measured.nwaits, median_us - measured.clock_us,
           means_us[0] - measured.clock_us, means_us[NBATCHES - 1] - measured.clock_us,
           measured.clock_us);
}

/* ---- the command line ---- */

static void print_usage(FILE *to)
{
    fputs("usage: waits [-n DESCRIPTORS] [-k WAITS] [-t MS] TECHNIQUE | -l | -h\n", to);
}

static void print_help(void)
{
    print_usage(stdout);
    puts("  -n DESCRIPTORS  how many are watched (1000)\n"
         "  -k WAITS        how many waits at most, 20 or more (1000000)\n"
         "  -t MS           how long to go on at most (300)\n"
         "  -l              list the techniques\n"
         "  -h              this help");
}

static _Noreturn void exit_with_usage(void)
{
    print_usage(stderr);
    exit(EXIT_USAGE);
}

static long read_number(int letter, long least, long most)
{
    long number = options_number(optarg, least, most);
    if (number != -1)
        return number;
    warn("-%c: '%s' is not a whole number from %ld to %ld", letter, optarg, least, most);
    exit_with_usage();
}

static const struct technique *read_technique(int argc, char **argv)
{
    if (optind + 1 != argc) {
        warn(optind < argc ? "more than one technique" : "the technique is missing");
        exit_with_usage();
    }
    const struct technique *technique = find_technique(argv[optind]);
    if (technique != NULL)
        return technique;
    warn("there is no technique '%s': -l lists them", argv[optind]);
    exit_with_usage();
}

/* Returns the technique. -l and -h are answered here. */
static const struct technique *read_options(int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, ":n:k:t:lh")) != -1) {
        switch (letter) {
        case 'n':
            watched.size = (size_t)read_number(letter, 1, MOST_FDS);
            break;
        case 'k':
            most_waits = read_number(letter, NBATCHES, MOST_WAITS);
            break;
        case 't':
            limit_ms = read_number(letter, 1, MOST_MS);
            break;
        case 'l':
            list_techniques();
            exit(EXIT_SUCCESS);
        case 'h':
            print_help();
            exit(EXIT_SUCCESS);
        default:
            warn(letter == ':' ? "-%c: its value is missing"
                               : "-%c: there is no such option",
                 optopt);
            exit_with_usage();
        }
    }
    return read_technique(argc, argv);
}

int main(int argc, char **argv)
{
    die_set_program(argv[0]);
    const struct technique *technique = read_options(argc, argv);
    /* A wait that does not see what is ready never comes back: this ends the program. */
    alarm((unsigned)(SET_UP_S + 2 * limit_ms / 1000));
    raise_limit();
    open_sockets();
    technique->watch();
    measure(technique);
    selector_close(selector); /* NULL for the others */
    print_result(technique);
    return EXIT_SUCCESS;
}
