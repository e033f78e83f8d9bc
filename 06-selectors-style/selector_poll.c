/* The poll(2) backend: lesson 04's technique. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "selector_backend.h"

struct poll_state {
    struct pollfd *fds; /* fds[slot] belongs to keys[slot]: both move together */
    size_t size;
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

static short to_poll(unsigned events)
{
    return (short)((events & EVENT_READ ? POLLIN : 0) |
                   (events & EVENT_WRITE ? POLLOUT : 0));
}

static int poll_add(struct selector *s, size_t slot)
{
    struct poll_state *state = s->state;
    if (state->size < s->size) {
        struct pollfd *fds = realloc(state->fds, s->size * sizeof *fds);
        if (fds == NULL)
            return -1;
        state->fds = fds;
        state->size = s->size;
    }
    const struct selector_key *key = &s->keys[slot];
    state->fds[slot] = (struct pollfd){.fd = key->fd, .events = to_poll(key->events)};
    return 0;
}

static int poll_modify(struct selector *s, size_t slot, unsigned events)
{
    struct poll_state *state = s->state;
    state->fds[slot].events = to_poll(events);
    return 0;
}

static void poll_remove(struct selector *s, size_t slot)
{
    struct poll_state *state = s->state;
    state->fds[slot] = state->fds[s->nkeys - 1];
}

static int poll_wait(struct selector *s, int timeout_ms)
{
    const struct pollfd *fds = ((struct poll_state *)s->state)->fds;
    int left = poll(((struct poll_state *)s->state)->fds, (nfds_t)s->nkeys, timeout_ms);
    if (left == -1)
        return -1;

    int nready = 0;
    for (size_t slot = 0; left > 0; slot++) {
        unsigned events = 0;
        if (fds[slot].revents == 0)
            continue;
        if (fds[slot].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
            events |= EVENT_READ;
        if (fds[slot].revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL))
            events |= EVENT_WRITE;
        nready = selector_report(s, nready, slot, events);
        left--;
    }
    return nready;
}

const struct selector_backend selector_poll = {
    .name = "poll",
    .wait_call = IO_POLL,
    .open = poll_open,
    .close = poll_close,
    .add = poll_add,
    .modify = poll_modify,
    .remove = poll_remove,
    .wait = poll_wait,
};
