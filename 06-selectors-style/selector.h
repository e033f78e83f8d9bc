/*
 * selector: wait for many descriptors, with whatever this system has for it.
 *
 * The shape is that of Python's selectors module: register what you wait for together
 * with a pointer of your own, select, and get the pointers of what is ready. There are no
 * callbacks: the caller's loop stays the caller's. Behind it are the techniques of
 * lessons 03 to 05, a backend each.
 *
 * Readiness is level-triggered: what is not used up is reported again.
 */
#ifndef SELECTOR_H
#define SELECTOR_H

#include <stddef.h>

#include "../common/events.h"
#include "../common/io_status.h"

struct selector;

/* What was registered. Python: SelectorKey. */
struct selector_key {
    int fd;
    unsigned events; /* EVENT_READ, EVENT_WRITE or both */
    void *data;      /* the caller's, never looked at */
};

/* One ready descriptor: a copy of its key, and what it is ready for. */
struct selector_event {
    struct selector_key key;
    unsigned events; /* some of key.events */
};

/*
 * Opens a selector on the backend of that name, or on the best one here if it is NULL.
 * Returns NULL with errno: EINVAL if no such backend was compiled in, ENOMEM, or what
 * epoll_create1(2) or kqueue(2) say. Python: DefaultSelector().
 */
struct selector *selector_open(const char *backend);

/* Frees the selector. The registered descriptors stay open. */
void selector_close(struct selector *s);

/*
 * Waits for events on fd from now on. Returns 0, or -1 with errno and nothing changed:
 * EBADF a negative descriptor, EINVAL no events or unknown ones, EEXIST it is registered
 * already, ERANGE the backend is select and fd is FD_SETSIZE or more, ENOMEM, ENOSPC (see
 * epoll_ctl(2)). Written out as interest_add in lessons 03 to 05.
 */
int selector_register(struct selector *s, int fd, unsigned events, void *data);

/*
 * Changes what a registered descriptor waits for, and its pointer. Returns 0, or -1 with
 * errno and nothing changed: EINVAL, ENOENT it is not registered, ENOMEM.
 */
int selector_modify(struct selector *s, int fd, unsigned events, void *data);

/*
 * Forgets a descriptor. Returns 0, or -1 with errno ENOENT. Call it before close: the
 * number of a closed descriptor is given out again at once, and epoll goes on reporting a
 * closed descriptor while a duplicate of it lives (epoll(7), question 6).
 */
int selector_unregister(struct selector *s, int fd);

/*
 * Waits until something is ready, but timeout_ms milliseconds at most: -1 for as long as
 * it takes, 0 to look only. Points *ready at the ready descriptors and returns how many
 * they are; they are valid until the next call with this selector. Returns 0 after the
 * timeout and after a signal, so that the caller's loop gets round. -1 with errno is what
 * the backend's wait says: see selector_wait_call.
 *
 * Each descriptor is reported at most once, and for nothing that it does not wait for. An
 * error or a hang-up counts as whatever is waited for: the recv or send that follows
 * tells what it is. In one batch a caller may unregister and close the descriptor it is
 * serving, and no other: those that come later in the batch may be among the others.
 */
int selector_select(struct selector *s, int timeout_ms,
                    const struct selector_event **ready);

/* The key of a descriptor, valid until the next change; NULL with errno ENOENT. */
const struct selector_key *selector_get_key(const struct selector *s, int fd);

/* All keys, in no order, valid until the next change. Stores their number in *count. */
const struct selector_key *selector_get_map(const struct selector *s, size_t *count);

/* The name of the backend in use: "epoll". */
const char *selector_name(const struct selector *s);

/* Which call's errno selector_select returns, for io_status. */
enum io_call selector_wait_call(const struct selector *s);

/* The names of the backends compiled in, best first; NULL past the last. */
const char *selector_backend_name(size_t i);

#endif
