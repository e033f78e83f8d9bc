/*
 * selector_probe: holds one backend of the selector to one point of its contract.
 *
 *     selector_probe BACKEND CHECK    status 0 if it holds; else 1, and on stderr what
 *                                     was expected and what was seen
 *     selector_probe -l               lists the backends compiled in, best first
 *     selector_probe -c               lists the checks
 *
 * Status 2 is a mistake on the command line.
 */
#define _XOPEN_SOURCE 700 /* setitimer */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../06-selectors-style/selector.h"
#include "../common/events.h"

enum {
    BOTH = EVENT_READ | EVENT_WRITE,
    HANGS_AFTER_S = 10,
    WANTED_LIMIT = 4096,
    AT_ONCE = 300, /* ready at once, more than any first size of an array */
    MANY = 900,    /* below FD_SETSIZE with room for the program's own */
    SET_SIZE = FD_SETSIZE
};

static const char *backend;
static bool failed;

/* ---- saying what was expected and what was seen ---- */

static void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", backend);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    failed = true;
}

static void expect(const char *what, long long expected, long long seen)
{
    if (seen != expected)
        complain("%s: expected %lld, saw %lld", what, expected, seen);
}

/* Call it with errno as the call left it. */
static void expect_failure(const char *what, bool has_failed, int expected)
{
    int error = errno;
    if (!has_failed)
        complain("%s: expected a failure (%s), saw success", what, strerror(expected));
    else if (error != expected)
        complain("%s: expected errno '%s', saw '%s'", what, strerror(expected),
                 strerror(error));
}

/* What the test itself needs, and what has nothing to do with the selector. */
static void need(bool worked, const char *what)
{
    if (worked)
        return;
    fprintf(stderr, "%s: the probe itself failed: %s: %s\n", backend, what,
            strerror(errno));
    exit(1);
}

/* ---- descriptors to wait for ---- */

struct pair {
    int mine, other;
};

static struct pair open_socketpair(void)
{
    int fds[2];
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
    return (struct pair){.mine = fds[0], .other = fds[1]};
}

/* mine reads, other writes. */
static struct pair open_pipe(void)
{
    int fds[2];
    need(pipe(fds) == 0, "pipe");
    return (struct pair){.mine = fds[0], .other = fds[1]};
}

static void make_readable(struct pair pair)
{
    need(write(pair.other, "x", 1) == 1, "write");
}

static void close_pair(struct pair pair)
{
    close(pair.mine);
    close(pair.other);
}

/* Writes until a write would block. */
static void fill(int fd)
{
    static const char bytes[4096];
    need(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    while (write(fd, bytes, sizeof bytes) > 0)
        ;
    while (write(fd, bytes, 1) > 0)
        ;
}

static int duplicate(int fd)
{
    int copy = dup(fd);
    need(copy != -1, "dup");
    return copy;
}

static long long now_us(void)
{
    struct timespec now;
    need(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;
    need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    return limit.rlim_cur;
}

/* As far as the hard limit allows. Returns what the soft limit is then. */
static rlim_t set_soft_limit(rlim_t wanted)
{
    struct rlimit limit;
    need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
    return limit.rlim_cur;
}

/* ---- using the selector ---- */

static void must_register(struct selector *s, int fd, unsigned events, void *data)
{
    need(selector_register(s, fd, events, data) == 0, "selector_register");
}

/* Looks, and expects one descriptor, ready for these events; 0 for none at all. */
static void expect_ready(struct selector *s, const char *what, int fd, unsigned events)
{
    const struct selector_event *ready;
    int nready = selector_select(s, 0, &ready);
    if (nready != (events != 0)) {
        complain("%s: expected %d ready, saw %d", what, events != 0, nready);
        return;
    }
    if (nready == 0)
        return;
    if (ready[0].key.fd != fd)
        complain("%s: expected descriptor %d, saw %d", what, fd, ready[0].key.fd);
    if (ready[0].events != events)
        complain("%s: expected events %u, saw %u", what, events, ready[0].events);
}

static size_t count_keys(const struct selector *s)
{
    size_t nkeys;
    selector_get_map(s, &nkeys);
    return nkeys;
}

/* A number of descriptors of the same file, registered with data that tells
   them apart. */
struct crowd {
    int count;
    int fds[MANY];
    int seen[MANY]; /* how often each was reported; the data points here */
};

static void register_crowd(struct selector *s, struct crowd *crowd, int fd, int count)
{
    crowd->count = count;
    for (int i = 0; i < count; i++) {
        crowd->fds[i] = duplicate(fd);
        crowd->seen[i] = 0;
        must_register(s, crowd->fds[i], EVENT_READ, &crowd->seen[i]);
    }
}

/* Looks once and counts whom it meets. Returns how many that were. */
static int look_at_crowd(struct selector *s, struct crowd *crowd)
{
    const struct selector_event *ready;
    int nready = selector_select(s, 0, &ready);
    for (int i = 0; i < nready; i++) {
        int *seen = ready[i].key.data;
        if (crowd->fds[seen - crowd->seen] != ready[i].key.fd)
            complain("descriptor %d came with another one's data", ready[i].key.fd);
        (*seen)++;
    }
    return nready;
}

static void close_crowd(const struct crowd *crowd)
{
    for (int i = 0; i < crowd->count; i++)
        close(crowd->fds[i]);
}

/* ---- the checks ---- */

static void register_twice(struct selector *s)
{
    struct pair pair = open_socketpair();
    int data = 0;
    must_register(s, pair.mine, EVENT_READ, &data);
    expect_failure("second register", selector_register(s, pair.mine, BOTH, NULL) == -1,
                   EEXIST);
    const struct selector_key *key = selector_get_key(s, pair.mine);
    expect("keys after it", 1, (long long)count_keys(s));
    expect("interest kept", EVENT_READ, key != NULL ? (long long)key->events : -1);
    expect("data kept", true, key != NULL && key->data == &data);
    close_pair(pair);
}

static void unknown_fd(struct selector *s)
{
    struct pair pair = open_socketpair();
    int fds[] = {pair.mine, pair.other, -1, 1 << 30};
    must_register(s, pair.other, EVENT_READ, NULL);
    need(selector_unregister(s, pair.other) == 0, "selector_unregister");
    for (int i = 0; i < 4; i++) {
        expect_failure("modify", selector_modify(s, fds[i], EVENT_READ, NULL) == -1,
                       ENOENT);
        expect_failure("unregister", selector_unregister(s, fds[i]) == -1, ENOENT);
        errno = 0;
        expect_failure("get_key", selector_get_key(s, fds[i]) == NULL, ENOENT);
    }
    close_pair(pair);
}

static void bad_events(struct selector *s)
{
    struct pair pair = open_socketpair();
    unsigned bad[] = {0, EVENT_EDGE, EVENT_END, EVENT_READ | EVENT_EDGE, 1u << 31};
    for (int i = 0; i < 5; i++)
        expect_failure("register", selector_register(s, pair.mine, bad[i], NULL) == -1,
                       EINVAL);
    expect("keys", 0, (long long)count_keys(s));
    must_register(s, pair.mine, EVENT_WRITE, NULL);
    for (int i = 0; i < 5; i++)
        expect_failure("modify", selector_modify(s, pair.mine, bad[i], NULL) == -1,
                       EINVAL);
    expect_ready(s, "after the failures", pair.mine, EVENT_WRITE);
    close_pair(pair);
}

static void bad_fd(struct selector *s)
{
    expect_failure("register -1", selector_register(s, -1, EVENT_READ, NULL) == -1,
                   EBADF);
    expect_failure("register a number that is not open",
                   selector_register(s, 1000000, EVENT_READ, NULL) == -1, EBADF);
    expect("keys", 0, (long long)count_keys(s));
}

static void unknown_backend(struct selector *s)
{
    const char *bad[] = {"", "none", "Poll", "pol", "polls"};
    for (int i = 0; i < 5; i++) {
        errno = 0;
        struct selector *none = selector_open(bad[i]);
        expect_failure(bad[i], none == NULL, EINVAL);
        selector_close(none);
    }
    expect("selector_name is the name asked for", 0, strcmp(selector_name(s), backend));
    struct selector *best = selector_open(NULL);
    need(best != NULL, "selector_open(NULL)");
    expect("NULL opens the first of the list", 0,
           strcmp(selector_name(best), selector_backend_name(0)));
    selector_close(best);
}

static void only_interest(struct selector *s)
{
    struct pair pair = open_socketpair();
    make_readable(pair);
    must_register(s, pair.mine, EVENT_READ, NULL);
    expect_ready(s, "ready for both, asked for reading", pair.mine, EVENT_READ);
    selector_modify(s, pair.mine, EVENT_WRITE, NULL);
    expect_ready(s, "ready for both, asked for writing", pair.mine, EVENT_WRITE);
    fill(pair.mine);
    selector_modify(s, pair.mine, EVENT_READ | EVENT_WRITE, NULL);
    expect_ready(s, "ready to be read alone, asked for both", pair.mine, EVENT_READ);
    selector_modify(s, pair.mine, EVENT_WRITE, NULL);
    close(pair.other);
    expect_ready(s, "the peer left, asked for writing", pair.mine, EVENT_WRITE);
    close(pair.mine);
}

/* On Linux poll says HUP alone of a pipe without writer, and ERR alone of a full one
   without reader. */
static void hangup(struct selector *s)
{
    struct pair no_writer = open_pipe(), no_reader = open_pipe();
    must_register(s, no_writer.mine, EVENT_READ, NULL);
    expect_ready(s, "an empty pipe", no_writer.mine, 0);
    close(no_writer.other);
    expect_ready(s, "a pipe without writer", no_writer.mine, EVENT_READ);
    selector_unregister(s, no_writer.mine);

    fill(no_reader.other);
    must_register(s, no_reader.other, EVENT_WRITE, NULL);
    expect_ready(s, "a full pipe", no_reader.other, 0);
    close(no_reader.mine);
    expect_ready(s, "a full pipe without reader", no_reader.other, EVENT_WRITE);
    close(no_writer.mine);
    close(no_reader.other);
}

static void once(struct selector *s)
{
    struct pair pairs[3];
    for (int i = 0; i < 3; i++) {
        pairs[i] = open_socketpair();
        make_readable(pairs[i]);
        must_register(s, pairs[i].mine, BOTH, NULL);
    }
    for (int round = 0; round < 3; round++) {
        const struct selector_event *ready;
        int nready = selector_select(s, 0, &ready);
        expect("three descriptors, each ready for both", 3, nready);
        for (int i = 0; i < nready; i++)
            expect("events", BOTH, ready[i].events);
    }
    for (int i = 0; i < 3; i++)
        close_pair(pairs[i]);
}

static volatile sig_atomic_t nsignals;

/* Repeats, because a signal may come before the wait begins; ends, if the wait
   does not. */
static void count_signal(int signal)
{
    static const char text[] = "an interrupted wait: expected to return, saw it go on\n";
    (void)signal;
    if (++nsignals < 100)
        return;
    if (write(STDERR_FILENO, text, sizeof text - 1) != -1)
        _exit(1);
    _exit(1);
}

static void interrupted(struct selector *s)
{
    struct pair pair = open_socketpair();
    struct sigaction action = {.sa_handler = count_signal}; /* without SA_RESTART */
    struct itimerval every_20_ms = {.it_interval.tv_usec = 20000,
                                    .it_value.tv_usec = 20000};
    struct itimerval off = {.it_value.tv_usec = 0};
    must_register(s, pair.mine, EVENT_READ, NULL);
    need(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
    need(setitimer(ITIMER_REAL, &every_20_ms, NULL) == 0, "setitimer");
    const struct selector_event *ready;
    int nready = selector_select(s, -1, &ready);
    setitimer(ITIMER_REAL, &off, NULL);
    expect("ready after a signal", 0, nready);
    expect("a signal came", true, nsignals > 0);
    close_pair(pair);
}

static void timeout_zero(struct selector *s)
{
    struct pair pair = open_socketpair();
    must_register(s, pair.mine, EVENT_READ, NULL);
    long long start_us = now_us();
    for (int i = 0; i < 10; i++)
        expect_ready(s, "nothing there", pair.mine, 0);
    long long took_ms = (now_us() - start_us) / 1000;
    if (took_ms >= 500)
        complain("ten looks: expected no waiting, saw %lld ms", took_ms);
    close_pair(pair);
}

static void timeout_kept(struct selector *s)
{
    struct pair pair = open_socketpair();
    must_register(s, pair.mine, EVENT_READ, NULL);
    /* Two are the same: what a wait used up. */
    const int timeouts_ms[] = {1, 7, 50, 50, 1000};
    for (int i = 0; i < 5; i++) {
        const struct selector_event *ready;
        long long start_us = now_us();
        expect("ready", 0, selector_select(s, timeouts_ms[i], &ready));
        long long took_us = now_us() - start_us;
        if (took_us < timeouts_ms[i] * 1000LL)
            complain("a timeout of %d ms: it returned after %lld us", timeouts_ms[i],
                     took_us);
        if (took_us > 5000000)
            complain("a timeout of %d ms: it took %lld us", timeouts_ms[i], took_us);
    }
    close_pair(pair);
}

static void no_limit(struct selector *s)
{
    struct pair pair = open_socketpair();
    make_readable(pair);
    must_register(s, pair.mine, EVENT_READ, NULL);
    const struct selector_event *ready;
    expect("a wait of -1 ms", 1, selector_select(s, -1, &ready));
    expect("a wait of -2 ms", 1, selector_select(s, -2, &ready));
    close_pair(pair);
}

static void data_comes_back(struct selector *s)
{
    struct pair pairs[3];
    int data[3];
    for (int i = 0; i < 3; i++) {
        pairs[i] = open_socketpair();
        make_readable(pairs[i]);
        must_register(s, pairs[i].mine, EVENT_READ, &data[i]);
    }
    const struct selector_event *ready;
    int nready = selector_select(s, 0, &ready);
    expect("ready", 3, nready);
    for (int i = 0; i < nready; i++)
        for (int j = 0; j < 3; j++)
            if (ready[i].key.fd == pairs[j].mine && ready[i].key.data != &data[j])
                complain("descriptor %d came without its data", ready[i].key.fd);
    for (int i = 0; i < 3; i++)
        close_pair(pairs[i]);
}

static void modify_changes(struct selector *s)
{
    struct pair pair = open_socketpair();
    int first = 0, second = 0;
    must_register(s, pair.mine, EVENT_READ, &first);
    expect_ready(s, "asked for reading", pair.mine, 0);
    expect("modify", 0, selector_modify(s, pair.mine, BOTH, &first));
    expect_ready(s, "asked for both", pair.mine, EVENT_WRITE);
    expect("modify the data alone", 0, selector_modify(s, pair.mine, BOTH, &second));
    const struct selector_event *ready;
    if (selector_select(s, 0, &ready) != 1 || ready[0].key.data != &second)
        complain("modify: expected the new data, saw none or the old");
    expect("modify", 0, selector_modify(s, pair.mine, EVENT_READ, &second));
    expect_ready(s, "asked for reading again", pair.mine, 0);
    const struct selector_key *key = selector_get_key(s, pair.mine);
    expect("the key's interest", EVENT_READ, key != NULL ? (long long)key->events : -1);
    close_pair(pair);
}

static void room_for_all(struct selector *s)
{
    static struct crowd crowd;
    struct pair pair = open_pipe();
    register_crowd(s, &crowd, pair.mine, AT_ONCE);
    make_readable(pair);
    expect("reported in one call", AT_ONCE, look_at_crowd(s, &crowd));
    for (int i = 0; i < AT_ONCE; i++)
        expect("times that each was reported", 1, crowd.seen[i]);
    close_crowd(&crowd);
    close_pair(pair);
}

/* Handlers accept and register while the batch is read. */
static void outlives_register(struct selector *s)
{
    static struct crowd crowd;
    struct pair first = open_socketpair(), second = open_socketpair();
    struct pair pipe_pair = open_pipe();
    make_readable(first);
    make_readable(second);
    must_register(s, first.mine, EVENT_READ, &first);
    must_register(s, second.mine, EVENT_READ, &second);
    const struct selector_event *ready;
    expect("ready", 2, selector_select(s, 0, &ready));
    struct selector_event before[2];
    memcpy(before, ready, sizeof before);
    register_crowd(s, &crowd, pipe_pair.mine, AT_ONCE);
    for (int i = 0; i < 2; i++)
        if (ready[i].key.fd != before[i].key.fd ||
            ready[i].key.data != before[i].key.data || ready[i].events != EVENT_READ)
            complain("entry %d of a batch changed while others were registered", i);
    expect("ready beside a crowd", 2, selector_select(s, 0, &ready));
    close_crowd(&crowd);
    close_pair(first);
    close_pair(second);
    close_pair(pipe_pair);
}

static void map_lists_all(struct selector *s)
{
    static struct crowd crowd;
    struct pair pair = open_pipe();
    size_t nkeys;
    selector_get_map(s, &nkeys);
    expect("keys at first", 0, (long long)nkeys);
    register_crowd(s, &crowd, pair.mine, AT_ONCE);
    const struct selector_key *keys = selector_get_map(s, &nkeys);
    expect("keys", AT_ONCE, (long long)nkeys);
    for (size_t i = 0; i < nkeys; i++)
        ++*(int *)keys[i].data;
    for (int i = 0; i < AT_ONCE; i++)
        expect("times that each is listed", 1, crowd.seen[i]);
    while (nkeys-- > 0) /* going down from the end meets each key once */
        need(selector_unregister(s, keys[nkeys].fd) == 0, "selector_unregister");
    expect("keys at last", 0, (long long)count_keys(s));
    close_crowd(&crowd);
    close_pair(pair);
}

/* Ten, of which the middle four go; then three new ones take the places left at the end.
   Each has a pipe of its own, so that a mix-up shows. */
static void unregister_middle(struct selector *s)
{
    struct pair pairs[13];
    for (int i = 0; i < 13; i++)
        pairs[i] = open_pipe();
    for (int i = 0; i < 10; i++)
        must_register(s, pairs[i].mine, EVENT_READ, &pairs[i]);
    for (int i = 3; i < 7; i++)
        need(selector_unregister(s, pairs[i].mine) == 0, "selector_unregister");
    for (int i = 10; i < 13; i++)
        must_register(s, pairs[i].mine, EVENT_READ, &pairs[i]);
    for (int i = 0; i < 13; i++) {
        char byte;
        const struct selector_event *ready;
        bool kept = i < 3 || i >= 7;
        make_readable(pairs[i]);
        expect_ready(s, kept ? "one that was kept" : "one that is gone", pairs[i].mine,
                     kept ? EVENT_READ : 0);
        if (selector_select(s, 0, &ready) > 0 && ready[0].key.data != &pairs[i])
            complain("descriptor %d came with another one's data", pairs[i].mine);
        const struct selector_key *key = selector_get_key(s, pairs[i].mine);
        if ((key != NULL) != kept || (kept && key->data != &pairs[i]))
            complain("get_key is wrong for descriptor %d", pairs[i].mine);
        need(read(pairs[i].mine, &byte, 1) == 1, "read");
    }
    for (int i = 0; i < 13; i++)
        close_pair(pairs[i]);
}

/* epoll refuses /dev/null (EPERM) and a closed descriptor (EBADF). Where the system call
   succeeds, or there is none, this check has nothing to say. */
static void failed_call(struct selector *s)
{
    struct pair pair = open_socketpair();
    int data = 0, null_fd = open("/dev/null", O_RDONLY);
    need(null_fd != -1, "open /dev/null");
    if (selector_register(s, null_fd, EVENT_READ, NULL) == -1) {
        expect("keys after a failed register", 0, (long long)count_keys(s));
        expect("its key", true, selector_get_key(s, null_fd) == NULL);
    } else {
        selector_unregister(s, null_fd);
    }
    int fd = duplicate(pair.mine);
    must_register(s, fd, EVENT_READ, &data);
    close(fd);
    if (selector_modify(s, fd, BOTH, NULL) == -1) {
        const struct selector_key *key = selector_get_key(s, fd);
        if (key == NULL || key->events != EVENT_READ || key->data != &data)
            complain("a failed modify: expected the key as before, saw it changed");
    }
    selector_unregister(s, fd);
    must_register(s, pair.mine, EVENT_WRITE, NULL);
    expect_ready(s, "with the failures over", pair.mine, EVENT_WRITE);
    close(null_fd);
    close_pair(pair);
}

/* The file behind the first number stays open and readable, through a duplicate. */
static void number_reused(struct selector *s)
{
    struct pair old = open_pipe(), new = open_pipe();
    int data = 0, fd = duplicate(old.mine);
    make_readable(old);
    must_register(s, fd, EVENT_READ, NULL);
    expect_ready(s, "the old file", fd, EVENT_READ);
    need(selector_unregister(s, fd) == 0, "selector_unregister");
    close(fd);
    need(dup2(new.mine, fd) == fd, "dup2");
    must_register(s, fd, EVENT_READ, &data);
    expect_ready(s, "the new file under the old number", fd, 0);
    make_readable(new);
    expect_ready(s, "the new file, readable", fd, EVENT_READ);
    close(fd);
    close_pair(old);
    close_pair(new);
}

/* A caller's mistake: closed before it was unregistered, while a duplicate keeps the
   file open. epoll goes on to report the number. Nobody is told, and who has the number
   next is told of nothing but what it waits for. */
static void closed_first(struct selector *s)
{
    struct pair old = open_pipe(), new = open_socketpair();
    int fd = duplicate(old.mine);
    make_readable(old);
    must_register(s, fd, EVENT_READ, NULL);
    close(fd);
    selector_unregister(s, fd);
    expect_ready(s, "a number that nobody has", -1, 0);
    fill(new.mine);
    need(dup2(new.mine, fd) == fd, "dup2");
    must_register(s, fd, EVENT_WRITE, NULL);
    expect_ready(s, "its next owner, who cannot write", -1, 0);
    close(fd);
    close_pair(old);
    close_pair(new);
}

/* Which calls report whom is the backend's affair, as long as a few meet all. */
static void many_descriptors(struct selector *s)
{
    static struct crowd crowd;
    struct pair busy = open_socketpair(), pair = open_pipe();
    register_crowd(s, &crowd, pair.mine, MANY);
    must_register(s, busy.mine, EVENT_READ, NULL);
    expect_ready(s, "all silent", -1, 0);
    make_readable(busy);
    expect_ready(s, "all silent but one", busy.mine, EVENT_READ);
    selector_unregister(s, busy.mine);
    make_readable(pair);
    for (int call = 0; call < 4; call++)
        look_at_crowd(s, &crowd);
    for (int i = 0; i < MANY; i++)
        if (crowd.seen[i] == 0)
            complain("descriptor %d: not reported in four calls", crowd.fds[i]);
    for (int i = 0; i < MANY; i += 2)
        need(selector_unregister(s, crowd.fds[i]) == 0, "selector_unregister");
    expect("keys left", MANY / 2, (long long)count_keys(s));
    close_crowd(&crowd);
    close_pair(busy);
    close_pair(pair);
}

static bool is_select(void)
{
    return strcmp(backend, "select") == 0;
}

/* Such a number is there in spite of the lowered limit if someone raises the limit. */
static void beyond_set(struct selector *s)
{
    struct pair pair = open_pipe();
    make_readable(pair);
    if (set_soft_limit(WANTED_LIMIT) <= SET_SIZE) {
        close_pair(pair);
        return; /* no such number can be had here */
    }
    need(dup2(pair.mine, SET_SIZE) == SET_SIZE, "dup2");
    int result = selector_register(s, SET_SIZE, EVENT_READ, NULL);
    if (is_select()) {
        expect_failure("register FD_SETSIZE", result == -1, ERANGE);
        expect("keys", 0, (long long)count_keys(s));
        expect_ready(s, "after the refusal", -1, 0);
    } else {
        expect("register FD_SETSIZE", 0, result);
        expect_ready(s, "descriptor FD_SETSIZE", SET_SIZE, EVENT_READ);
    }
    close(SET_SIZE);
    close_pair(pair);
}

/* A limit that was low enough stays, and so does one that is changed meanwhile. */
static void close_under(rlim_t at_open, rlim_t at_close)
{
    rlim_t expected = set_soft_limit(at_open);
    struct selector *another = selector_open(backend);
    need(another != NULL, "selector_open");
    if (at_close != at_open)
        expected = set_soft_limit(at_close);
    selector_close(another);
    expect("soft limit after close", (long long)expected, (long long)soft_limit());
}

static void limit_lowered(struct selector *s)
{
    (void)s;
    rlim_t before = set_soft_limit(WANTED_LIMIT);
    struct selector *another = selector_open(backend);
    need(another != NULL, "selector_open");
    bool lowers = is_select() && before > SET_SIZE;
    expect("soft limit while open", (long long)(lowers ? SET_SIZE : before),
           (long long)soft_limit());
    selector_close(another);
    expect("soft limit after close", (long long)before, (long long)soft_limit());
    close_under(SET_SIZE, SET_SIZE);
    close_under(before, 700);
}

/* What a selector opens for itself is closed in a program that is started from here. */
static void not_inherited(struct selector *s)
{
    static bool was_open[SET_SIZE];
    (void)s;
    for (int fd = 0; fd < SET_SIZE; fd++)
        was_open[fd] = fcntl(fd, F_GETFD) != -1;
    struct selector *another = selector_open(backend);
    need(another != NULL, "selector_open");
    for (int fd = 0; fd < SET_SIZE; fd++) {
        int flags = was_open[fd] ? -1 : fcntl(fd, F_GETFD);
        if (flags != -1 && (flags & FD_CLOEXEC) == 0)
            complain("descriptor %d of its own: expected close-on-exec, saw none", fd);
    }
    selector_close(another);
    for (int fd = 0; fd < SET_SIZE; fd++)
        if (!was_open[fd] && fcntl(fd, F_GETFD) != -1)
            complain("descriptor %d of its own: expected it closed, saw it open", fd);
}

static const struct {
    const char *name;
    void (*run)(struct selector *s);
} checks[] = {
    {"register-twice-is-EEXIST", register_twice},
    {"unknown-fd-is-ENOENT", unknown_fd},
    {"bad-events-is-EINVAL", bad_events},
    {"negative-fd-is-EBADF", bad_fd},
    {"unknown-backend-is-EINVAL", unknown_backend},
    {"reports-only-interest", only_interest},
    {"hangup-counts-as-interest", hangup},
    {"each-fd-once", once},
    {"interrupted-wait-is-zero", interrupted},
    {"timeout-zero-returns-at-once", timeout_zero},
    {"timeout-is-kept", timeout_kept},
    {"timeout-below-zero-waits", no_limit},
    {"data-pointer-comes-back", data_comes_back},
    {"modify-changes-interest-and-data", modify_changes},
    {"ready-has-room-for-every-key", room_for_all},
    {"ready-outlives-register", outlives_register},
    {"get-map-lists-every-key", map_lists_all},
    {"unregister-middle-keeps-others", unregister_middle},
    {"failed-call-changes-nothing", failed_call},
    {"closed-number-reused", number_reused},
    {"closed-first-is-forgotten", closed_first},
    {"many-descriptors", many_descriptors},
    {"select-refuses-FD_SETSIZE", beyond_set},
    {"select-lowers-the-limit", limit_lowered},
    {"own-descriptors-close-on-exec", not_inherited},
};

enum { NCHECKS = sizeof checks / sizeof checks[0] };

static int list_backends(void)
{
    for (size_t i = 0; selector_backend_name(i) != NULL; i++)
        puts(selector_backend_name(i));
    return 0;
}

static int list_checks(void)
{
    for (size_t i = 0; i < NCHECKS; i++)
        puts(checks[i].name);
    return 0;
}

static int run_check(size_t i)
{
    if (soft_limit() < WANTED_LIMIT)
        set_soft_limit(WANTED_LIMIT);
    signal(SIGPIPE, SIG_IGN);
    alarm(HANGS_AFTER_S); /* a wait that never returns ends the probe: status above 128 */
    struct selector *s = selector_open(backend);
    if (s == NULL) {
        fprintf(stderr, "%s: selector_open: %s\n", backend, strerror(errno));
        return 2;
    }
    checks[i].run(s);
    selector_close(s);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "-l") == 0)
        return list_backends();
    if (argc == 2 && strcmp(argv[1], "-c") == 0)
        return list_checks();
    if (argc != 3) {
        fputs("usage: selector_probe BACKEND CHECK | -l | -c\n", stderr);
        return 2;
    }
    backend = argv[1];
    for (size_t i = 0; i < NCHECKS; i++)
        if (strcmp(argv[2], checks[i].name) == 0)
            return run_check(i);
    fprintf(stderr, "selector_probe: there is no check '%s'; -c lists them\n", argv[2]);
    return 2;
}
