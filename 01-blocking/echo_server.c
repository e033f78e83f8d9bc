/*
 * Lesson 01: blocking calls, one client at a time.
 *
 * New:   socket, bind, listen, accept, recv, send. Each call sleeps until it is done, and
 *        the program reads like what it does. serve.c holds the loop for one client.
 * Price: while one client is served, or says nothing, all others wait.
 * Run:   01-blocking/echo_server, and in other terminals 01-blocking/echo_client
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/die.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/stop.h"
#include "serve.h"

enum { DEFAULT_PORT = 9001, BACKLOG = 4096 };

/* An address as bind wants it, from its text. The numeric flags keep getaddrinfo from
   asking a name server. */
static struct addrinfo *find_address(const char *address, int port)
{
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *where;
    int problem = getaddrinfo(address, service, &hints, &where);
    if (problem != 0)
        die("%s: %s", address, gai_strerror(problem));
    return where;
}

/* Three calls make a listening socket: create it, give it an address, open its queue. The
   kernel cuts the length of the queue to what it allows (listen(2)). */
static int open_listening_socket(const struct addrinfo *where)
{
    char text[NET_TEXT_SIZE];
    net_address_text(where->ai_addr, where->ai_addrlen, text);

    int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    if (fd == -1)
        die_errno("socket");
    fcntl(fd, F_SETFD, FD_CLOEXEC);

    /* Connections of the last run stay in TIME_WAIT for a minute; without this, bind
       would refuse the port for as long (socket(7)). */
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die_errno("SO_REUSEADDR");
    if (bind(fd, where->ai_addr, where->ai_addrlen) == -1)
        die_errno("%s", text);
    if (listen(fd, BACKLOG) == -1)
        die_errno("%s", text);
    return fd;
}

/* The port is known only now if the caller asked for any free one. The line is flushed,
   because whoever started the server waits for it. */
static void announce(int listen_fd)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char text[NET_TEXT_SIZE];
    if (getsockname(listen_fd, (struct sockaddr *)&bound, &length) == -1)
        die_errno("getsockname");
    net_address_text((struct sockaddr *)&bound, length, text);
    printf("listening on %s\n", text);
    if (fflush(stdout) == EOF)
        die_errno("stdout");
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, NULL);
    stop_exit_at_once();
    struct addrinfo *where = find_address(options.address, options.port);
    int listen_fd = open_listening_socket(where);
    freeaddrinfo(where);
    announce(listen_fd);

    for (;;) {
        int fd = accept(listen_fd, NULL, NULL);
        if (fd != -1)
            serve_client(fd);
        else
            call_again(IO_ACCEPT, errno);
    }
}
