/*
 * The selector's backend for kqueue(2), on the BSDs and macOS: the kernel keeps the
 * interest as filters, one for reading and one for writing, and reports each by itself.
 */

/* Where only POSIX is asked for, the BSDs and macOS hide parts of sys/event.h. */
#undef _POSIX_C_SOURCE
#define _DARWIN_C_SOURCE 1
#define _NETBSD_SOURCE 1
#define _DEFAULT_SOURCE 1

#include "selector_backend.h"

#if SELECTOR_HAS_KQUEUE

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <sys/event.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_SIZE = 512 };

struct kqueue_state {
    int kqueue_fd;
    struct kevent batch[BATCH_SIZE];
    int *ready_of; /* by slot: where in s->ready it may stand; see report */
    size_t capacity;
};

static int kqueue_open(struct selector *s)
{
    struct kqueue_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return -1;
    state->kqueue_fd = kqueue();
    if (state->kqueue_fd == -1) {
        int error = errno;
        free(state);
        errno = error;
        return -1;
    }
    fcntl(state->kqueue_fd, F_SETFD, FD_CLOEXEC);
    s->state = state;
    return 0;
}

static void kqueue_close(struct selector *s)
{
    struct kqueue_state *state = s->state;
    close(state->kqueue_fd);
    free(state->ready_of);
    free(state);
}

/* One filter, one call: of two in one call the first may take effect and the second
   fail. */
static int control(struct selector *s, int fd, short filter, unsigned short flags)
{
    struct kqueue_state *state = s->state;
    struct kevent change = {.ident = (uintptr_t)fd, .filter = filter, .flags = flags};
    return kevent(state->kqueue_fd, &change, 1, NULL, 0, NULL);
}

/* Adds what is new, then deletes what is not wanted any more, which cannot fail in a way
   that matters: a filter that is gone reports nothing. */
static int change_interest(struct selector *s, int fd, unsigned before, unsigned after)
{
    unsigned added = after & ~before, deleted = before & ~after;
    if (added & EVENT_READ && control(s, fd, EVFILT_READ, EV_ADD) == -1)
        return -1;
    if (added & EVENT_WRITE && control(s, fd, EVFILT_WRITE, EV_ADD) == -1) {
        int error = errno;
        if (added & EVENT_READ)
            control(s, fd, EVFILT_READ, EV_DELETE);
        errno = error;
        return -1;
    }
    if (deleted & EVENT_READ)
        control(s, fd, EVFILT_READ, EV_DELETE);
    if (deleted & EVENT_WRITE)
        control(s, fd, EVFILT_WRITE, EV_DELETE);
    return 0;
}

static int kqueue_add(struct selector *s, size_t slot)
{
    struct kqueue_state *state = s->state;
    if (slot >= state->capacity) {
        int *ready_of = realloc(state->ready_of, s->capacity * sizeof *ready_of);
        if (ready_of == NULL)
            return -1;
        for (size_t i = state->capacity; i < s->capacity; i++)
            ready_of[i] = 0;
        state->ready_of = ready_of;
        state->capacity = s->capacity;
    }
    return change_interest(s, s->keys[slot].fd, 0, s->keys[slot].events);
}

static int kqueue_modify(struct selector *s, size_t slot, unsigned events)
{
    return change_interest(s, s->keys[slot].fd, s->keys[slot].events, events);
}

static void kqueue_remove(struct selector *s, size_t slot)
{
    change_interest(s, s->keys[slot].fd, s->keys[slot].events, 0);
}

/* Merges the two filters of a descriptor. ready_of is never cleared: an entry left from
   an earlier wait, or from another key, does not lead to an event of this descriptor. */
static int report(struct selector *s, int nready, int slot, unsigned events)
{
    struct kqueue_state *state = s->state;
    const struct selector_key *key = &s->keys[slot];
    int i = state->ready_of[slot];
    if (i < nready && s->ready[i].key.fd == key->fd) {
        s->ready[i].events |= events;
        return nready;
    }
    state->ready_of[slot] = nready;
    return selector_report(s, nready, (size_t)slot, events);
}

/* An error or a hang-up is EV_EOF with the filters that were asked for, and so needs no
   translation; after a half-close it comes with EVFILT_READ alone (kqueue(2)). */
static int kqueue_wait(struct selector *s, int timeout_ms)
{
    struct kqueue_state *state = s->state;
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};
    int nreported = kevent(state->kqueue_fd, NULL, 0, state->batch, BATCH_SIZE,
                           timeout_ms == -1 ? NULL : &timeout);
    if (nreported == -1)
        return -1;

    int nready = 0;
    for (int i = 0; i < nreported; i++) {
        const struct kevent *event = &state->batch[i];
        int slot = selector_slot(s, (int)event->ident);
        if (slot == -1)
            continue;
        unsigned events = event->filter == EVFILT_READ ? EVENT_READ : EVENT_WRITE;
        events &= s->keys[slot].events;
        if (events != 0)
            nready = report(s, nready, slot, events);
    }
    return nready;
}

const struct selector_backend selector_backend_kqueue = {
    .name = "kqueue",
    .wait_call = IO_KEVENT,
    .open = kqueue_open,
    .close = kqueue_close,
    .add = kqueue_add,
    .modify = kqueue_modify,
    .remove = kqueue_remove,
    .wait = kqueue_wait,
};

#endif
