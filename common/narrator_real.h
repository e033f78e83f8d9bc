/* narrator_real: the calls themselves, which the wrappers stand in front of. */
#ifndef NARRATOR_REAL_H
#define NARRATOR_REAL_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct epoll_event;
struct kevent;

/* A row a call: its result, its name, its parameters. */
#define REAL_CALLS(ROW)                                                                  \
    ROW(int, socket, (int, int, int))                                                    \
    ROW(int, bind, (int, const struct sockaddr *, socklen_t))                            \
    ROW(int, listen, (int, int))                                                         \
    ROW(int, accept, (int, struct sockaddr *, socklen_t *))                              \
    ROW(int, accept4, (int, struct sockaddr *, socklen_t *, int))                        \
    ROW(int, connect, (int, const struct sockaddr *, socklen_t))                         \
    ROW(ssize_t, recv, (int, void *, size_t, int))                                       \
    ROW(ssize_t, recvfrom, (int, void *, size_t, int, struct sockaddr *, socklen_t *))   \
    ROW(ssize_t, recvmsg, (int, struct msghdr *, int))                                   \
    ROW(ssize_t, read, (int, void *, size_t))                                            \
    ROW(ssize_t, readv, (int, const struct iovec *, int))                                \
    ROW(ssize_t, send, (int, const void *, size_t, int))                                 \
    ROW(ssize_t, sendto,                                                                 \
        (int, const void *, size_t, int, const struct sockaddr *, socklen_t))            \
    ROW(ssize_t, sendmsg, (int, const struct msghdr *, int))                             \
    ROW(ssize_t, write, (int, const void *, size_t))                                     \
    ROW(ssize_t, writev, (int, const struct iovec *, int))                               \
    ROW(int, shutdown, (int, int))                                                       \
    ROW(int, close, (int))                                                               \
    ROW(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))              \
    ROW(int, pselect,                                                                    \
        (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))  \
    ROW(int, poll, (struct pollfd *, nfds_t, int))                                       \
    ROW(int, ppoll,                                                                      \
        (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))            \
    ROW(int, epoll_create, (int))                                                        \
    ROW(int, epoll_create1, (int))                                                       \
    ROW(int, epoll_ctl, (int, int, int, struct epoll_event *))                           \
    ROW(int, epoll_wait, (int, struct epoll_event *, int, int))                          \
    ROW(int, epoll_pwait, (int, struct epoll_event *, int, int, const sigset_t *))       \
    ROW(int, kqueue, (void))                                                             \
    ROW(int, kevent,                                                                     \
        (int, const struct kevent *, int, struct kevent *, int,                          \
         const struct timespec *))                                                       \
    ROW(int, getsockopt, (int, int, int, void *, socklen_t *))                           \
    ROW(int, setsockopt, (int, int, int, const void *, socklen_t))                       \
    ROW(int, fcntl, (int, int, ...))                                                     \
    ROW(void, _exit, (int))

struct real {
/* A declarator and its parameters cannot stand in brackets of their own.
   NOLINTNEXTLINE(bugprone-macro-parentheses) */
#define REAL_MEMBER(result, name, parameters) result(*name) parameters;
    REAL_CALLS(REAL_MEMBER)
#undef REAL_MEMBER
};

extern struct real real;

/* Finds them, once. A call that this system does not have stays NULL, and nobody calls
   it: its wrapper stands in front of nothing. */
void real_resolve(void);

#endif
