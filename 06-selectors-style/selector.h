/*
 * selector: one interface over epoll, kqueue, poll and select.
 *
 * In the style of Python's selectors module: descriptors are registered with what they
 * wait for and with a data pointer; a wait returns those that are ready, and the caller
 * dispatches on the data. There are no callbacks. Readiness is level-triggered: what
 * stays ready is reported by every wait. One selector belongs to one thread.
 *
 * While a batch is worked through, a handler may unregister and close its own descriptor
 * only, and register new ones. To close others, mark them and do it after the batch: an
 * event further on may still name the closed descriptor, or its number reused.
 */
#ifndef SELECTOR_H
#define SELECTOR_H

#include <stddef.h>

#include "../common/events.h"
#include "../common/io_status.h"

struct selector;

/* One descriptor as it was registered. Python: SelectorKey. */
struct selector_key {
    int fd;
    unsigned events; /* its interest: EVENT_READ, EVENT_WRITE or both */
    void *data;      /* the caller's; never looked at */
};

/* One entry of what a wait returned. Python: the pair (key, events). */
struct selector_event {
    struct selector_key key; /* a copy: later changes of the key do not show here */
    unsigned events;         /* what it is ready for: never 0, a subset of key.events */
};

/*
 * Opens a selector that waits with the backend of this name; NULL takes the best one that
 * opens here. Returns NULL with errno EINVAL if no such backend is compiled in, ENOMEM,
 * or what the backend's own call says (epoll_create1(2), kqueue(2): EMFILE, ENFILE).
 *
 * Opening "select" lowers the soft limit on descriptors of the whole process to
 * FD_SETSIZE, until the selector is closed: accept then fails with EMFILE instead of
 * giving a descriptor that select cannot wait for.
 * Python: DefaultSelector(), PollSelector() and so on.
 */
struct selector *selector_open(const char *backend);

/*
 * Watches a descriptor for `events`: EVENT_READ, EVENT_WRITE or both. `data` comes back
 * with every event. Returns 0, or -1 with nothing registered and errno
 *     EINVAL  events is 0 or has another bit
 *     EBADF   fd is negative, or was found not to be open
 *     EEXIST  fd is registered already
 *     ERANGE  fd is FD_SETSIZE or more, and the backend is select(2)
 *     ENOMEM, ENOSPC, EPERM and the like: from epoll_ctl(2) or kevent(2)
 * Never moves what the last selector_select returned. Python: register(), with ValueError
 * for EINVAL and EBADF and KeyError for EEXIST.
 */
int selector_register(struct selector *s, int fd, unsigned events, void *data);

/*
 * Stops watching a descriptor. Call it before close(2), always: epoll watches the open
 * file behind the number, and if a duplicate of it lives (dup, fork) goes on reporting a
 * number that is closed (epoll(7), questions and answers). Returns 0, or -1 with errno
 * ENOENT if fd is not registered. Python: unregister(), with KeyError.
 */
int selector_unregister(struct selector *s, int fd);

/*
 * Replaces a descriptor's interest and data. With the interest that it has already no
 * system call is made. Returns 0, or -1 with the key as before and errno EINVAL (events,
 * as above), ENOENT (not registered), or from epoll_ctl(2) or kevent(2).
 * Python: modify(), with ValueError and KeyError.
 */
int selector_modify(struct selector *s, int fd, unsigned events, void *data);

/*
 * Waits until a descriptor is ready, at most `timeout_ms` milliseconds: 0 only looks, -1
 * (or less) waits without limit. A timeout is whole milliseconds and never cut short.
 * Points *ready at the batch and returns its length: 0 if the time is over or a signal
 * interrupted the wait, so that the caller looks at its stop flag. Returns -1 with errno
 * on any other failure; die_unless_retry(selector_wait_call(s)) says what then.
 *
 * A descriptor occurs at most once. An error or a hang-up counts as whatever was asked
 * for: the recv or send that follows tells the reason. The array belongs to the selector
 * and is valid until the next selector_select or selector_close. It has room for every
 * key; poll and select report all that are ready, while epoll and kqueue report up to 512
 * events in a call and begin the next one with those that were left out.
 * Python: select(), where the timeout is in seconds, None waits without limit, and kqueue
 * may list a descriptor twice.
 */
int selector_select(struct selector *s, int timeout_ms,
                    const struct selector_event **ready);

/* The call that selector_select waits with, to ask io_status about its errno. */
enum io_call selector_wait_call(const struct selector *s);

/*
 * A descriptor's key, valid until the next register, unregister or close of the selector;
 * NULL with errno ENOENT if it is not registered. Python: get_key(), with KeyError.
 */
const struct selector_key *selector_get_key(const struct selector *s, int fd);

/*
 * All keys, in no particular order; stores their number in *count. Never fails. Valid
 * until the next register. Unregistering moves the last key to the place that falls
 * vacant: going down from the end, one may unregister each key and still meet all.
 * Python: get_map(), which is a mapping by descriptor.
 */
const struct selector_key *selector_get_map(const struct selector *s, size_t *count);

/*
 * Ends the selector and frees its memory. The registered descriptors stay open. NULL is
 * allowed. Python: close().
 */
void selector_close(struct selector *s);

/* The name of the backend in use: "poll". Python: type(selector).__name__. */
const char *selector_name(const struct selector *s);

/*
 * The names of the backends compiled in, best first, for i = 0, 1, ...; NULL after the
 * last. Python: hasattr(selectors, "EpollSelector") and so on.
 */
const char *selector_backend_name(size_t i);

#endif
