/*
 * selector_backend: what lies between the selector and the system call it waits with.
 *
 * Private to selector.c and the backends. The front (selector.c) checks what callers pass
 * and keeps the keys; a backend tells the system, and waits. Each backend is one file
 * with one constant table.
 */
#ifndef SELECTOR_BACKEND_H
#define SELECTOR_BACKEND_H

#include "selector.h"

/* Where which system call is. HAVE_KQUEUE is for libkqueue on other systems. */
#if defined(__linux__)
#define SELECTOR_HAS_EPOLL 1
#else
#define SELECTOR_HAS_EPOLL 0
#endif

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) ||                 \
    defined(__OpenBSD__) || defined(__DragonFly__) || defined(HAVE_KQUEUE)
#define SELECTOR_HAS_KQUEUE 1
#else
#define SELECTOR_HAS_KQUEUE 0
#endif

struct selector {
    const struct selector_backend *backend;
    void *state; /* the backend's own */

    struct selector_key *keys; /* [0, nkeys) without gaps; the index is called slot */
    size_t nkeys;
    size_t capacity; /* of keys, of ready, and of what a backend keeps beside the keys */

    int *slot_of; /* by descriptor: its slot, or -1 */
    size_t nfds;  /* length of slot_of */

    struct selector_event *ready;      /* the last batch, which the caller still reads */
    struct selector_event *next_ready; /* a larger one for the next wait, or NULL */
};

/*
 * No member of the table is called with a bad argument: events are EVENT_READ,
 * EVENT_WRITE or both, and a slot is below s->capacity. What fails returns -1 with errno
 * and leaves the backend as it was.
 */
struct selector_backend {
    const char *name;

    /* Which call wait() is, for io_status. */
    enum io_call wait_call;

    /* On entry s->state is NULL and there are no keys. Sets s->state. */
    int (*open)(struct selector *s);

    /* On entry keys may be left; all of them are forgotten. Frees s->state. */
    void (*close)(struct selector *s);

    /* On entry slot == nkeys and keys[slot] is filled in; nkeys counts it afterwards. */
    int (*add)(struct selector *s, size_t slot);

    /* On entry keys[slot] has the old events; `events` differ from them. */
    int (*modify)(struct selector *s, size_t slot, unsigned events);

    /* On entry keys[slot] is still there; afterwards keys[nkeys - 1] moves to its place.
       Cannot fail: a descriptor that is gone is not watched either. */
    void (*remove)(struct selector *s, size_t slot);

    /* On entry s->ready has room for nkeys events, and timeout_ms is -1 or more. Fills
       s->ready from the start, each descriptor once, and returns how many. */
    int (*wait)(struct selector *s, int timeout_ms);
};

/* Declared everywhere, defined where the system has the call. */
extern const struct selector_backend selector_backend_epoll;
extern const struct selector_backend selector_backend_kqueue;
extern const struct selector_backend selector_backend_poll;
extern const struct selector_backend selector_backend_select;

/* The slot of a descriptor, or -1 if it is not registered. */
static inline int selector_slot(const struct selector *s, int fd)
{
    return fd >= 0 && (size_t)fd < s->nfds ? s->slot_of[fd] : -1;
}

/* Enters a key into the batch, which has nready entries, with those of the events that it
   waits for. Returns the new length: the old one if it waits for none of them. */
static inline int selector_report(struct selector *s, int nready, size_t slot,
                                  unsigned events)
{
    const struct selector_key *key = &s->keys[slot];
    events &= key->events;
    if (events == 0)
        return nready;
    s->ready[nready] = (struct selector_event){.key = *key, .events = events};
    return nready + 1;
}

#endif
