/*
 * The calls that the narrator stands in front of: each under its own name, so that the
 * dynamic linker finds it here first (LD_PRELOAD in ld.so(8)). Those that wait stand in
 * narrator_waits.c.
 */
#define _DEFAULT_SOURCE 1 /* more than POSIX; with all of GNU the prototypes differ */
#undef _FORTIFY_SOURCE    /* its macros would stand in the way of these definitions */
#include "narrator.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "narrator_real.h"

#define EXPORT __attribute__((visibility("default")))

enum { MAX_IOV = 64 };

/* ---- setting up ---- */

EXPORT int socket(int domain, int type, int protocol)
{
    struct note n;
    note_begin(&n, NARRATED_SOCKET, NO_FD);
    NOTE_CALL(&n, real.socket(domain, type, protocol));
    decode_socket(note_next_argument(&n), domain, type, protocol);
    return (int)note_end(&n);
}

/* Has the kernel read what the program's pointers point to? If it has refused the call
   before that, they may point anywhere. */
static bool is_readable(const struct note *n)
{
    if (!n->counts)
        return false;
    return n->refused || (n->error != EFAULT && n->error != EINVAL && n->error != EBADF &&
                          n->error != ENOTSOCK);
}

static void tell_address(struct note *n, const struct sockaddr *address, socklen_t length)
{
    if (!is_readable(n))
        return;
    decode_address(note_next_argument(n), address, length);
}

EXPORT int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    struct note n;
    note_begin(&n, NARRATED_BIND, fd);
    NOTE_CALL(&n, real.bind(fd, address, length));
    tell_address(&n, address, length);
    return (int)note_end(&n);
}

EXPORT int listen(int fd, int backlog)
{
    struct note n;
    note_begin(&n, NARRATED_LISTEN, fd);
    NOTE_CALL(&n, real.listen(fd, backlog));
    note_argument(&n, "%d", backlog);
    return (int)note_end(&n);
}

/* Begins to connect and does not wait for the end, as after a signal: SO_ERROR will tell
   how it went. */
static int connect_behind(int fd, const struct sockaddr *address, socklen_t length)
{
    int flags = real.fcntl(fd, F_GETFL);
    real.fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    int result = real.connect(fd, address, length);
    int saved_errno = errno;
    real.fcntl(fd, F_SETFL, flags);
    errno = saved_errno;
    return result;
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    struct note n;
    note_begin(&n, NARRATED_CONNECT, fd);
    if (n.fault != NULL && n.fault->kind == FAULT_ERRNO && !n.refused)
        NOTE_CALL(&n, connect_behind(fd, address, length));
    else
        NOTE_CALL(&n, real.connect(fd, address, length));
    tell_address(&n, address, length);
    return (int)note_end(&n);
}

/* Who has come: the address that the program asked for, or asked for here. */
static void tell_peer(struct note *n, const struct sockaddr *address, socklen_t room,
                      const socklen_t *length)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (n->error != 0 || n->more.closed)
        return;
    text_add(&n->more, "from ");
    if (address != NULL && length != NULL)
        decode_address(&n->more, address, *length < room ? *length : room);
    else if (getpeername((int)n->result, (struct sockaddr *)&peer, &size) == 0)
        decode_address(&n->more, (struct sockaddr *)&peer, size);
    else
        text_add(&n->more, "a client that has gone");
}

EXPORT int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    struct note n;
    note_begin(&n, NARRATED_ACCEPT, fd);
    socklen_t room = length != NULL ? *length : 0;
    NOTE_CALL(&n, real.accept(fd, address, length));
    tell_peer(&n, address, room, length);
    return (int)note_end(&n);
}

#ifdef SOCK_NONBLOCK
EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    struct note n;
    note_begin(&n, NARRATED_ACCEPT4, fd);
    socklen_t room = length != NULL ? *length : 0;
    NOTE_CALL(&n, real.accept4(fd, address, length, flags));
    decode_accept_flags(note_next_argument(&n), flags);
    tell_peer(&n, address, room, length);
    return (int)note_end(&n);
}
#endif

EXPORT int getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
    struct note n;
    note_begin(&n, NARRATED_GETSOCKOPT, fd);
    NOTE_CALL(&n, real.getsockopt(fd, level, option, value, length));
    decode_option(note_next_argument(&n), level, option);
    if (n.error == 0 && value != NULL && length != NULL && *length == sizeof(int))
        text_add(&n.more, "[%d]", *(const int *)value);
    return (int)note_end(&n);
}

EXPORT int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
    struct note n;
    note_begin(&n, NARRATED_SETSOCKOPT, fd);
    NOTE_CALL(&n, real.setsockopt(fd, level, option, value, length));
    decode_option(note_next_argument(&n), level, option);
    if (is_readable(&n) && value != NULL && length == sizeof(int))
        note_argument(&n, "%d", *(const int *)value);
    return (int)note_end(&n);
}

/* What follows the command is an int, a pointer or nothing: it is passed on as a long,
   which holds each of them in every calling convention that this library is built for. */
static int narrated_fcntl(int fd, int command, long argument)
{
    struct note n;
    note_begin_if_socket(&n, NARRATED_FCNTL, fd);
    NOTE_CALL(&n, real.fcntl(fd, command, argument));
    decode_fcntl(note_next_argument(&n), command, argument);
    if (n.error == 0 && command == F_GETFL)
        text_add(&n.more,
                 n.result & O_NONBLOCK ? "with O_NONBLOCK" : "without O_NONBLOCK");
    return (int)note_end(&n);
}

EXPORT int fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return narrated_fcntl(fd, command, argument);
}

/* What glibc calls fcntl where files may be large. */
EXPORT int fcntl64(int fd, int command, ...);
EXPORT int fcntl64(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    long argument = va_arg(arguments, long);
    va_end(arguments);
    return narrated_fcntl(fd, command, argument);
}

EXPORT int shutdown(int fd, int how)
{
    struct note n;
    note_begin(&n, NARRATED_SHUTDOWN, fd);
    NOTE_CALL(&n, real.shutdown(fd, how));
    decode_shutdown(note_next_argument(&n), how);
    return (int)note_end(&n);
}

EXPORT int close(int fd)
{
    struct note n;
    note_begin_if_socket(&n, NARRATED_CLOSE, fd);
    NOTE_CALL(&n, real.close(fd));
    return (int)note_end(&n);
}

/* ---- bytes ---- */

static void tell_bytes(struct note *n, const void *bytes, size_t wanted)
{
    bool sends = narrated_way(n->call) == NARRATED_OUT;
    if (!n->counts)
        return;
    size_t there = sends && n->result < 0 ? wanted
                   : n->result > 0        ? (size_t)n->result
                                          : 0;
    if (is_readable(n) && (there > 0 || sends)) {
        decode_bytes(note_next_argument(n), bytes,
                     (long)(there < wanted ? there : wanted));
    }
    note_argument(n, "%zu", wanted);
    if (n->error != 0)
        return;
    if (n->result == 0 && wanted > 0 && !sends)
        text_add(&n->more, "the end of its input");
    if (sends && (size_t)n->result < wanted)
        text_add(&n->more, "of %zu, the rest is owed", wanted);
}

static void tell_flags(struct note *n, int flags)
{
    decode_message_flags(note_next_argument(n), flags);
}

EXPORT ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    struct note n;
    note_begin(&n, NARRATED_RECV, fd);
    NOTE_CALL(&n, real.recv(fd, buffer, note_limit(&n, size), flags));
    tell_bytes(&n, buffer, size);
    tell_flags(&n, flags);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t recvfrom(int fd, void *buffer, size_t size, int flags,
                        struct sockaddr *address, socklen_t *length)
{
    struct note n;
    note_begin(&n, NARRATED_RECVFROM, fd);
    NOTE_CALL(&n,
              real.recvfrom(fd, buffer, note_limit(&n, size), flags, address, length));
    tell_bytes(&n, buffer, size);
    tell_flags(&n, flags);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t read(int fd, void *buffer, size_t size)
{
    struct note n;
    note_begin_if_socket(&n, NARRATED_READ, fd);
    NOTE_CALL(&n, real.read(fd, buffer, note_limit(&n, size)));
    tell_bytes(&n, buffer, size);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
    struct note n;
    note_begin(&n, NARRATED_SEND, fd);
    NOTE_CALL(&n, real.send(fd, buffer, note_limit(&n, size), flags));
    tell_bytes(&n, buffer, size);
    tell_flags(&n, flags);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
                      const struct sockaddr *address, socklen_t length)
{
    struct note n;
    note_begin(&n, NARRATED_SENDTO, fd);
    NOTE_CALL(&n, real.sendto(fd, buffer, note_limit(&n, size), flags, address, length));
    tell_bytes(&n, buffer, size);
    tell_flags(&n, flags);
    if (address != NULL)
        tell_address(&n, address, length);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t write(int fd, const void *buffer, size_t size)
{
    struct note n;
    note_begin_if_socket(&n, NARRATED_WRITE, fd);
    NOTE_CALL(&n, real.write(fd, buffer, note_limit(&n, size)));
    tell_bytes(&n, buffer, size);
    return (ssize_t)note_end(&n);
}

/* ---- bytes in pieces ---- */

static size_t sum_of(const struct iovec *pieces, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].iov_len;
    return size;
}

/* The first `limit` bytes of some pieces. Returns how many pieces these are. */
static int shorten(struct iovec *out, const struct iovec *pieces, size_t count,
                   size_t limit)
{
    int used = 0;
    for (; (size_t)used < count && used < MAX_IOV && limit > 0; used++) {
        out[used] = pieces[used];
        if (out[used].iov_len > limit)
            out[used].iov_len = limit;
        limit -= out[used].iov_len;
    }
    return used;
}

static void tell_pieces(struct note *n, const struct iovec *pieces, size_t count)
{
    if (!is_readable(n))
        return;
    note_argument(n, "%zu pieces", count);
    note_argument(n, "%zu", sum_of(pieces, count));
    if (n->error == 0 && n->result == 0 && narrated_way(n->call) == NARRATED_IN &&
        sum_of(pieces, count) > 0)
        text_add(&n->more, "the end of its input");
}

EXPORT ssize_t readv(int fd, const struct iovec *pieces, int count)
{
    struct note n;
    struct iovec few[MAX_IOV];
    note_begin_if_socket(&n, NARRATED_READV, fd);
    NOTE_CALL(&n,
              n.limit == SIZE_MAX
                  ? real.readv(fd, pieces, count)
                  : real.readv(fd, few, shorten(few, pieces, (size_t)count, n.limit)));
    tell_pieces(&n, pieces, (size_t)count);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    struct note n;
    struct iovec few[MAX_IOV];
    note_begin_if_socket(&n, NARRATED_WRITEV, fd);
    NOTE_CALL(&n,
              n.limit == SIZE_MAX
                  ? real.writev(fd, pieces, count)
                  : real.writev(fd, few, shorten(few, pieces, (size_t)count, n.limit)));
    tell_pieces(&n, pieces, (size_t)count);
    return (ssize_t)note_end(&n);
}

/* With fewer bytes. What the kernel writes into the message comes back. */
static ssize_t receive_less(int fd, struct msghdr *message, int flags, size_t limit)
{
    struct iovec few[MAX_IOV];
    struct msghdr less = *message;
    less.msg_iovlen = shorten(few, message->msg_iov, (size_t)message->msg_iovlen, limit);
    less.msg_iov = few;
    ssize_t result = real.recvmsg(fd, &less, flags);
    message->msg_namelen = less.msg_namelen;
    message->msg_controllen = less.msg_controllen;
    message->msg_flags = less.msg_flags;
    return result;
}

static ssize_t send_less(int fd, const struct msghdr *message, int flags, size_t limit)
{
    struct iovec few[MAX_IOV];
    struct msghdr less = *message;
    less.msg_iovlen = shorten(few, message->msg_iov, (size_t)message->msg_iovlen, limit);
    less.msg_iov = few;
    return real.sendmsg(fd, &less, flags);
}

static void tell_message(struct note *n, const struct msghdr *message, int flags)
{
    if (is_readable(n) && message != NULL)
        tell_pieces(n, message->msg_iov, (size_t)message->msg_iovlen);
    tell_flags(n, flags);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    struct note n;
    note_begin(&n, NARRATED_RECVMSG, fd);
    NOTE_CALL(&n, n.limit == SIZE_MAX ? real.recvmsg(fd, message, flags)
                                      : receive_less(fd, message, flags, n.limit));
    tell_message(&n, message, flags);
    return (ssize_t)note_end(&n);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct note n;
    note_begin(&n, NARRATED_SENDMSG, fd);
    NOTE_CALL(&n, n.limit == SIZE_MAX ? real.sendmsg(fd, message, flags)
                                      : send_less(fd, message, flags, n.limit));
    tell_message(&n, message, flags);
    return (ssize_t)note_end(&n);
}

/* ---- what _FORTIFY_SOURCE puts in the place of some of them ---- */

#ifdef __GLIBC__
/* glibc ends the program if the buffer is smaller than what is asked for. */
static void check(size_t size, size_t room)
{
    if (size > room)
        abort();
}

EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
    check(size, room);
    return read(fd, buffer, size);
}

EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags);
EXPORT ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
    check(size, room);
    return recv(fd, buffer, size, flags);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags,
                              struct sockaddr *address, socklen_t *length);
EXPORT ssize_t __recvfrom_chk(int fd, void *buffer, size_t size, size_t room, int flags,
                              struct sockaddr *address, socklen_t *length)
{
    check(size, room);
    return recvfrom(fd, buffer, size, flags, address, length);
}

#endif

/* ---- the end ---- */

/* _exit runs no destructors. A signal handler may call it, as in lesson 01. */
EXPORT _Noreturn void _exit(int status)
{
    real_resolve();
    narrator_end();
    real._exit(status);
    for (;;)
        continue; /* It does not come back, which the compiler cannot know. */
}

EXPORT _Noreturn void _Exit(int status)
{
    _exit(status);
}
