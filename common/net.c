#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "io_status.h"

/* SOMAXCONN is 128 in some C libraries. The kernel cuts the backlog to what it allows. */
enum { BACKLOG = 4096, ACCEPT_TRIES = 64 };

/* Closes a descriptor on the way out of a failure, whose errno stays. */
static void close_quietly(int fd)
{
    int saved_errno = errno;
    close(fd);
    errno = saved_errno;
}

static int bind_and_listen(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    if (fd == -1)
        return -1;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
        bind(fd, where->ai_addr, where->ai_addrlen) == -1 || listen(fd, BACKLOG) == -1) {
        close_quietly(fd);
        return -1;
    }
    return fd;
}

int net_listen(const char *address, int port)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *where;
    if (getaddrinfo(address, service, &hints, &where) != 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = bind_and_listen(where);
    int saved_errno = errno;
    freeaddrinfo(where);
    errno = saved_errno;
    return fd;
}

int net_listen_and_announce(const char *address, int port)
{
    int fd = net_listen(address, port);
    if (fd == -1 && strchr(address, ':') != NULL)
        die_errno("[%s]:%d", address, port);
    if (fd == -1)
        die_errno("%s:%d", address, port);

    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)&bound, &length) == -1)
        die_errno("getsockname");
    char text[NET_TEXT_SIZE];
    printf("listening on %s\n",
           net_address_text((struct sockaddr *)&bound, length, text));
    if (fflush(stdout) == EOF)
        die_errno("stdout");
    return fd;
}

int net_set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1)
        return -1;
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static int make_ready(int fd)
{
    int on = 1;
    if (net_set_nonblocking(fd) == -1 || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
        return -1;
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int net_accept(int listen_fd)
{
    int error = ECONNABORTED;
    for (int i = 0; i < ACCEPT_TRIES; i++) {
        int fd = accept(listen_fd, NULL, NULL);
        error = fd == -1 ? errno : ECONNABORTED;
        if (fd != -1 && make_ready(fd) == 0)
            return fd;
        /* macOS refuses options on a connection that was reset while it was queued. */
        if (fd != -1)
            close(fd);
        if (io_verdict(IO_ACCEPT, error) == IO_ERROR_MISTAKE)
            die_mistake(IO_ACCEPT, error);
        if (io_verdict(IO_ACCEPT, error) != IO_RETRY_NOW)
            break;
    }
    errno = error;
    return -1;
}

void net_close(int fd)
{
    if (close(fd) == -1 && io_verdict(IO_CLOSE, errno) == IO_ERROR_MISTAKE)
        die_mistake(IO_CLOSE, errno);
}

static int lookup_error; /* what getaddrinfo said in the last net_connect, 0: success */

static int open_client_socket(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    int on = 1;
    if (fd == -1)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) {
        close_quietly(fd);
        return -1;
    }
    return fd;
}

/* An interrupted connect goes on by itself, and on this socket it is not to be called
   again (connect in POSIX.1-2008): the next attempt has a new one. */
static int connect_to_address(const struct addrinfo *where)
{
    for (;;) {
        int fd = open_client_socket(where);
        if (fd == -1 || connect(fd, where->ai_addr, where->ai_addrlen) == 0)
            return fd;
        if (io_verdict(IO_CONNECT, errno) == IO_ERROR_MISTAKE)
            die_mistake(IO_CONNECT, errno);
        close_quietly(fd);
        if (io_verdict(IO_CONNECT, errno) != IO_PENDING)
            return -1;
    }
}

int net_connect(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    lookup_error = getaddrinfo(host, port, &hints, &found);
    if (lookup_error != 0) {
        if (lookup_error != EAI_SYSTEM)
            errno = EADDRNOTAVAIL;
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *a = found; a != NULL && fd == -1; a = a->ai_next)
        fd = connect_to_address(a);
    int saved_errno = errno;
    freeaddrinfo(found);
    errno = saved_errno;
    return fd;
}

const char *net_connect_problem(void)
{
    if (lookup_error != 0 && lookup_error != EAI_SYSTEM)
        return gai_strerror(lookup_error);
    return strerror(errno);
}

const char *net_address_text(const struct sockaddr *address, socklen_t length, char *text)
{
    char host[46], service[8];
    if (getnameinfo(address, length, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return strcpy(text, "an unknown address");
    const char *format = address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
    snprintf(text, NET_TEXT_SIZE, format, host, service);
    return text;
}
