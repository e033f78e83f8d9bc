/*
 * The selector's backend for epoll(7): the kernel keeps the interest list, and a wait
 * returns the ready descriptors alone.
 */
#include "selector_backend.h"

#if SELECTOR_HAS_EPOLL

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A batch smaller than the ready list starves nobody: what is reported goes to the end of
   that list, and the next wait begins with those left out (epoll_wait(2), notes). */
enum { BATCH_SIZE = 512 };

struct epoll_state {
    int epoll_fd;
    struct epoll_event batch[BATCH_SIZE];
};

static int epoll_open(struct selector *s)
{
    struct epoll_state *state = malloc(sizeof *state);
    if (state == NULL)
        return -1;
    state->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (state->epoll_fd == -1) {
        int error = errno;
        free(state);
        errno = error;
        return -1;
    }
    s->state = state;
    return 0;
}

static void epoll_close(struct selector *s)
{
    struct epoll_state *state = s->state;
    close(state->epoll_fd);
    free(state);
}

/* The kernel hands the descriptor back, not the slot: slots move. EPOLLERR and EPOLLHUP
   are always waited for and need not be set (epoll_ctl(2)). */
static int control(struct selector *s, int operation, int fd, unsigned events)
{
    struct epoll_state *state = s->state;
    struct epoll_event event = {.data.fd = fd};
    event.events =
        (events & EVENT_READ ? EPOLLIN : 0u) | (events & EVENT_WRITE ? EPOLLOUT : 0u);
    return epoll_ctl(state->epoll_fd, operation, fd, &event);
}

static int epoll_add(struct selector *s, size_t slot)
{
    return control(s, EPOLL_CTL_ADD, s->keys[slot].fd, s->keys[slot].events);
}

static int epoll_modify(struct selector *s, size_t slot, unsigned events)
{
    return control(s, EPOLL_CTL_MOD, s->keys[slot].fd, events);
}

static void epoll_remove(struct selector *s, size_t slot)
{
    control(s, EPOLL_CTL_DEL, s->keys[slot].fd, 0);
}

static int epoll_wait_ready(struct selector *s, int timeout_ms)
{
    struct epoll_state *state = s->state;
    int nreported = epoll_wait(state->epoll_fd, state->batch, BATCH_SIZE, timeout_ms);
    if (nreported == -1)
        return -1;

    int nready = 0;
    for (int i = 0; i < nreported; i++) {
        const struct epoll_event *event = &state->batch[i];
        /* Closed without unregister while a duplicate lives, a number is still reported
           after its key is gone (epoll(7), questions and answers). */
        int slot = selector_slot(s, event->data.fd);
        if (slot == -1)
            continue;
        unsigned events = 0;
        if (event->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            events |= EVENT_READ;
        if (event->events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            events |= EVENT_WRITE;
        nready = selector_report(s, nready, (size_t)slot, events);
    }
    return nready;
}

const struct selector_backend selector_backend_epoll = {
    .name = "epoll",
    .wait_call = IO_EPOLL_WAIT,
    .open = epoll_open,
    .close = epoll_close,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .wait = epoll_wait_ready,
};

#endif
