/*
 * The selector's backend for poll(2): an array that is handed over with every wait. It
 * runs parallel to the keys, so that a slot is an index of both.
 */
#include <poll.h>
#include <stdlib.h>

#include "selector_backend.h"

struct poll_state {
    struct pollfd *fds; /* fds[slot] belongs to keys[slot] */
    size_t capacity;
};

static int poll_open(struct selector *s)
{
    s->state = calloc(1, sizeof(struct poll_state));
    return s->state != NULL ? 0 : -1;
}

static void poll_close(struct selector *s)
{
    struct poll_state *state = s->state;
    free(state->fds);
    free(state);
}

/* POLLERR, POLLHUP and POLLNVAL are reported unasked (poll(2)). */
static short poll_bits(unsigned events)
{
    return (short)((events & EVENT_READ ? POLLIN : 0) |
                   (events & EVENT_WRITE ? POLLOUT : 0));
}

static int poll_add(struct selector *s, size_t slot)
{
    struct poll_state *state = s->state;
    if (slot >= state->capacity) {
        struct pollfd *fds = realloc(state->fds, s->capacity * sizeof *fds);
        if (fds == NULL)
            return -1;
        state->fds = fds;
        state->capacity = s->capacity;
    }
    state->fds[slot] = (struct pollfd){.fd = s->keys[slot].fd,
                                       .events = poll_bits(s->keys[slot].events)};
    return 0;
}

static int poll_modify(struct selector *s, size_t slot, unsigned events)
{
    struct poll_state *state = s->state;
    state->fds[slot].events = poll_bits(events);
    return 0;
}

/* Moves as the keys will move. */
static void poll_remove(struct selector *s, size_t slot)
{
    struct poll_state *state = s->state;
    state->fds[slot] = state->fds[s->nkeys - 1];
}

/* Scanning from one end favours nobody, because all that is ready is reported. */
static int poll_wait(struct selector *s, int timeout_ms)
{
    struct poll_state *state = s->state;
    int left = poll(state->fds, (nfds_t)s->nkeys, timeout_ms);
    if (left == -1)
        return -1;

    int nready = 0;
    for (size_t slot = 0; left > 0 && slot < s->nkeys; slot++) {
        short reported = state->fds[slot].revents;
        if (reported == 0)
            continue;
        left--;
        unsigned events = 0;
        if (reported & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
            events |= EVENT_READ;
        if (reported & (POLLOUT | POLLERR | POLLHUP | POLLNVAL))
            events |= EVENT_WRITE;
        nready = selector_report(s, nready, slot, events);
    }
    return nready;
}

const struct selector_backend selector_backend_poll = {
    .name = "poll",
    .wait_call = IO_POLL,
    .open = poll_open,
    .close = poll_close,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .wait = poll_wait,
};
