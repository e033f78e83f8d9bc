#include "selector.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "selector_backend.h"

/* The backends of this system, best first. This table is all that knows of systems. */
static const struct selector_backend *const backends[] = {
#if defined(__linux__)
    &selector_epoll,
#endif
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) ||                 \
    defined(__OpenBSD__) || defined(__DragonFly__) || defined(HAVE_KQUEUE)
    &selector_kqueue,
#endif
    &selector_poll,
    &selector_select_backend,
};

enum { BACKEND_COUNT = sizeof backends / sizeof backends[0] };

const char *selector_backend_name(size_t i)
{
    return i < BACKEND_COUNT ? backends[i]->name : NULL;
}

static const struct selector_backend *find_backend(const char *name)
{
    if (name == NULL)
        return backends[0];
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

struct selector *selector_open(const char *name)
{
    const struct selector_backend *backend = find_backend(name);
    if (backend == NULL) {
        errno = EINVAL;
        return NULL;
    }
    struct selector *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->backend = backend;
    if (backend->open(s) == -1) {
        int saved_errno = errno;
        free(s);
        errno = saved_errno;
        return NULL;
    }
    return s;
}

void selector_close(struct selector *s)
{
    s->backend->close(s);
    free(s->keys);
    free(s->ready);
    free(s->slot_of);
    free(s);
}

static bool is_registered(const struct selector *s, int fd)
{
    return fd >= 0 && fd < s->slot_of_size && s->slot_of[fd] != -1;
}

static bool are_known(unsigned events)
{
    return events != 0 && (events & ~(unsigned)(EVENT_READ | EVENT_WRITE)) == 0;
}

static int fail(int error)
{
    errno = error;
    return -1;
}

/* An array that has moved is kept, even if the next one finds no memory. */
static int make_room_for_key(struct selector *s)
{
    if (s->nkeys < s->size)
        return 0;
    size_t size = s->size == 0 ? 16 : 2 * s->size;
    struct selector_key *keys = realloc(s->keys, size * sizeof *keys);
    if (keys == NULL)
        return -1;
    s->keys = keys;
    struct selector_event *ready = realloc(s->ready, size * sizeof *ready);
    if (ready == NULL)
        return -1;
    s->ready = ready;
    s->size = size;
    return 0;
}

static int make_room_for_fd(struct selector *s, int fd)
{
    if (fd < s->slot_of_size)
        return 0;
    int size = s->slot_of_size == 0 ? 64 : s->slot_of_size;
    while (size <= fd)
        size *= 2;
    int *slot_of = realloc(s->slot_of, (size_t)size * sizeof *slot_of);
    if (slot_of == NULL)
        return -1;
    for (int i = s->slot_of_size; i < size; i++)
        slot_of[i] = -1;
    s->slot_of = slot_of;
    s->slot_of_size = size;
    return 0;
}

int selector_register(struct selector *s, int fd, unsigned events, void *data)
{
    if (fd < 0)
        return fail(EBADF);
    if (!are_known(events))
        return fail(EINVAL);
    if (is_registered(s, fd))
        return fail(EEXIST);
    if (make_room_for_key(s) == -1 || make_room_for_fd(s, fd) == -1)
        return -1;
    s->keys[s->nkeys] = (struct selector_key){.fd = fd, .events = events, .data = data};
    if (s->backend->add(s, s->nkeys) == -1)
        return -1;
    s->slot_of[fd] = (int)s->nkeys++;
    return 0;
}

int selector_modify(struct selector *s, int fd, unsigned events, void *data)
{
    if (!are_known(events))
        return fail(EINVAL);
    if (!is_registered(s, fd))
        return fail(ENOENT);
    size_t slot = (size_t)s->slot_of[fd];
    struct selector_key *key = &s->keys[slot];
    if (events != key->events && s->backend->modify(s, slot, events) == -1)
        return -1;
    key->events = events;
    key->data = data;
    return 0;
}

int selector_unregister(struct selector *s, int fd)
{
    if (!is_registered(s, fd))
        return fail(ENOENT);
    size_t slot = (size_t)s->slot_of[fd];
    s->backend->remove(s, slot);
    s->keys[slot] = s->keys[--s->nkeys];
    s->slot_of[s->keys[slot].fd] = (int)slot;
    s->slot_of[fd] = -1;
    return 0;
}

int selector_select(struct selector *s, int timeout_ms,
                    const struct selector_event **ready)
{
    int nready = s->backend->wait(s, timeout_ms < -1 ? -1 : timeout_ms);
    *ready = s->ready;
    return nready == -1 && errno == EINTR ? 0 : nready;
}

const struct selector_key *selector_get_key(const struct selector *s, int fd)
{
    if (is_registered(s, fd))
        return &s->keys[s->slot_of[fd]];
    errno = ENOENT;
    return NULL;
}

const struct selector_key *selector_get_map(const struct selector *s, size_t *count)
{
    *count = s->nkeys;
    return s->keys;
}

const char *selector_name(const struct selector *s)
{
    return s->backend->name;
}

enum io_call selector_wait_call(const struct selector *s)
{
    return s->backend->wait_call;
}
