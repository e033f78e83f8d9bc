/*
 * selector_backend: what selector.c and its backends share. Programs include selector.h.
 */
#ifndef SELECTOR_BACKEND_H
#define SELECTOR_BACKEND_H

#include "selector.h"

struct selector {
    const struct selector_backend *backend;
    void *state;                  /* the backend's own */
    struct selector_key *keys;    /* dense: slots 0 to nkeys - 1 */
    struct selector_event *ready; /* room for every key */
    size_t nkeys, size;           /* size: room in keys and ready */
    int *slot_of;                 /* slot_of[fd]: its slot, -1 if it is not registered */
    int slot_of_size;
};

/*
 * One technique. Each function may count on what selector.c has checked before: events
 * are known and not 0, a descriptor to add is new, one to modify or remove is there.
 */
struct selector_backend {
    const char *name;
    enum io_call wait_call;
    /* Sets s->state. 0, or -1 with errno. */
    int (*open)(struct selector *s);
    void (*close)(struct selector *s);
    /* keys[slot] is filled in and slot is the last; -1 with errno takes it back. */
    int (*add)(struct selector *s, size_t slot);
    /* keys[slot] still has the old events. 0, or -1 with errno. */
    int (*modify)(struct selector *s, size_t slot, unsigned events);
    /* keys[slot] is still there; after this the last key moves into its place. */
    void (*remove)(struct selector *s, size_t slot);
    /* Fills s->ready by selector_report. Their number, or -1 with errno. */
    int (*wait)(struct selector *s, int timeout_ms);
};

extern const struct selector_backend selector_epoll, selector_kqueue, selector_poll,
    selector_select_backend;

/*
 * Enters a descriptor into s->ready[nready], reduced to what it waits for. Returns the
 * new nready, which is the old one if nothing is left.
 */
static inline int selector_report(struct selector *s, int nready, size_t slot,
                                  unsigned events)
{
    struct selector_event *event = &s->ready[nready];
    event->key = s->keys[slot];
    event->events = events & event->key.events;
    return event->events != 0 ? nready + 1 : nready;
}

#endif
