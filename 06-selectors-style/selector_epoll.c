/* The epoll(7) backend: lesson 05's technique, on Linux. */
#include "selector_backend.h"

#if defined(__linux__)

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH_SIZE = 1024 };

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
        free(state);
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

static int control(struct selector *s, int operation, int fd, unsigned events)
{
    const struct epoll_state *state = s->state;
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

/* A descriptor that was closed too early is gone already, or cannot be reached any more.
 */
static void epoll_remove(struct selector *s, size_t slot)
{
    control(s, EPOLL_CTL_DEL, s->keys[slot].fd, 0);
}

/* A batch smaller than the set starves nobody: the kernel goes on where it stopped. What
   is reported for a descriptor that was closed but not unregistered may have no key. */
static int epoll_wait_for_events(struct selector *s, int timeout_ms)
{
    struct epoll_state *state = s->state;
    int batch_size = s->size < BATCH_SIZE ? (int)s->size : BATCH_SIZE;
    int count = epoll_wait(state->epoll_fd, state->batch, batch_size > 0 ? batch_size : 1,
                           timeout_ms);
    int nready = 0;
    for (int i = 0; i < count; i++) {
        const struct epoll_event *came = &state->batch[i];
        int slot = s->slot_of[came->data.fd];
        unsigned events = 0;
        if (came->events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            events |= EVENT_READ;
        if (came->events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            events |= EVENT_WRITE;
        if (slot != -1)
            nready = selector_report(s, nready, (size_t)slot, events);
    }
    return count == -1 ? -1 : nready;
}

const struct selector_backend selector_epoll = {
    .name = "epoll",
    .wait_call = IO_EPOLL_WAIT,
    .open = epoll_open,
    .close = epoll_close,
    .add = epoll_add,
    .modify = epoll_modify,
    .remove = epoll_remove,
    .wait = epoll_wait_for_events,
};

#endif
