#define _GNU_SOURCE 1 /* names that Linux has beside POSIX */
#include "narrator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

enum { BYTES_SHOWN = 16, ENTRIES_SHOWN = 8 };

struct name {
    long value;
    const char *name;
};

#define NAME(value)                                                                      \
    {                                                                                    \
        value, #value                                                                    \
    }
#define COUNT(names) (sizeof(names) / sizeof(names)[0])

/* The name of a value, or its number. */
static void add_name(struct text *out, const struct name *names, size_t count, long value)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value) {
            text_add(out, "%s", names[i].name);
            return;
        }
    text_add(out, "%ld", value);
}

/* Flags by their names, joined by |, or 0. */
static void add_flags(struct text *out, const struct name *names, size_t count,
                      long flags)
{
    const char *between = "";
    for (size_t i = 0; i < count; i++) {
        if ((flags & names[i].value) == 0)
            continue;
        text_add(out, "%s%s", between, names[i].name);
        between = "|";
        flags &= ~names[i].value;
    }
    if (flags != 0)
        text_add(out, "%s0x%lx", between, (unsigned long)flags);
    else if (*between == '\0')
        text_add(out, "0");
}

void decode_address(struct text *out, const struct sockaddr *address, size_t length)
{
    char host[INET6_ADDRSTRLEN];
    if (address == NULL || length < sizeof(sa_family_t)) {
        text_add(out, "no address");
        return;
    }
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        text_add(out, "%s:%d", inet_ntop(AF_INET, &in.sin_addr, host, sizeof host),
                 ntohs(in.sin_port));
    } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        text_add(out, "[%s]:%d", inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host),
                 ntohs(in6.sin6_port));
    } else if (address->sa_family == AF_UNIX) {
        size_t size = length - offsetof(struct sockaddr_un, sun_path);
        text_add(out, "unix:%.*s", (int)(size < 100 ? size : 100),
                 ((const struct sockaddr_un *)(const void *)address)->sun_path);
    } else {
        text_add(out, "family %d", address->sa_family);
    }
}

/* The first bytes as C would write them. Only ASCII is shown as it is. */
void decode_bytes(struct text *out, const void *bytes, long size)
{
    const unsigned char *b = bytes;
    long shown = size < BYTES_SHOWN ? size : BYTES_SHOWN;
    text_add(out, "\"");
    for (long i = 0; i < shown; i++) {
        if (b[i] == '\n' || b[i] == '\r' || b[i] == '\t')
            text_add(out, "\\%c", b[i] == '\n' ? 'n' : b[i] == '\r' ? 'r' : 't');
        else if (b[i] == '"' || b[i] == '\\')
            text_add(out, "\\%c", b[i]);
        else
            text_add(out, b[i] >= ' ' && b[i] <= '~' ? "%c" : "\\%03o", b[i]);
    }
    text_add(out, shown < size ? "\"..." : "\"");
}

void decode_message_flags(struct text *out, int flags)
{
    static const struct name names[] = {
        NAME(MSG_PEEK),     NAME(MSG_OOB), NAME(MSG_WAITALL), NAME(MSG_NOSIGNAL),
#ifdef MSG_DONTWAIT
        NAME(MSG_DONTWAIT),
#endif
#ifdef MSG_MORE
        NAME(MSG_MORE),
#endif
    };
    add_flags(out, names, COUNT(names), flags);
}

void decode_socket(struct text *out, int domain, int type, int protocol)
{
    static const struct name domains[] = {NAME(AF_INET), NAME(AF_INET6), NAME(AF_UNIX)};
    static const struct name types[] = {NAME(SOCK_STREAM), NAME(SOCK_DGRAM),
                                        NAME(SOCK_SEQPACKET)};
    int flags = 0;
    add_name(out, domains, COUNT(domains), domain);
    text_add(out, ", ");
#ifdef SOCK_NONBLOCK
    flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
#endif
    add_name(out, types, COUNT(types), type & ~flags);
#ifdef SOCK_NONBLOCK
    text_add(out, flags & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "");
    text_add(out, flags & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "");
#endif
    text_add(out, ", %d", protocol);
}

void decode_accept_flags(struct text *out, int flags)
{
#ifdef SOCK_NONBLOCK
    static const struct name names[] = {NAME(SOCK_NONBLOCK), NAME(SOCK_CLOEXEC)};
    add_flags(out, names, COUNT(names), flags);
#else
    text_add(out, "%d", flags);
#endif
}

void decode_option(struct text *out, int level, int option)
{
    static const struct name levels[] = {NAME(SOL_SOCKET), NAME(IPPROTO_TCP),
                                         NAME(IPPROTO_IP), NAME(IPPROTO_IPV6)};
    static const struct name socket_options[] = {
        NAME(SO_REUSEADDR), NAME(SO_ERROR),     NAME(SO_KEEPALIVE),  NAME(SO_LINGER),
        NAME(SO_RCVBUF),    NAME(SO_SNDBUF),    NAME(SO_RCVTIMEO),   NAME(SO_SNDTIMEO),
        NAME(SO_TYPE),      NAME(SO_BROADCAST), NAME(SO_ACCEPTCONN),
#ifdef SO_REUSEPORT
        NAME(SO_REUSEPORT),
#endif
    };
    static const struct name tcp_options[] = {NAME(TCP_NODELAY)};
    add_name(out, levels, COUNT(levels), level);
    text_add(out, ", ");
    if (level == SOL_SOCKET)
        add_name(out, socket_options, COUNT(socket_options), option);
    else
        add_name(out, tcp_options, level == IPPROTO_TCP ? COUNT(tcp_options) : 0, option);
}

void decode_fcntl(struct text *out, int command, long argument)
{
    static const struct name commands[] = {NAME(F_GETFL), NAME(F_SETFL),
                                           NAME(F_GETFD), NAME(F_SETFD),
                                           NAME(F_DUPFD), NAME(F_DUPFD_CLOEXEC)};
    static const struct name flags[] = {NAME(O_NONBLOCK), NAME(O_APPEND), NAME(O_RDWR),
                                        NAME(O_WRONLY)};
    add_name(out, commands, COUNT(commands), command);
    if (command == F_GETFL || command == F_GETFD)
        return;
    text_add(out, ", ");
    if (command == F_SETFL)
        add_flags(out, flags, COUNT(flags), argument);
    else if (command == F_SETFD)
        text_add(out, argument == FD_CLOEXEC ? "FD_CLOEXEC" : "%ld", argument);
    else
        text_add(out, "%ld", argument);
}

void decode_shutdown(struct text *out, int how)
{
    static const struct name names[] = {NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR)};
    add_name(out, names, COUNT(names), how);
}

/* "{3 IN}, {4 IN|OUT}": what is waited for, or what is ready. */
void decode_poll(struct text *out, const struct pollfd *fds, unsigned long count,
                 bool ready)
{
    static const struct name events[] = {{POLLIN, "IN"},   {POLLOUT, "OUT"},
                                         {POLLPRI, "PRI"}, {POLLERR, "ERR"},
                                         {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"}};
    unsigned long shown = 0;
    for (unsigned long i = 0; fds != NULL && i < count; i++) {
        short bits = ready ? fds[i].revents : fds[i].events;
        if (fds[i].fd < 0 || (ready && bits == 0))
            continue;
        if (shown++ == ENTRIES_SHOWN) {
            text_add(out, ", ...");
            return;
        }
        text_add(out, "%s{%d ", shown > 1 ? ", " : "", fds[i].fd);
        add_flags(out, events, COUNT(events), bits);
        text_add(out, "}");
    }
}

void decode_epoll_events(struct text *out, unsigned events)
{
#ifdef __linux__
    static const struct name names[] = {{EPOLLIN, "IN"},       {EPOLLOUT, "OUT"},
                                        {EPOLLPRI, "PRI"},     {EPOLLERR, "ERR"},
                                        {EPOLLHUP, "HUP"},     {EPOLLRDHUP, "RDHUP"},
                                        {(long)EPOLLET, "ET"}, {EPOLLONESHOT, "ONESHOT"}};
    add_flags(out, names, COUNT(names), (long)events);
#else
    text_add(out, "%u", events);
#endif
}
