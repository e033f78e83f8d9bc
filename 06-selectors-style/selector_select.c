/* The select(2) backend: lesson 03's technique. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>

#include "selector_backend.h"

struct select_state {
    fd_set readable, writable; /* what is waited for */
    int max_fd;
};

/* As in lesson 03: with the limit lowered, accept fails with EMFILE instead of giving a
   descriptor that no set has room for. */
static void lower_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > FD_SETSIZE) {
        limit.rlim_cur = FD_SETSIZE;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int select_open(struct selector *s)
{
    struct select_state *state = malloc(sizeof *state);
    if (state == NULL)
        return -1;
    FD_ZERO(&state->readable);
    FD_ZERO(&state->writable);
    state->max_fd = -1;
    s->state = state;
    lower_descriptor_limit();
    return 0;
}

static void select_close(struct selector *s)
{
    free(s->state);
}

static void set_interest(struct select_state *state, int fd, unsigned events)
{
    FD_CLR(fd, &state->readable);
    FD_CLR(fd, &state->writable);
    if (events & EVENT_READ)
        FD_SET(fd, &state->readable);
    if (events & EVENT_WRITE)
        FD_SET(fd, &state->writable);
}

static int select_add(struct selector *s, size_t slot)
{
    struct select_state *state = s->state;
    const struct selector_key *key = &s->keys[slot];
    if (key->fd >= FD_SETSIZE) {
        errno = ERANGE;
        return -1;
    }
    set_interest(state, key->fd, key->events);
    if (key->fd > state->max_fd)
        state->max_fd = key->fd;
    return 0;
}

static int select_modify(struct selector *s, size_t slot, unsigned events)
{
    set_interest(s->state, s->keys[slot].fd, events);
    return 0;
}

static void select_remove(struct selector *s, size_t slot)
{
    struct select_state *state = s->state;
    set_interest(state, s->keys[slot].fd, 0);
    while (state->max_fd >= 0 && !FD_ISSET(state->max_fd, &state->readable) &&
           !FD_ISSET(state->max_fd, &state->writable))
        state->max_fd--;
}

static int select_wait(struct selector *s, int timeout_ms)
{
    const struct select_state *state = s->state;
    fd_set readable = state->readable, writable = state->writable;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000,
                              .tv_usec = timeout_ms % 1000 * 1000};
    int left = select(state->max_fd + 1, &readable, &writable, NULL,
                      timeout_ms == -1 ? NULL : &timeout);
    if (left == -1)
        return -1;

    int nready = 0;
    for (int fd = 0; left > 0; fd++) {
        unsigned events = 0;
        if (FD_ISSET(fd, &readable)) {
            events |= EVENT_READ;
            left--;
        }
        if (FD_ISSET(fd, &writable)) {
            events |= EVENT_WRITE;
            left--;
        }
        if (events != 0)
            nready = selector_report(s, nready, (size_t)s->slot_of[fd], events);
    }
    return nready;
}

const struct selector_backend selector_select_backend = {
    .name = "select",
    .wait_call = IO_SELECT,
    .open = select_open,
    .close = select_close,
    .add = select_add,
    .modify = select_modify,
    .remove = select_remove,
    .wait = select_wait,
};
