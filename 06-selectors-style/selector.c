/*
 * The front of the selector: checks what callers pass, keeps the keys, picks the backend.
 *
 * The keys stand without gaps, so that poll(2) can be given an array that runs parallel,
 * and slot_of finds a descriptor's key without a search.
 */
#include "selector.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "selector_backend.h"

enum { FIRST_CAPACITY = 64 };

/* Best first. This is the only list of backends there is. */
static const struct selector_backend *const backends[] = {
#if SELECTOR_HAS_EPOLL
    &selector_backend_epoll,
#endif
#if SELECTOR_HAS_KQUEUE
    &selector_backend_kqueue,
#endif
    &selector_backend_poll,
    &selector_backend_select,
};

enum { NBACKENDS = sizeof backends / sizeof backends[0] };

const char *selector_backend_name(size_t i)
{
    return i < NBACKENDS ? backends[i]->name : NULL;
}

static struct selector *open_with(const struct selector_backend *backend)
{
    struct selector *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->backend = backend;
    if (backend->open(s) == 0)
        return s;
    int error = errno; /* POSIX lets free change it */
    free(s);
    errno = error;
    return NULL;
}

struct selector *selector_open(const char *backend)
{
    struct selector *s = NULL;
    errno = EINVAL;
    for (size_t i = 0; i < NBACKENDS && s == NULL; i++)
        if (backend == NULL || strcmp(backend, backends[i]->name) == 0)
            s = open_with(backends[i]);
    return s;
}

void selector_close(struct selector *s)
{
    if (s == NULL)
        return;
    s->backend->close(s);
    free(s->keys);
    free(s->slot_of);
    free(s->ready);
    free(s->next_ready);
    free(s);
}

const char *selector_name(const struct selector *s)
{
    return s->backend->name;
}

enum io_call selector_wait_call(const struct selector *s)
{
    return s->backend->wait_call;
}

static bool are_valid(unsigned events)
{
    return events != 0 && (events & ~(unsigned)(EVENT_READ | EVENT_WRITE)) == 0;
}

/* Makes room for one more key, and for its event. Handlers register while the caller
   reads a batch: so the ready array is not moved, but replaced by the next wait. */
static int reserve_key(struct selector *s)
{
    if (s->nkeys < s->capacity)
        return 0;
    size_t capacity = s->capacity > 0 ? 2 * s->capacity : FIRST_CAPACITY;
    struct selector_key *keys = realloc(s->keys, capacity * sizeof *keys);
    if (keys == NULL)
        return -1;
    s->keys = keys;
    struct selector_event *ready = malloc(capacity * sizeof *ready);
    if (ready == NULL)
        return -1;
    free(s->next_ready);
    s->next_ready = ready;
    s->capacity = capacity;
    return 0;
}

/* Makes slot_of reach fd. It is not grown for a number that is not open, which may be as
   large as an int. */
static int reserve_fd(struct selector *s, int fd)
{
    if ((size_t)fd < s->nfds)
        return 0;
    if (fcntl(fd, F_GETFD) == -1)
        return -1;
    size_t nfds = s->nfds > 0 ? s->nfds : FIRST_CAPACITY;
    while (nfds <= (size_t)fd)
        nfds *= 2;
    int *slot_of = realloc(s->slot_of, nfds * sizeof *slot_of);
    if (slot_of == NULL)
        return -1;
    for (size_t i = s->nfds; i < nfds; i++)
        slot_of[i] = -1;
    s->slot_of = slot_of;
    s->nfds = nfds;
    return 0;
}

/* Sets errno for a caller's mistake, and returns -1. */
static int fail(int error)
{
    errno = error;
    return -1;
}

int selector_register(struct selector *s, int fd, unsigned events, void *data)
{
    if (!are_valid(events))
        return fail(EINVAL);
    if (fd < 0)
        return fail(EBADF);
    if (selector_slot(s, fd) != -1)
        return fail(EEXIST);
    if (reserve_fd(s, fd) == -1 || reserve_key(s) == -1)
        return -1;
    size_t slot = s->nkeys;
    s->keys[slot] = (struct selector_key){.fd = fd, .events = events, .data = data};
    if (s->backend->add(s, slot) == -1)
        return -1;
    s->slot_of[fd] = (int)slot;
    s->nkeys++;
    return 0;
}

int selector_unregister(struct selector *s, int fd)
{
    int slot = selector_slot(s, fd);
    if (slot == -1)
        return fail(ENOENT);
    s->backend->remove(s, (size_t)slot);
    s->keys[slot] = s->keys[s->nkeys - 1];
    s->slot_of[s->keys[slot].fd] = slot;
    s->slot_of[fd] = -1; /* last, because fd may be the key that moved */
    s->nkeys--;
    return 0;
}

int selector_modify(struct selector *s, int fd, unsigned events, void *data)
{
    if (!are_valid(events))
        return fail(EINVAL);
    int slot = selector_slot(s, fd);
    if (slot == -1)
        return fail(ENOENT);
    struct selector_key *key = &s->keys[slot];
    if (events != key->events && s->backend->modify(s, (size_t)slot, events) == -1)
        return -1;
    key->events = events;
    key->data = data;
    return 0;
}

int selector_select(struct selector *s, int timeout_ms,
                    const struct selector_event **ready)
{
    if (s->next_ready != NULL) {
        free(s->ready);
        s->ready = s->next_ready;
        s->next_ready = NULL;
    }
    *ready = s->ready;
    int nready = s->backend->wait(s, timeout_ms < 0 ? -1 : timeout_ms);
    return nready == -1 && errno == EINTR ? 0 : nready;
}

const struct selector_key *selector_get_key(const struct selector *s, int fd)
{
    int slot = selector_slot(s, fd);
    if (slot != -1)
        return &s->keys[slot];
    errno = ENOENT;
    return NULL;
}

const struct selector_key *selector_get_map(const struct selector *s, size_t *count)
{
    *count = s->nkeys;
    return s->keys;
}
