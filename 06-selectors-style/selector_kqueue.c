/*
 * The kqueue(2) backend, on macOS and the BSDs. No lesson of its own: like epoll the
 * kernel remembers the set, but reading and writing are two entries (filters) of a
 * descriptor, and so a descriptor that is ready for both comes twice.
 */
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#elif !defined(__linux__)
/* Under _POSIX_C_SOURCE the BSDs hide the types that <sys/event.h> is written with. */
#undef _POSIX_C_SOURCE
#endif

#include "selector_backend.h"

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) ||                 \
    defined(__OpenBSD__) || defined(__DragonFly__) || defined(HAVE_KQUEUE)

#include <sys/types.h>

#include <sys/event.h>
#include <sys/time.h>

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_SIZE = 1024 };

struct kqueue_state {
    int kqueue_fd;
    struct kevent batch[BATCH_SIZE];
    int *place_of; /* place_of[slot]: where in ready it stands, if it was seen in this
                      wait */
    size_t size;
};

static int kqueue_open(struct selector *s)
{
    struct kqueue_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return -1;
    state->kqueue_fd = kqueue();
    if (state->kqueue_fd == -1) {
        free(state);
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
    free(state->place_of);
    free(state);
}

static int change(const struct selector *s, int fd, unsigned event, unsigned short action)
{
    const struct kqueue_state *state = s->state;
    struct kevent k;
    EV_SET(&k, fd, event == EVENT_READ ? EVFILT_READ : EVFILT_WRITE, action, 0, 0, 0);
    return kevent(state->kqueue_fd, &k, 1, NULL, 0, NULL);
}

/* From the filters of one interest to those of another; if the second change fails, the
   first is taken back. */
static int change_interest(const struct selector *s, int fd, unsigned from, unsigned to)
{
    unsigned short read_action = to & EVENT_READ ? EV_ADD : EV_DELETE;
    unsigned short write_action = to & EVENT_WRITE ? EV_ADD : EV_DELETE;
    if (((from ^ to) & EVENT_READ) && change(s, fd, EVENT_READ, read_action) == -1)
        return -1;
    if (((from ^ to) & EVENT_WRITE) && change(s, fd, EVENT_WRITE, write_action) == -1) {
        if ((from ^ to) & EVENT_READ)
            change(s, fd, EVENT_READ, to & EVENT_READ ? EV_DELETE : EV_ADD);
        return -1;
    }
    return 0;
}

static int kqueue_add(struct selector *s, size_t slot)
{
    struct kqueue_state *state = s->state;
    if (state->size < s->size) {
        int *place_of = realloc(state->place_of, s->size * sizeof *place_of);
        if (place_of == NULL)
            return -1;
        state->place_of = place_of;
        state->size = s->size;
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

/* Both filters of a descriptor become one entry. place_of needs no clearing between
   waits: a place counts if it is among this wait's entries and names this very
   descriptor. */
static int report_once(struct selector *s, int nready, size_t slot, unsigned events)
{
    int *place = &((struct kqueue_state *)s->state)->place_of[slot];
    if (*place >= 0 && *place < nready && s->ready[*place].key.fd == s->keys[slot].fd) {
        s->ready[*place].events |= events & s->keys[slot].events;
        return nready;
    }
    *place = nready;
    return selector_report(s, nready, slot, events);
}

static int kqueue_wait(struct selector *s, int timeout_ms)
{
    struct kqueue_state *state = s->state;
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = timeout_ms % 1000 * 1000000L};
    int count = kevent(state->kqueue_fd, NULL, 0, state->batch, BATCH_SIZE,
                       timeout_ms == -1 ? NULL : &timeout);
    int nready = 0;
    for (int i = 0; i < count; i++) {
        const struct kevent *came = &state->batch[i];
        int slot = s->slot_of[came->ident];
        unsigned events = came->filter == EVFILT_READ ? EVENT_READ : EVENT_WRITE;
        if (slot != -1)
            nready = report_once(s, nready, (size_t)slot, events);
    }
    return count == -1 ? -1 : nready;
}

const struct selector_backend selector_kqueue = {
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
