/*
 * selector: whatever is registered, changed and closed in whatever order, every backend
 * does what selector.h says: it reports what a plain model says is ready, each descriptor
 * once, with its data, and nothing else.
 *
 * The input is a series of orders, a letter each. Most are followed by a character that
 * says at which descriptor: 0 is the oldest that is open. What is no order is passed
 * over, and so is a line behind #.
 *
 *     s p      a new socket pair, a new pipe: two descriptors
 *     d D      a duplicate; 40 of them, which are registered at once
 *     r w b    register for reading, writing, both
 *     R W B    the same with modify
 *     u c      unregister; unregister if need be, and close
 *     1 f e h  send a byte, or all that fits; read all that waits; end the output
 *     l t      look, and wait as long as that takes if something is ready
 *     a        look, and while the batch is read close every other one that is in it
 *     o        close the selectors, and open them again with the same descriptors
 *     n        call with what is not registered, not open, or no event
 */
#include "../../06-selectors-style/selector.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "world.h"

enum { BOTH = EVENT_READ | EVENT_WRITE, MAX_SELECTORS = 4, MAX_ORDERS = 400, CROWD = 40 };

static struct world world;
static struct selector *selectors[MAX_SELECTORS];
static size_t nselectors;

/* What is registered, by descriptor. */
static struct watch {
    unsigned events; /* 0: it is not registered */
    void *data;
} watches[4 * WORLD_MAX_FDS];

static struct watch *watch_of(size_t i)
{
    fuzz_need((size_t)world.fds[i].fd < sizeof watches / sizeof *watches,
              "descriptors are small numbers");
    return &watches[world.fds[i].fd];
}

/* Data that no other registration has. */
static void *new_data(void)
{
    static char places[1024 * 1024];
    static size_t next;
    return &places[next++ % sizeof places];
}

static void open_selectors(void)
{
    const char *name;
    nselectors = 0;
    while (nselectors < MAX_SELECTORS &&
           (name = selector_backend_name(nselectors)) != NULL) {
        selectors[nselectors] = selector_open(name);
        fuzz_need(selectors[nselectors] != NULL, "every backend opens");
        nselectors++;
    }
}

static void close_selectors(void)
{
    for (size_t k = 0; k < nselectors; k++)
        selector_close(selectors[k]);
}

/* ---- changes ---- */

/* A call's result is 0 if error is 0, and otherwise -1 with this errno. */
static void expect(int result, int error, const char *promise)
{
    fuzz_need(error == 0 ? result == 0 : result == -1 && errno == error, promise);
}

static void do_register(size_t i, unsigned events)
{
    struct watch *watch = watch_of(i);
    void *data = new_data();
    int error = watch->events != 0 ? EEXIST : 0;
    for (size_t k = 0; k < nselectors; k++)
        expect(selector_register(selectors[k], world.fds[i].fd, events, data), error,
               "what is not registered can be registered, and nothing else");
    if (error == 0)
        *watch = (struct watch){events, data};
}

static void do_modify(size_t i, unsigned events)
{
    struct watch *watch = watch_of(i);
    void *data = new_data();
    int error = watch->events == 0 ? ENOENT : 0;
    for (size_t k = 0; k < nselectors; k++)
        expect(selector_modify(selectors[k], world.fds[i].fd, events, data), error,
               "what is registered can be changed, and nothing else");
    if (error == 0)
        *watch = (struct watch){events, data};
}

static void do_unregister(size_t i)
{
    struct watch *watch = watch_of(i);
    int error = watch->events == 0 ? ENOENT : 0;
    for (size_t k = 0; k < nselectors; k++)
        expect(selector_unregister(selectors[k], world.fds[i].fd), error,
               "what is registered can be unregistered, and nothing else");
    *watch = (struct watch){0};
}

static void do_close(size_t i)
{
    if (watch_of(i)->events != 0)
        do_unregister(i);
    world_close(&world, i);
}

static void do_crowd(size_t i)
{
    for (int count = 0; count < CROWD; count++) {
        size_t before = world.nfds;
        world_duplicate(&world, i);
        if (world.nfds > before)
            do_register(before, world_interest(&world, before));
    }
}

static void do_nonsense(size_t i)
{
    enum { NEGATIVE = -1, NOT_OPEN = 1 << 20 };
    for (size_t k = 0; k < nselectors; k++) {
        struct selector *s = selectors[k];
        int fd = world.fds[i].fd;
        expect(selector_register(s, fd, 0, NULL), EINVAL, "no event is refused");
        expect(selector_modify(s, fd, EVENT_EDGE, NULL), EINVAL, "others are refused");
        expect(selector_register(s, NEGATIVE, BOTH, NULL), EBADF, "-1 is refused");
        expect(selector_register(s, NOT_OPEN, BOTH, NULL), EBADF, "no file is refused");
        expect(selector_modify(s, NOT_OPEN, BOTH, NULL), ENOENT, "no file is not known");
        expect(selector_unregister(s, NEGATIVE), ENOENT, "-1 is not known");
        fuzz_need((selector_get_key(s, fd) != NULL) == (watch_of(i)->events != 0),
                  "a key is there for what is registered");
    }
}

static void do_reopen(void)
{
    close_selectors();
    open_selectors();
    for (size_t i = 0; i < world.nfds; i++) {
        struct watch watch = *watch_of(i);
        for (size_t k = 0; watch.events != 0 && k < nselectors; k++)
            expect(selector_register(selectors[k], world.fds[i].fd, watch.events,
                                     watch.data),
                   0, "a new selector takes all descriptors");
    }
}

/* ---- what is reported ---- */

static bool is_key(const struct selector_key *key, int fd, const struct watch *watch)
{
    return key->fd == fd && key->events == watch->events && key->data == watch->data;
}

static void check_keys(const struct selector *s)
{
    size_t nkeys, nwatched = 0;
    const struct selector_key *keys = selector_get_map(s, &nkeys);
    for (size_t i = 0; i < world.nfds; i++) {
        const struct watch *watch = watch_of(i);
        const struct selector_key *key = selector_get_key(s, world.fds[i].fd);
        fuzz_need((key != NULL) == (watch->events != 0), "a key is there if registered");
        nwatched += key != NULL;
        fuzz_need(key == NULL || (key >= keys && key < keys + nkeys &&
                                  is_key(key, world.fds[i].fd, watch)),
                  "a key is what was registered");
    }
    fuzz_need(nkeys == nwatched, "the map has all keys");
}

static unsigned expected_events(size_t i)
{
    return world_ready(&world, i) & watch_of(i)->events;
}

static void check_batch(const struct selector_event *ready, int nready)
{
    unsigned seen[sizeof watches / sizeof *watches] = {0};
    int nexpected = 0;
    for (int n = 0; n < nready; n++) {
        int fd = ready[n].key.fd;
        fuzz_need(fd >= 0 && (size_t)fd < sizeof seen / sizeof *seen &&
                      is_key(&ready[n].key, fd, &watches[fd]),
                  "what is reported comes with its key");
        fuzz_need(seen[fd] == 0, "a descriptor is reported once");
        seen[fd] = ready[n].events;
    }
    for (size_t i = 0; i < world.nfds; i++) {
        unsigned events = expected_events(i);
        fuzz_need(seen[world.fds[i].fd] == events,
                  "a descriptor is reported for what it is ready for, if it is");
        nexpected += events != 0;
    }
    fuzz_need(nexpected == nready, "nothing else is reported");
}

static void do_look(int timeout_ms)
{
    for (size_t k = 0; k < nselectors; k++) {
        const struct selector_event *ready;
        int nready = selector_select(selectors[k], timeout_ms, &ready);
        fuzz_need(nready >= 0, "a wait does not fail");
        check_batch(ready, nready);
        check_keys(selectors[k]);
    }
}

static void do_wait(void)
{
    bool is_ready = false;
    for (size_t i = 0; i < world.nfds; i++)
        is_ready = is_ready || expected_events(i) != 0;
    if (is_ready)
        do_look(-1);
}

/* While a batch is read, every other descriptor in it is closed, and a duplicate of
   another one registered: what the batch says stays as it was. */
static void do_act(void)
{
    static struct selector_event copies[MAX_SELECTORS][WORLD_MAX_FDS];
    const struct selector_event *ready[MAX_SELECTORS];
    int nready[MAX_SELECTORS] = {0};
    for (size_t k = 0; k < nselectors; k++) {
        nready[k] = selector_select(selectors[k], 0, &ready[k]);
        check_batch(ready[k], nready[k]);
        if (nready[k] > 0)
            memcpy(copies[k], ready[k], (size_t)nready[k] * sizeof *copies[k]);
    }
    for (int n = 0; n < nready[0]; n += 2) {
        size_t i = 0;
        while (world.fds[i].fd != copies[0][n].key.fd)
            i++;
        do_close(i);
        if (world.nfds == 0 || world.nfds == WORLD_MAX_FDS)
            break;
        world_duplicate(&world, 0);
        do_register(world.nfds - 1, world_interest(&world, 0));
    }
    for (size_t k = 0; k < nselectors; k++)
        fuzz_need(nready[k] == 0 || memcmp(copies[k], ready[k],
                                           (size_t)nready[k] * sizeof *copies[k]) == 0,
                  "a batch stays as it is until the next one");
}

/* ---- orders ---- */

/* The place of a letter in three of them says for what: 1 reading, 2 writing, 3 both. A
   pipe's end is watched for what it can. */
static unsigned events_of(const char *three, char order, size_t i)
{
    const char *letter = strchr(three, order);
    unsigned interest = world_interest(&world, i);
    unsigned events = letter != NULL ? (unsigned)(letter - three) + 1 : 0;
    return (events & ~interest) != 0 ? interest : events;
}

/* Those at a descriptor. */
static void obey_at(char order, size_t i)
{
    unsigned registers = events_of("rwb", order, i),
             modifies = events_of("RWB", order, i);
    if (registers != 0)
        do_register(i, registers);
    else if (modifies != 0)
        do_modify(i, modifies);
    else if (order == 'd')
        world_duplicate(&world, i);
    else if (order == 'D')
        do_crowd(i);
    else if (order == 'u')
        do_unregister(i);
    else if (order == 'c')
        do_close(i);
    else if (order == '1')
        world_put(&world, i);
    else if (order == 'f')
        world_fill(&world, i);
    else if (order == 'e')
        world_empty(&world, i);
    else if (order == 'h')
        world_half_close(&world, i);
    else if (order == 'n')
        do_nonsense(i);
}

/* Those that need none. Returns whether it was one of them. */
static bool obey(char order)
{
    switch (order) {
    case 's':
        world_add_socketpair(&world);
        return true;
    case 'p':
        world_add_pipe(&world);
        return true;
    case 'l':
        do_look(0);
        return true;
    case 't':
        do_wait();
        return true;
    case 'a':
        do_act();
        return true;
    case 'o':
        do_reopen();
        return true;
    default:
        return false;
    }
}

static bool is_at_descriptor(char order)
{
    return order != '\0' && strchr("rwbRWBdDuc1fehn", order) != NULL;
}

static void obey_all(const char *orders, size_t size)
{
    int count = 0;
    for (size_t at = 0; at < size && count < MAX_ORDERS; at++) {
        if (orders[at] == '#') {
            const char *end = memchr(orders + at, '\n', size - at);
            at = end != NULL ? (size_t)(end - orders) : size;
        } else if (obey(orders[at])) {
            count++;
        } else if (is_at_descriptor(orders[at]) && at + 1 < size) {
            unsigned char which = (unsigned char)(orders[at + 1] - '0');
            if (world.nfds > 0)
                obey_at(orders[at], which % world.nfds);
            at++;
            count++;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    signal(SIGPIPE, SIG_IGN);
    memset(watches, 0, sizeof watches);
    open_selectors();
    obey_all((const char *)data, size);
    do_look(0);
    close_selectors();
    world_end(&world);
    return 0;
}
