/*
 * Lesson 05: the kernel remembers the set, with epoll(7).
 *
 * New:   a wait returns the ready descriptors alone; silent clients cost nothing.
 * Price: Linux alone; each change of interest is a call; remove before you close.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../common/conn_table.h"
#include "../common/die.h"
#include "../common/events.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/rest.h"
#include "../common/stop.h"

/* ---- the technique: epoll(7) ---- */

enum { DEFAULT_PORT = 9005, BATCH_SIZE = 256 };

static bool edge_triggered;
static const struct option extra_options[] = {
    {'e', NULL, "edge-triggered instead of level-triggered", .flag = &edge_triggered},
    {0},
};
static int epoll_fd;
static struct event ready_list[BATCH_SIZE];

static void interest_init(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd == -1)
        die_errno("epoll_create1");
}

/* Edge-triggered, a descriptor is reported when something arrives, not while it is there.
   EPOLLRDHUP and EPOLLPRI tell of an end or an urgent byte, where a read stops short. */
static int control(int operation, int fd, unsigned events)
{
    struct epoll_event event = {.data.fd = fd};
    event.events =
        (events & EVENT_READ ? EPOLLIN : 0u) | (events & EVENT_WRITE ? EPOLLOUT : 0u);
    if (edge_triggered && events != 0)
        event.events |= EPOLLET | EPOLLRDHUP | EPOLLPRI;
    if (epoll_ctl(epoll_fd, operation, fd, &event) == 0)
        return 0;
    if (io_verdict(IO_EPOLL_CTL, errno) == IO_ERROR_MISTAKE)
        die_mistake(IO_EPOLL_CTL, errno);
    return -1;
}

static int interest_add(int fd, unsigned events)
{
    return control(EPOLL_CTL_ADD, fd, events);
}

/* The kernel looks anew and reports again what is ready, after all others: so
   edge-triggered, to tell it the same interest says "not done yet". */
static int interest_modify(int fd, unsigned events)
{
    return control(EPOLL_CTL_MOD, fd, events);
}

static void interest_remove(int fd)
{
    control(EPOLL_CTL_DEL, fd, 0);
}

/* A batch smaller than the set starves nobody: the kernel goes on where it stopped. */
static int wait_for_events(int timeout_ms, const struct event **ready)
{
    *ready = ready_list;
    static struct epoll_event batch[BATCH_SIZE];
    int nready = epoll_wait(epoll_fd, batch, BATCH_SIZE, timeout_ms);
    if (nready == -1)
        return die_unless_retry(IO_EPOLL_WAIT);

    for (int i = 0; i < nready; i++) {
        unsigned events = edge_triggered ? EVENT_EDGE : 0;
        if (batch[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            events |= EVENT_READ;
        if (batch[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            events |= EVENT_WRITE;
        if (batch[i].events & (EPOLLRDHUP | EPOLLPRI | EPOLLERR | EPOLLHUP))
            events |= EVENT_END;
        ready_list[i] = (struct event){.fd = batch[i].data.fd, .events = events};
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
