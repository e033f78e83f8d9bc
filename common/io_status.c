#include "io_status.h"

#include <errno.h>
#include <string.h>

/* One row a line. */
/* clang-format off */
#define ROW(errno_name, verdict, reason) {errno_name, #errno_name, verdict, reason}

/* accept(2), "Error handling", and accept in POSIX.1-2008. Linux hands over the pending
   network errors of the new socket, which concern that one client alone. */
static const struct io_status accept_rows[] = {
    ROW(EAGAIN, IO_RETRY_WHEN_READY, "no client is waiting; wait for readability"),
    ROW(EWOULDBLOCK, IO_RETRY_WHEN_READY, "no client is waiting; wait for readability"),
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; call again"),
    ROW(ECONNABORTED, IO_RETRY_NOW, "this client left before accept; take the next"),
    ROW(EPROTO, IO_RETRY_NOW, "this connection broke in the queue; take the next"),
    ROW(EPERM, IO_RETRY_NOW, "a firewall refused this client; take the next"),
    ROW(ETIMEDOUT, IO_RETRY_NOW, "this connection timed out in the queue; take the next"),
    ROW(ENETDOWN, IO_RETRY_NOW, "this connection lost its network; take the next"),
    ROW(ENOPROTOOPT, IO_RETRY_NOW, "this connection broke in the queue; take the next"),
#ifdef EHOSTDOWN
    ROW(EHOSTDOWN, IO_RETRY_NOW, "this client's host is down; take the next"),
#endif
#ifdef ENONET
    ROW(ENONET, IO_RETRY_NOW, "this connection lost its network; take the next"),
#endif
    ROW(EHOSTUNREACH, IO_RETRY_NOW, "this client cannot be reached; take the next"),
    ROW(ENETUNREACH, IO_RETRY_NOW, "this client cannot be reached; take the next"),
    ROW(EOPNOTSUPP, IO_RETRY_NOW, "on a good TCP listener: this connection broke"),
    ROW(EMFILE, IO_ERROR_BACK_OFF, "this process has no descriptor left; wait for one"),
    ROW(ENFILE, IO_ERROR_BACK_OFF, "the system has no free descriptor; wait"),
    ROW(ENOBUFS, IO_ERROR_BACK_OFF, "no memory for socket buffers; wait"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
#ifdef ENOSR
    ROW(ENOSR, IO_ERROR_BACK_OFF, "no STREAMS resources; wait"),
#endif
#ifdef ESOCKTNOSUPPORT
    ROW(ESOCKTNOSUPPORT, IO_ERROR_MISTAKE, "this type of socket cannot accept"),
#endif
    ROW(EPROTONOSUPPORT, IO_ERROR_MISTAKE, "this protocol cannot accept"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "the socket is not listening"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor is not open"),
    ROW(ENOTSOCK, IO_ERROR_MISTAKE, "the descriptor is no socket"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the address argument is not writable memory"),
};

/* connect(2) and connect in POSIX.1-2008: an interrupted attempt goes on. */
static const struct io_status connect_rows[] = {
    ROW(EAGAIN, IO_ERROR_BACK_OFF, "no free port or route; a full Unix queue"),
    ROW(EWOULDBLOCK, IO_ERROR_BACK_OFF, "no free port or route; a full Unix queue"),
    ROW(EINPROGRESS, IO_PENDING, "under way; wait for writability, then read SO_ERROR"),
    ROW(EINTR, IO_PENDING, "goes on in spite of the signal; wait for writability"),
    ROW(EALREADY, IO_PENDING, "an earlier connect is still under way; wait for it"),
    ROW(EISCONN, IO_ERROR_MISTAKE, "connected already: read SO_ERROR once, not connect"),
    ROW(EADDRNOTAVAIL, IO_ERROR_BACK_OFF, "no free local port; wait"),
    ROW(EADDRINUSE, IO_ERROR_BACK_OFF, "the local address is in use; wait"),
    ROW(ENOBUFS, IO_ERROR_BACK_OFF, "no memory for socket buffers; wait"),
    ROW(ECONNREFUSED, IO_ERROR_CONNECTION, "nobody listens there; try the next address"),
    ROW(ETIMEDOUT, IO_ERROR_CONNECTION, "no answer; try the next address"),
    ROW(ENETUNREACH, IO_ERROR_CONNECTION, "no way to that network; try the next address"),
    ROW(EHOSTUNREACH, IO_ERROR_CONNECTION, "no way to that host; try the next address"),
    ROW(ECONNRESET, IO_ERROR_CONNECTION, "the other end reset the attempt"),
    ROW(ENETDOWN, IO_ERROR_CONNECTION, "the local network is down"),
    ROW(EACCES, IO_ERROR_CONNECTION, "not permitted"),
    ROW(EPERM, IO_ERROR_CONNECTION, "a local firewall forbids it"),
    ROW(EAFNOSUPPORT, IO_ERROR_CONNECTION, "no such family here; try the next address"),
    ROW(ENOENT, IO_ERROR_CONNECTION, "Unix socket: there is no such path"),
    ROW(ENOTDIR, IO_ERROR_CONNECTION, "Unix socket: a part of the path is no directory"),
    ROW(ELOOP, IO_ERROR_CONNECTION, "Unix socket: the path goes in a circle"),
    ROW(ENAMETOOLONG, IO_ERROR_CONNECTION, "Unix socket: the path is too long"),
    ROW(EIO, IO_ERROR_CONNECTION, "Unix socket: the file system failed"),
    ROW(EPROTOTYPE, IO_ERROR_MISTAKE, "that address is of another socket type"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "the address or its length is wrong"),
    ROW(EOPNOTSUPP, IO_ERROR_MISTAKE, "the socket is listening"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor is not open"),
    ROW(ENOTSOCK, IO_ERROR_MISTAKE, "the descriptor is no socket"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the address argument is not readable memory"),
};

/* recv(2), read(2), tcp(7), and recv in POSIX.1-2008. */
static const struct io_status recv_rows[] = {
    ROW(EAGAIN, IO_RETRY_WHEN_READY, "nothing to read yet; wait for readability"),
    ROW(EWOULDBLOCK, IO_RETRY_WHEN_READY, "nothing to read yet; wait for readability"),
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; call again"),
    ROW(ECONNRESET, IO_ERROR_CONNECTION, "the peer reset the connection"),
    ROW(ETIMEDOUT, IO_ERROR_CONNECTION, "the peer has not answered for too long"),
    ROW(ECONNREFUSED, IO_ERROR_CONNECTION, "the peer refused an earlier datagram"),
    ROW(EPIPE, IO_ERROR_CONNECTION, "this end was shut down"),
    ROW(ENOTCONN, IO_ERROR_CONNECTION, "the connection is gone, or never was"),
    ROW(EHOSTUNREACH, IO_ERROR_CONNECTION, "the peer cannot be reached"),
    ROW(ENETUNREACH, IO_ERROR_CONNECTION, "the peer's network cannot be reached"),
    ROW(ENETDOWN, IO_ERROR_CONNECTION, "the local network is down"),
    ROW(EPROTO, IO_ERROR_CONNECTION, "a protocol error was queued"),
    ROW(EIO, IO_ERROR_CONNECTION, "input or output error; a terminal in the background"),
    ROW(ENOBUFS, IO_ERROR_BACK_OFF, "no memory for socket buffers; wait"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "a wrong argument; with MSG_OOB: no urgent data"),
    ROW(EOPNOTSUPP, IO_ERROR_MISTAKE, "these flags do not fit this socket"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor is not open"),
    ROW(ENOTSOCK, IO_ERROR_MISTAKE, "the descriptor is no socket"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the buffer is not writable memory"),
    ROW(EISDIR, IO_ERROR_MISTAKE, "read: the descriptor is a directory, not a socket"),
    ROW(EOVERFLOW, IO_ERROR_MISTAKE, "read: the descriptor is a file, not a socket"),
    ROW(ENXIO, IO_ERROR_MISTAKE, "read: the descriptor is a device, not a socket"),
    ROW(ESPIPE, IO_ERROR_MISTAKE, "pread: a socket has no position"),
    ROW(EBADMSG, IO_ERROR_MISTAKE, "read: the descriptor is a STREAM, not a socket"),
};

/* send(2), write(2), tcp(7), and send in POSIX.1-2008. */
static const struct io_status send_rows[] = {
    ROW(EAGAIN, IO_RETRY_WHEN_READY, "the send buffer is full; wait until writable"),
    ROW(EWOULDBLOCK, IO_RETRY_WHEN_READY, "the send buffer is full; wait until writable"),
    ROW(EINTR, IO_RETRY_NOW, "a signal came before any byte was sent; call again"),
    ROW(ENOBUFS, IO_RETRY_LATER, "the network queue is full; try after a pause"),
    ROW(EALREADY, IO_PENDING, "the connection is still being made; wait for writability"),
    ROW(EINPROGRESS, IO_PENDING, "the connection is being made; wait for writability"),
    ROW(EPIPE, IO_ERROR_CONNECTION, "the peer is gone; with SIGPIPE unless ignored"),
    ROW(ECONNRESET, IO_ERROR_CONNECTION, "the peer reset the connection"),
    ROW(ETIMEDOUT, IO_ERROR_CONNECTION, "the peer has not answered for too long"),
    ROW(ENOTCONN, IO_ERROR_CONNECTION, "the connection is gone, or never was"),
    ROW(EHOSTUNREACH, IO_ERROR_CONNECTION, "the peer cannot be reached"),
    ROW(ENETUNREACH, IO_ERROR_CONNECTION, "the peer's network cannot be reached"),
    ROW(ENETDOWN, IO_ERROR_CONNECTION, "the local network is down"),
    ROW(EACCES, IO_ERROR_CONNECTION, "not permitted"),
    ROW(EPERM, IO_ERROR_CONNECTION, "a local firewall forbids it"),
    ROW(EIO, IO_ERROR_CONNECTION, "input or output error"),
    ROW(ENOENT, IO_ERROR_CONNECTION, "Unix socket: there is no such path"),
    ROW(ENOTDIR, IO_ERROR_CONNECTION, "Unix socket: a part of the path is no directory"),
    ROW(ELOOP, IO_ERROR_CONNECTION, "Unix socket: the path goes in a circle"),
    ROW(ENAMETOOLONG, IO_ERROR_CONNECTION, "Unix socket: the path is too long"),
    ROW(ENOSPC, IO_ERROR_CONNECTION, "write: the disk is full; this is a file"),
#ifdef EDQUOT
    ROW(EDQUOT, IO_ERROR_CONNECTION, "write: the quota is used up; this is a file"),
#endif
    ROW(EFBIG, IO_ERROR_CONNECTION, "write: the file is too large; this is no socket"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
    ROW(EMSGSIZE, IO_ERROR_MISTAKE, "the datagram is larger than the socket allows"),
    ROW(EDESTADDRREQ, IO_ERROR_MISTAKE, "a datagram needs an address"),
    ROW(EISCONN, IO_ERROR_MISTAKE, "an address was given to a connected socket"),
    ROW(EAFNOSUPPORT, IO_ERROR_MISTAKE, "the address is of another family"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "a wrong argument"),
    ROW(EOPNOTSUPP, IO_ERROR_MISTAKE, "these flags do not fit this socket"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor is not open"),
    ROW(ENOTSOCK, IO_ERROR_MISTAKE, "the descriptor is no socket"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the buffer is not readable memory"),
    ROW(ERANGE, IO_ERROR_MISTAKE, "write: the descriptor is a STREAM, not a socket"),
    ROW(ENXIO, IO_ERROR_MISTAKE, "write: the descriptor is a device, not a socket"),
    ROW(ESPIPE, IO_ERROR_MISTAKE, "pwrite: a socket has no position"),
};

/* select(2), and pselect in POSIX.1-2008. */
static const struct io_status select_rows[] = {
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; wait again for the time left"),
    ROW(EAGAIN, IO_RETRY_LATER, "no memory for the moment; try after a pause"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
    ROW(EBADF, IO_ERROR_MISTAKE, "a closed descriptor is still in a set"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "a negative count, or a wrong timeout"),
};

/* poll(2), and poll in POSIX.1-2008. */
static const struct io_status poll_rows[] = {
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; wait again for the time left"),
    ROW(EAGAIN, IO_RETRY_LATER, "no memory for the moment; try after a pause"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "more entries than descriptors, or a wrong timeout"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the array is not writable memory"),
};

/* epoll_wait(2). */
static const struct io_status epoll_wait_rows[] = {
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; wait again for the time left"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the epoll descriptor is not open"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "the array is not writable memory"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "no epoll descriptor, or no room for events"),
};

/* epoll_ctl(2). */
static const struct io_status epoll_ctl_rows[] = {
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; close this connection, serve the others"),
    ROW(ENOSPC, IO_ERROR_BACK_OFF, "the user's limit of watches; close this connection"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor was closed before it was removed"),
    ROW(EEXIST, IO_ERROR_MISTAKE, "the descriptor is in the set already"),
    ROW(ENOENT, IO_ERROR_MISTAKE, "the descriptor is not in the set"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "a wrong descriptor or wrong flags"),
    ROW(ELOOP, IO_ERROR_MISTAKE, "epoll sets that contain each other"),
    ROW(EPERM, IO_ERROR_MISTAKE, "a regular file is always ready, it cannot wait"),
};

/* kevent(2) of FreeBSD and macOS. */
static const struct io_status kevent_rows[] = {
    ROW(EINTR, IO_RETRY_NOW, "a signal came first; wait again for the time left"),
    ROW(ENOMEM, IO_ERROR_BACK_OFF, "no memory; wait"),
    ROW(EACCES, IO_ERROR_MISTAKE, "no permission for this filter"),
    ROW(EBADF, IO_ERROR_MISTAKE, "the descriptor is not open"),
    ROW(EFAULT, IO_ERROR_MISTAKE, "an array is not readable or writable memory"),
    ROW(EINVAL, IO_ERROR_MISTAKE, "a wrong timeout or filter"),
    ROW(ENOENT, IO_ERROR_MISTAKE, "the event is not registered"),
    ROW(ESRCH, IO_ERROR_MISTAKE, "the process to watch does not exist"),
};

/* close(2), "Dealing with error returns from close()": the descriptor is gone whatever
   close says, and its number may already be another thread's. */
static const struct io_status close_rows[] = {
    ROW(EINTR, IO_PENDING, "closed all the same; never call close again"),
    ROW(EINPROGRESS, IO_PENDING, "closed, the rest goes on; never call close again"),
    ROW(EIO, IO_ERROR_CONNECTION, "closed all the same; written data may be lost"),
    ROW(ENOSPC, IO_ERROR_CONNECTION, "closed all the same; written data may be lost"),
#ifdef EDQUOT
    ROW(EDQUOT, IO_ERROR_CONNECTION, "closed all the same; written data may be lost"),
#endif
    ROW(EBADF, IO_ERROR_MISTAKE, "closed twice: the next time it hits somebody else's"),
};

/* What an errno means that no document lists for the call: it is never ignored, and one
   client never ends a server. */
enum { CONNECTION_ENDS, ACCEPT_BACKS_OFF, WAIT_IS_WRONG };
static const struct io_status undocumented[] = {
    [CONNECTION_ENDS] = {0, "(undocumented)", IO_ERROR_CONNECTION,
                         "not documented here; close this connection"},
    [ACCEPT_BACKS_OFF] = {0, "(undocumented)", IO_ERROR_BACK_OFF,
                          "not documented here; accept again after a pause"},
    [WAIT_IS_WRONG] = {0, "(undocumented)", IO_ERROR_MISTAKE,
                       "not documented here; to go on could spin"},
};

#define TABLE(rows) (rows), sizeof(rows) / sizeof(rows)[0]

static const struct {
    const char *name;
    const struct io_status *rows;
    size_t count;
    int undocumented; /* index of the answer for all other errnos */
} calls[] = {
    [IO_ACCEPT] = {"accept", TABLE(accept_rows), ACCEPT_BACKS_OFF},
    [IO_CONNECT] = {"connect", TABLE(connect_rows), CONNECTION_ENDS},
    [IO_RECV] = {"recv", TABLE(recv_rows), CONNECTION_ENDS},
    [IO_SEND] = {"send", TABLE(send_rows), CONNECTION_ENDS},
    [IO_SELECT] = {"select", TABLE(select_rows), WAIT_IS_WRONG},
    [IO_POLL] = {"poll", TABLE(poll_rows), WAIT_IS_WRONG},
    [IO_EPOLL_WAIT] = {"epoll_wait", TABLE(epoll_wait_rows), WAIT_IS_WRONG},
    [IO_EPOLL_CTL] = {"epoll_ctl", TABLE(epoll_ctl_rows), WAIT_IS_WRONG},
    [IO_KEVENT] = {"kevent", TABLE(kevent_rows), WAIT_IS_WRONG},
    [IO_CLOSE] = {"close", TABLE(close_rows), CONNECTION_ENDS},
};

static const struct {
    const char *name;
    enum io_call call;
} relatives[] = {
    {"accept4", IO_ACCEPT},   {"recvfrom", IO_RECV},        {"recvmsg", IO_RECV},
    {"read", IO_RECV},        {"sendto", IO_SEND},          {"sendmsg", IO_SEND},
    {"write", IO_SEND},       {"pselect", IO_SELECT},       {"ppoll", IO_POLL},
    {"epoll_pwait", IO_EPOLL_WAIT},
};
/* clang-format on */

static const struct {
    const char *name, *action;
} verdicts[] = {
    [IO_RETRY_NOW] = {"retry", "now"},
    [IO_RETRY_WHEN_READY] = {"retry", "when ready"},
    [IO_RETRY_LATER] = {"retry", "later"},
    [IO_PENDING] = {"pending", ""},
    [IO_ERROR_CONNECTION] = {"error", "one connection"},
    [IO_ERROR_BACK_OFF] = {"error", "back off"},
    [IO_ERROR_MISTAKE] = {"error", "mistake"},
};

const struct io_status *io_status(enum io_call call, int error)
{
    for (size_t i = 0; i < calls[call].count; i++)
        if (calls[call].rows[i].error == error)
            return &calls[call].rows[i];
    return &undocumented[calls[call].undocumented];
}

enum io_verdict io_verdict(enum io_call call, int error)
{
    return io_status(call, error)->verdict;
}

const char *io_verdict_name(enum io_verdict verdict)
{
    return verdicts[verdict].name;
}

const char *io_verdict_action(enum io_verdict verdict)
{
    return verdicts[verdict].action;
}

const char *io_call_name(enum io_call call)
{
    return calls[call].name;
}

int io_call_by_name(const char *name, enum io_call *call)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(calls[i].name, name) == 0) {
            *call = (enum io_call)i;
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof relatives / sizeof relatives[0]; i++) {
        if (strcmp(relatives[i].name, name) == 0) {
            *call = relatives[i].call;
            return 0;
        }
    }
    return -1;
}

const struct io_status *io_status_rows(enum io_call call, size_t *count)
{
    *count = calls[call].count;
    return calls[call].rows;
}
