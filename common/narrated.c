#include "narrated.h"

#include <stdio.h>
#include <string.h>

#include "errno_name.h"

enum { NO_TABLE = -1 };

/* The calls that no table of io_status speaks of set things up, and their errnos are
   listed here: socket(2), bind(2), listen(2), shutdown(2), getsockopt(2), fcntl(2),
   epoll_create(2), kqueue(2), and the same pages of POSIX.1-2008. */
static const struct {
    const char *name;
    int io_call;
    enum narrated_way way;
    const char *errnos;
} calls[NARRATED_COUNT] = {
    [NARRATED_SOCKET] = {"socket", NO_TABLE, NARRATED_ASIDE,
                         " EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM "
                         "EPROTONOSUPPORT EPROTOTYPE "},
    [NARRATED_BIND] = {"bind", NO_TABLE, NARRATED_ASIDE,
                       " EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EALREADY EBADF "
                       "EFAULT EINPROGRESS EINVAL EISCONN ELOOP ENAMETOOLONG ENOBUFS "
                       "ENOENT ENOMEM ENOTDIR ENOTSOCK EOPNOTSUPP EROFS "},
    [NARRATED_LISTEN] = {"listen", NO_TABLE, NARRATED_ASIDE,
                         " EACCES EADDRINUSE EBADF EDESTADDRREQ EINVAL ENOBUFS ENOTSOCK "
                         "EOPNOTSUPP "},
    [NARRATED_ACCEPT] = {"accept", IO_ACCEPT, NARRATED_ASIDE, NULL},
    [NARRATED_ACCEPT4] = {"accept4", IO_ACCEPT, NARRATED_ASIDE, NULL},
    [NARRATED_CONNECT] = {"connect", IO_CONNECT, NARRATED_ASIDE, NULL},
    [NARRATED_RECV] = {"recv", IO_RECV, NARRATED_IN, NULL},
    [NARRATED_RECVFROM] = {"recvfrom", IO_RECV, NARRATED_IN, NULL},
    [NARRATED_RECVMSG] = {"recvmsg", IO_RECV, NARRATED_IN, NULL},
    [NARRATED_READ] = {"read", IO_RECV, NARRATED_IN, NULL},
    [NARRATED_READV] = {"readv", IO_RECV, NARRATED_IN, NULL},
    [NARRATED_SEND] = {"send", IO_SEND, NARRATED_OUT, NULL},
    [NARRATED_SENDTO] = {"sendto", IO_SEND, NARRATED_OUT, NULL},
    [NARRATED_SENDMSG] = {"sendmsg", IO_SEND, NARRATED_OUT, NULL},
    [NARRATED_WRITE] = {"write", IO_SEND, NARRATED_OUT, NULL},
    [NARRATED_WRITEV] = {"writev", IO_SEND, NARRATED_OUT, NULL},
    [NARRATED_SHUTDOWN] = {"shutdown", NO_TABLE, NARRATED_ASIDE,
                           " EBADF EINVAL ENOBUFS ENOTCONN ENOTSOCK "},
    [NARRATED_CLOSE] = {"close", IO_CLOSE, NARRATED_ASIDE, NULL},
    [NARRATED_SELECT] = {"select", IO_SELECT, NARRATED_WAITS, NULL},
    [NARRATED_PSELECT] = {"pselect", IO_SELECT, NARRATED_WAITS, NULL},
    [NARRATED_POLL] = {"poll", IO_POLL, NARRATED_WAITS, NULL},
    [NARRATED_PPOLL] = {"ppoll", IO_POLL, NARRATED_WAITS, NULL},
    [NARRATED_EPOLL_CREATE] = {"epoll_create", NO_TABLE, NARRATED_ASIDE,
                               " EINVAL EMFILE ENFILE ENOMEM "},
    [NARRATED_EPOLL_CREATE1] = {"epoll_create1", NO_TABLE, NARRATED_ASIDE,
                                " EINVAL EMFILE ENFILE ENOMEM "},
    [NARRATED_EPOLL_CTL] = {"epoll_ctl", IO_EPOLL_CTL, NARRATED_ASIDE, NULL},
    [NARRATED_EPOLL_WAIT] = {"epoll_wait", IO_EPOLL_WAIT, NARRATED_WAITS, NULL},
    [NARRATED_EPOLL_PWAIT] = {"epoll_pwait", IO_EPOLL_WAIT, NARRATED_WAITS, NULL},
    [NARRATED_KQUEUE] = {"kqueue", NO_TABLE, NARRATED_ASIDE, " EMFILE ENFILE ENOMEM "},
    [NARRATED_KEVENT] = {"kevent", IO_KEVENT, NARRATED_WAITS, NULL},
    [NARRATED_SETSOCKOPT] = {"setsockopt", NO_TABLE, NARRATED_ASIDE,
                             " EBADF EDOM EFAULT EINVAL EISCONN ENOBUFS ENOMEM "
                             "ENOPROTOOPT ENOTSOCK EPERM "},
    [NARRATED_GETSOCKOPT] = {"getsockopt", NO_TABLE, NARRATED_ASIDE,
                             " EACCES EBADF EFAULT EINVAL ENOBUFS ENOPROTOOPT "
                             "ENOTSOCK "},
    [NARRATED_FCNTL] = {"fcntl", NO_TABLE, NARRATED_ASIDE,
                        " EACCES EAGAIN EBADF EDEADLK EFAULT EINTR EINVAL EMFILE ENOLCK "
                        "EPERM "},
};

const char *narrated_name(enum narrated call)
{
    return calls[call].name;
}

enum narrated_way narrated_way(enum narrated call)
{
    return calls[call].way;
}

bool narrated_io_call(enum narrated call, enum io_call *io_call)
{
    if (calls[call].io_call == NO_TABLE)
        return false;
    *io_call = (enum io_call)calls[call].io_call;
    return true;
}

int narrated_by_name(const char *name, enum narrated *call)
{
    for (size_t i = 0; i < NARRATED_COUNT; i++) {
        if (strcmp(calls[i].name, name) != 0)
            continue;
        *call = (enum narrated)i;
        return 0;
    }
    return -1;
}

bool narrated_can_fail(enum narrated call, int error)
{
    enum io_call io_call;
    char word[32];
    size_t count;
    if (!narrated_io_call(call, &io_call)) {
        snprintf(word, sizeof word, " %s ", errno_name(error));
        return strstr(calls[call].errnos, word) != NULL;
    }
    const struct io_status *rows = io_status_rows(io_call, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].error == error)
            return true;
    return false;
}
