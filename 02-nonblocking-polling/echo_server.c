/*
 * Lesson 02: never wait. Ask everybody, round and round.
 *
 * New:   in non-blocking mode a call that would have to wait fails with EWOULDBLOCK, so
 * the program can go on to the next client. Lesson 01 was stuck with the first. Price:
 * most answers are "not yet", and asking costs a whole core. -n 10 naps for 10 ms after a
 * round in which nothing happened: less CPU, more delay. Run:
 * 02-nonblocking-polling/echo_server
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/stop.h"

enum { DEFAULT_PORT = 9002, BUFFER_SIZE = 16 * 1024, ACCEPTS_PER_ROUND = 64 };

static long nap_ms;
static const struct option extra_options[] = {
    {'n', "MILLISECONDS", "nap so long after a round in which nothing happened",
     .number = &nap_ms, .most = 1000},
    {0},
};

/* One client and its buffer: bytes [start, end) were read and are still to be sent. */
struct client {
    int fd;
    size_t start, end;
    char buffer[BUFFER_SIZE];
};

/* How asking one client ended. */
enum answer { ANSWER_NOTHING, ANSWER_PROGRESS, ANSWER_OVER };

static struct client **clients; /* the first nclients of max_clients places are taken */
static size_t nclients, max_clients;

/* Puts a descriptor into non-blocking mode, without losing the flags it
   has (fcntl(2)). */
static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1)
        return -1;
    return fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

static enum answer answer_after_failure(enum io_call call)
{
    int error = errno;
    switch (io_verdict(call, error)) {
    case IO_ERROR_CONNECTION:
        return ANSWER_OVER;
    case IO_ERROR_MISTAKE:
        die_mistake(call, error);
    default:
        /* EWOULDBLOCK is the normal case. Interrupted, or out of memory: the next round
           asks again in any case, and that is all this program knows how to do. */
        return ANSWER_NOTHING;
    }
}

static enum answer receive(struct client *c)
{
    ssize_t nread = recv(c->fd, c->buffer, sizeof c->buffer, 0);
    if (nread == -1)
        return answer_after_failure(IO_RECV);
    if (nread == 0)
        return ANSWER_OVER;
    c->start = 0;
    c->end = (size_t)nread;
    return ANSWER_PROGRESS;
}

static enum answer send_owed(struct client *c)
{
    ssize_t nsent = send(c->fd, c->buffer + c->start, c->end - c->start, 0);
    if (nsent == -1)
        return answer_after_failure(IO_SEND);
    c->start += (size_t)nsent;
    return ANSWER_PROGRESS;
}

/* Asks one client once. Nothing is read while something is owed, so a client that does
   not read its echo is not read from either: the buffer never has to grow. */
static enum answer ask(struct client *c)
{
    if (c->start < c->end)
        return send_owed(c);
    enum answer answer = receive(c);
    return answer == ANSWER_PROGRESS ? send_owed(c) : answer;
}

/* The only place that closes. The last client takes the free place. */
static void drop_client(size_t i)
{
    if (close(clients[i]->fd) == -1 && io_verdict(IO_CLOSE, errno) == IO_ERROR_MISTAKE)
        die_mistake(IO_CLOSE, errno);
    free(clients[i]);
    clients[i] = clients[--nclients];
}

static void add_client(int fd)
{
    int on = 1;
    struct client *c = malloc(sizeof *c);
    if (c == NULL || set_nonblocking(fd) == -1 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1) {
        close(fd);
        free(c);
        return;
    }
    c->fd = fd;
    c->start = c->end = 0;
    clients[nclients++] = c;
}

/* Takes in who has come. At the limit nobody is asked for: they wait in the backlog. */
static bool accept_clients(int listen_fd)
{
    bool progress = false;
    for (int i = 0; i < ACCEPTS_PER_ROUND && nclients < max_clients; i++) {
        int fd = accept(listen_fd, NULL, NULL);
        if (fd != -1) {
            add_client(fd);
            progress = true;
            continue;
        }
        int error = errno;
        if (io_verdict(IO_ACCEPT, error) == IO_ERROR_MISTAKE)
            die_mistake(IO_ACCEPT, error);
        if (io_verdict(IO_ACCEPT, error) != IO_RETRY_NOW)
            break;
    }
    return progress;
}

/* Asks everybody once. Says whether anything happened. */
static bool play_round(int listen_fd)
{
    bool progress = accept_clients(listen_fd);
    for (size_t i = nclients; i-- > 0;) {
        enum answer answer = ask(clients[i]);
        if (answer == ANSWER_OVER)
            drop_client(i);
        if (answer != ANSWER_NOTHING)
            progress = true;
    }
    return progress;
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, extra_options);
    stop_init();
    max_clients = options.max_clients;
    clients = calloc(max_clients, sizeof *clients);
    if (clients == NULL)
        die_errno("%zu clients", max_clients);
    int listen_fd = net_listen_and_announce(options.address, options.port);
    if (set_nonblocking(listen_fd) == -1)
        die_errno("cannot make the listening socket non-blocking");

    while (!stop_requested()) {
        bool progress = play_round(listen_fd);
        if (!progress && nap_ms > 0)
            clock_nap((int)nap_ms);
    }
    while (nclients > 0)
        drop_client(nclients - 1);
    free(clients);
    close(listen_fd);
    return EXIT_SUCCESS;
}
