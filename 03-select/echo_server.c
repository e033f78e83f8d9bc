/*
 * Lesson 03: let the kernel wait for a set of descriptors, with select(2).
 *
 * New:   the program sleeps until one of its clients can be served.
 * Price: every call copies the whole set in and out, and a set ends at FD_SETSIZE.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include "../common/conn_table.h"
#include "../common/die.h"
#include "../common/events.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/rest.h"
#include "../common/stop.h"

/* ---- the technique: select(2) ---- */

enum { DEFAULT_PORT = 9003 };
static const struct option *const extra_options = NULL; /* it has none of its own */
static fd_set read_set, write_set; /* what is waited for: the two sets are the interest */
static int max_fd = -1;
static struct event ready_list[FD_SETSIZE];

/* FD_SET beyond FD_SETSIZE writes past the set. With the limit on descriptors lowered
   accept never gives such a one: it fails with EMFILE, and further clients wait in the
   backlog. */
static void interest_init(void)
{
    struct rlimit limit;
    FD_ZERO(&read_set);
    FD_ZERO(&write_set);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > FD_SETSIZE) {
        limit.rlim_cur = FD_SETSIZE;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int interest_modify(int fd, unsigned events);

static int interest_add(int fd, unsigned events)
{
    if (fd >= FD_SETSIZE) {
        errno = ERANGE;
        return -1;
    }
    return interest_modify(fd, events);
}

static int interest_modify(int fd, unsigned events)
{
    FD_CLR(fd, &read_set);
    FD_CLR(fd, &write_set);
    if (events & EVENT_READ)
        FD_SET(fd, &read_set);
    if (events & EVENT_WRITE)
        FD_SET(fd, &write_set);
    if (events != 0 && fd > max_fd)
        max_fd = fd;
    return 0;
}

static void interest_remove(int fd)
{
    interest_modify(fd, 0);
    while (max_fd >= 0 && !FD_ISSET(max_fd, &read_set) && !FD_ISSET(max_fd, &write_set))
        max_fd--;
}

static int wait_for_events(int timeout_ms, const struct event **ready)
{
    *ready = ready_list;
    /* select overwrites the sets with what is ready, and on Linux the timeout with what
       is left of it (select(2)): each call needs copies. */
    fd_set readable = read_set, writable = write_set;
    struct timeval timeout = {.tv_sec = timeout_ms / 1000,
                              .tv_usec = timeout_ms % 1000 * 1000L};
    int left =
        select(max_fd + 1, &readable, &writable, NULL, timeout_ms < 0 ? NULL : &timeout);
    if (left == -1)
        return die_unless_retry(IO_SELECT);

    int nready = 0;
    for (int fd = max_fd; left > 0 && fd >= 0; fd--) {
        unsigned events = (FD_ISSET(fd, &readable) ? EVENT_READ : 0u) |
                          (FD_ISSET(fd, &writable) ? EVENT_WRITE : 0u);
        if (events == 0)
            continue;
        left -= events == (EVENT_READ | EVENT_WRITE) ? 2 : 1; /* it counts bits */
        ready_list[nready++] = (struct event){.fd = fd, .events = events};
    }
    return nready;
}

/* ---- the server: the same text in 03, 04 and 05 ---- */

static int listen_fd;
static bool listening = true; /* is the listening socket watched? */
static size_t max_clients;
static struct conn_table clients;

/* Not while clients have to wait in the backlog: it would be reported again and again.
   Watched anew it is reported anew, edge-triggered too. */
static void watch_listener(void)
{
    bool wanted = clients.count < max_clients && !rest_is_on();
    if (wanted != listening && interest_modify(listen_fd, wanted ? EVENT_READ : 0) == 0)
        listening = wanted;
    if (wanted != listening)
        rest_begin();
}

/* The only place that closes. A descriptor is reported at most once in a batch, and only
   its own event leads here: so no event of a closed one can follow in the same batch. */
static void drop_client(struct conn *c)
{
    interest_remove(c->fd);
    conn_table_close(&clients, c);
    rest_cut_short();
    watch_listener();
}

static void serve_client(struct conn *c, unsigned events)
{
    enum conn_result result = conn_serve(c, events);
    if (result == CONN_SAME)
        return;
    if (result == CONN_OVER || interest_modify(c->fd, conn_interest(c)) == -1)
        drop_client(c);
    else if (c->resting)
        rest_begin();
}

static void accept_clients(void)
{
    while (clients.count < max_clients) {
        int fd = net_accept(listen_fd);
        if (fd == -1 && io_verdict(IO_ACCEPT, errno) != IO_RETRY_WHEN_READY)
            rest_begin();
        if (fd == -1)
            break;
        struct conn *c = conn_table_add(&clients, fd);
        if (c != NULL && interest_add(fd, conn_interest(c)) == -1)
            conn_table_close(&clients, c);
    }
    watch_listener();
}

static void wake_resting(void)
{
    rest_end();
    for (int fd = 0; fd < clients.size; fd++) {
        struct conn *c = conn_table_find(&clients, fd);
        if (c == NULL || !c->resting)
            continue;
        c->resting = false;
        if (interest_modify(fd, conn_interest(c)) == -1)
            drop_client(c);
    }
    watch_listener();
}

static void serve_until_stopped(void)
{
    while (!stop_requested()) {
        const struct event *ready = NULL;
        int timeout_ms = rest_left_ms();
        if (timeout_ms == 0)
            wake_resting();
        int nready = wait_for_events(timeout_ms, &ready);
        for (int i = 0; i < nready; i++) {
            struct conn *c = conn_table_find(&clients, ready[i].fd);
            if (c != NULL)
                serve_client(c, ready[i].events);
            else if (ready[i].fd == listen_fd)
                accept_clients();
        }
    }
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, extra_options);
    int stop_fd = stop_init();
    max_clients = options.max_clients;
    interest_init();
    listen_fd = net_listen_and_announce(options.address, options.port);
    if (net_set_nonblocking(listen_fd) == -1 ||
        interest_add(listen_fd, EVENT_READ) == -1 ||
        interest_add(stop_fd, EVENT_READ) == -1)
        die_errno("cannot wait for the listening socket");
    serve_until_stopped();
    conn_table_close_all(&clients);
    close(listen_fd);
    return EXIT_SUCCESS;
}
