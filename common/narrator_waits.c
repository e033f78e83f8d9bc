/*
 * The calls that wait, as in narrator_calls.c.
 */
#define _DEFAULT_SOURCE 1 /* more than POSIX; with all of GNU the prototypes differ */
#undef _FORTIFY_SOURCE    /* its macros would stand in the way of these definitions */
#include "narrator.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "narrator_real.h"

#define EXPORT __attribute__((visibility("default")))

/* ---- poll ---- */

static void tell_timeout_ms(struct note *n, int timeout_ms)
{
    if (timeout_ms < 0)
        note_argument(n, "for ever");
    else
        note_argument(n, "%d ms", timeout_ms);
}

static int ms_of(const struct timespec *timeout)
{
    return timeout == NULL ? -1
                           : (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000);
}

static void tell_timeout(struct note *n, const struct timespec *timeout)
{
    tell_timeout_ms(n, ms_of(timeout));
}

static void tell_poll(struct note *n, const struct pollfd *fds, nfds_t count)
{
    if (!n->refused && n->error != 0 && n->error != EINTR)
        return; /* the kernel may not have read the array: it may be anywhere */
    note_argument(n, "[");
    decode_poll(&n->arguments, fds, count, false);
    text_add(&n->arguments, "]");
}

static void tell_ready_poll(struct note *n, const struct pollfd *fds, nfds_t count)
{
    if (n->error == 0 && n->result > 0)
        decode_poll(&n->more, fds, count, true);
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct note n;
    note_begin(&n, NARRATED_POLL, NO_FD);
    NOTE_CALL(&n, real.poll(fds, count, timeout_ms));
    tell_poll(&n, fds, count);
    tell_timeout_ms(&n, timeout_ms);
    tell_ready_poll(&n, fds, count);
    return (int)note_end(&n);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                 const sigset_t *signals);
EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                 const sigset_t *signals)
{
    struct note n;
    note_begin(&n, NARRATED_PPOLL, NO_FD);
    NOTE_CALL(&n, real.ppoll(fds, count, timeout, signals));
    tell_poll(&n, fds, count);
    tell_timeout(&n, timeout);
    tell_ready_poll(&n, fds, count);
    return (int)note_end(&n);
}

/* ---- select ---- */

/* "IN {3 4} OUT {5}": the members of the sets, with `lead` in front if there are any. */
static void decode_sets(struct text *out, const char *lead, int count,
                        const fd_set *const sets[3])
{
    static const char *const names[] = {"IN", "OUT", "ERR"};
    enum { MOST_SHOWN = 12 };
    for (int i = 0; i < 3 && !out->closed; i++) {
        int shown = 0;
        for (int fd = 0; sets[i] != NULL && fd < count && fd < FD_SETSIZE; fd++) {
            if (!FD_ISSET(fd, sets[i]) || shown++ >= MOST_SHOWN)
                continue;
            if (shown == 1)
                text_add(out, "%s%s {%d", lead, names[i], fd);
            else
                text_add(out, " %d", fd);
            lead = " ";
        }
        if (shown > 0)
            text_add(out, shown > MOST_SHOWN ? " ...}" : "}");
    }
}

static void tell_sets(struct note *n, int count, const fd_set *const sets[3],
                      int timeout_ms)
{
    note_argument(n, "%d", count);
    decode_sets(&n->arguments, ", ", count, sets);
    tell_timeout_ms(n, timeout_ms);
}

/* A call that is told only because it failed has no arguments yet. A failure leaves the
   sets as they were (select(2)); after EFAULT they may be anywhere. */
static void tell_outcome(struct note *n, int count, const fd_set *const sets[3],
                         int timeout_ms)
{
    if (n->error != 0 && n->error != EFAULT && n->arguments.size == 0)
        tell_sets(n, count, sets, timeout_ms);
    if (n->error == 0 && n->result > 0)
        decode_sets(&n->more, "", count, sets);
}

EXPORT int select(int count, fd_set *in, fd_set *out, fd_set *err,
                  struct timeval *timeout)
{
    struct note n;
    const fd_set *sets[] = {in, out, err};
    int timeout_ms =
        timeout == NULL ? -1 : (int)(timeout->tv_sec * 1000 + timeout->tv_usec / 1000);
    note_begin(&n, NARRATED_SELECT, NO_FD);
    tell_sets(&n, count, sets, timeout_ms);
    NOTE_CALL(&n, real.select(count, in, out, err, timeout));
    tell_outcome(&n, count, sets, timeout_ms);
    return (int)note_end(&n);
}

EXPORT int pselect(int count, fd_set *in, fd_set *out, fd_set *err,
                   const struct timespec *timeout, const sigset_t *signals)
{
    struct note n;
    const fd_set *sets[] = {in, out, err};
    note_begin(&n, NARRATED_PSELECT, NO_FD);
    tell_sets(&n, count, sets, ms_of(timeout));
    NOTE_CALL(&n, real.pselect(count, in, out, err, timeout, signals));
    tell_outcome(&n, count, sets, ms_of(timeout));
    return (int)note_end(&n);
}

/* ---- epoll, or kqueue ---- */

#ifdef __linux__
EXPORT int epoll_create(int size)
{
    struct note n;
    note_begin(&n, NARRATED_EPOLL_CREATE, NO_FD);
    NOTE_CALL(&n, real.epoll_create(size));
    note_argument(&n, "%d", size);
    return (int)note_end(&n);
}

EXPORT int epoll_create1(int flags)
{
    struct note n;
    note_begin(&n, NARRATED_EPOLL_CREATE1, NO_FD);
    NOTE_CALL(&n, real.epoll_create1(flags));
    note_argument(&n, flags == EPOLL_CLOEXEC ? "EPOLL_CLOEXEC" : "%d", flags);
    return (int)note_end(&n);
}

EXPORT int epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    static const char *const names[] = {"?", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL",
                                        "EPOLL_CTL_MOD"};
    struct note n;
    note_begin(&n, NARRATED_EPOLL_CTL, set);
    NOTE_CALL(&n, real.epoll_ctl(set, operation, fd, event));
    note_argument(&n, "%s, %d", names[operation >= 1 && operation <= 3 ? operation : 0],
                  fd);
    if (event != NULL && operation != EPOLL_CTL_DEL && (n.error == 0 || n.refused)) {
        decode_epoll_events(note_next_argument(&n), event->events);
    }
    return (int)note_end(&n);
}

/* The data of an event is the program's own: often a descriptor, as often a pointer. */
static void tell_ready_epoll(struct note *n, const struct epoll_event *events)
{
    enum { MOST_SHOWN = 8 };
    for (long i = 0; n->error == 0 && i < n->result && i < MOST_SHOWN; i++) {
        text_add(&n->more, i > 0 ? ", {" : "{");
        if (events[i].data.u64 < 65536)
            text_add(&n->more, "%d ", events[i].data.fd);
        decode_epoll_events(&n->more, events[i].events);
        text_add(&n->more, "}");
    }
    if (n->result > MOST_SHOWN)
        text_add(&n->more, ", ...");
}

EXPORT int epoll_wait(int set, struct epoll_event *events, int most, int timeout_ms)
{
    struct note n;
    note_begin(&n, NARRATED_EPOLL_WAIT, set);
    NOTE_CALL(&n, real.epoll_wait(set, events, most, timeout_ms));
    note_argument(&n, "%d", most);
    tell_timeout_ms(&n, timeout_ms);
    tell_ready_epoll(&n, events);
    return (int)note_end(&n);
}

EXPORT int epoll_pwait(int set, struct epoll_event *events, int most, int timeout_ms,
                       const sigset_t *signals)
{
    struct note n;
    note_begin(&n, NARRATED_EPOLL_PWAIT, set);
    NOTE_CALL(&n, real.epoll_pwait(set, events, most, timeout_ms, signals));
    note_argument(&n, "%d", most);
    tell_timeout_ms(&n, timeout_ms);
    tell_ready_epoll(&n, events);
    return (int)note_end(&n);
}
#else
EXPORT int kqueue(void);
EXPORT int kqueue(void)
{
    struct note n;
    note_begin(&n, NARRATED_KQUEUE, NO_FD);
    NOTE_CALL(&n, real.kqueue());
    return (int)note_end(&n);
}

EXPORT int kevent(int queue, const struct kevent *changes, int nchanges,
                  struct kevent *events, int nevents, const struct timespec *timeout);
EXPORT int kevent(int queue, const struct kevent *changes, int nchanges,
                  struct kevent *events, int nevents, const struct timespec *timeout)
{
    struct note n;
    note_begin(&n, NARRATED_KEVENT, queue);
    NOTE_CALL(&n, real.kevent(queue, changes, nchanges, events, nevents, timeout));
    note_argument(&n, "%d changes, room for %d", nchanges, nevents);
    tell_timeout(&n, timeout);
    return (int)note_end(&n);
}
#endif

/* ---- what _FORTIFY_SOURCE puts in the place of two of them ---- */

#ifdef __GLIBC__
EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room);
EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout_ms, size_t room)
{
    if (count > room / sizeof *fds)
        abort();
    return poll(fds, count, timeout_ms);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                       const sigset_t *signals, size_t room);
EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                       const sigset_t *signals, size_t room)
{
    if (count > room / sizeof *fds)
        abort();
    return ppoll(fds, count, timeout, signals);
}
#endif
