/*
 * The selector's backend for select(2): two sets of bits, copied into the kernel and out
 * again with every wait, with no room for a descriptor of FD_SETSIZE or more.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "selector_backend.h"

enum { SET_SIZE = FD_SETSIZE };

struct select_state {
    fd_set read_set, write_set; /* the interest */
    int max_fd;                 /* the highest one in either set, or -1 */
    rlim_t limit_before;        /* the soft limit on descriptors, or 0 if left alone */
};

/* The kernel gives the lowest number that is free (POSIX, File Descriptor Allocation).
   With the limit at FD_SETSIZE it never gives one that select cannot wait for: accept
   fails with EMFILE instead, and further clients wait in the backlog. */
static rlim_t lower_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur <= SET_SIZE)
        return 0;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = SET_SIZE;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? before : 0;
}

/* A limit that someone else has changed meanwhile stays as it is. */
static void restore_limit(rlim_t before)
{
    struct rlimit limit;
    if (before == 0 || getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return;
    if (limit.rlim_cur != SET_SIZE)
        return;
    limit.rlim_cur = before;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int select_open(struct selector *s)
{
    struct select_state *state = malloc(sizeof *state);
    if (state == NULL)
        return -1;
    FD_ZERO(&state->read_set);
    FD_ZERO(&state->write_set);
    state->max_fd = -1;
    state->limit_before = lower_limit();
    s->state = state;
    return 0;
}

static void select_close(struct selector *s)
{
    struct select_state *state = s->state;
    restore_limit(state->limit_before);
    free(state);
}

static int select_modify(struct selector *s, size_t slot, unsigned events)
{
    struct select_state *state = s->state;
    int fd = s->keys[slot].fd;
    FD_CLR(fd, &state->read_set);
    FD_CLR(fd, &state->write_set);
    if (events & EVENT_READ)
        FD_SET(fd, &state->read_set);
    if (events & EVENT_WRITE)
        FD_SET(fd, &state->write_set);
    return 0;
}

/* FD_SET beyond FD_SETSIZE writes past the set (select(2)). */
static int select_add(struct selector *s, size_t slot)
{
    struct select_state *state = s->state;
    int fd = s->keys[slot].fd;
    if (fd >= SET_SIZE) {
        errno = ERANGE;
        return -1;
    }
    if (fd > state->max_fd)
        state->max_fd = fd;
    return select_modify(s, slot, s->keys[slot].events);
}

static void select_remove(struct selector *s, size_t slot)
{
    struct select_state *state = s->state;
    select_modify(s, slot, 0);
    while (state->max_fd >= 0 && !FD_ISSET(state->max_fd, &state->read_set) &&
           !FD_ISSET(state->max_fd, &state->write_set))
        state->max_fd--;
}

/* select overwrites the sets with what is ready, and on Linux the timeout with what is
   left of it (select(2)): each call needs copies. Errors and hang-ups come as readable or
   writable by themselves. */
static int select_wait(struct selector *s, int timeout_ms)
{
    struct select_state *state = s->state;
    fd_set readable = state->read_set, writable = state->write_set;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000,
                              .tv_usec = timeout_ms % 1000 * 1000L};
    int left = select(state->max_fd + 1, &readable, &writable, NULL,
                      timeout_ms == -1 ? NULL : &timeout);
    if (left == -1)
        return -1;

    int nready = 0;
    for (size_t slot = 0; left > 0 && slot < s->nkeys; slot++) {
        int fd = s->keys[slot].fd;
        unsigned events = 0;
        if (FD_ISSET(fd, &readable))
            events |= EVENT_READ;
        if (FD_ISSET(fd, &writable))
            events |= EVENT_WRITE;
        if (events == 0)
            continue;
        left -= events == (EVENT_READ | EVENT_WRITE) ? 2 : 1; /* it counts bits */
        nready = selector_report(s, nready, slot, events);
    }
    return nready;
}

const struct selector_backend selector_backend_select = {
    .name = "select",
    .wait_call = IO_SELECT,
    .open = select_open,
    .close = select_close,
    .add = select_add,
    .modify = select_modify,
    .remove = select_remove,
    .wait = select_wait,
};
