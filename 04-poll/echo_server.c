/*
 * Lesson 04: the set becomes an array, with poll(2).
 *
 * New:   one entry a descriptor, without a limit, and answers apart from questions.
 * Price: every call looks through the whole array, however few clients have spoken.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/conn_table.h"
#include "../common/die.h"
#include "../common/events.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/rest.h"
#include "../common/stop.h"

/* ---- the technique: poll(2) ---- */

enum { DEFAULT_PORT = 9004 };
static const struct option *const extra_options = NULL; /* it has none of its own */

static struct pollfd *interests;             /* interests[fd]; a gap has fd -1 */
static int max_fd = -1, size;                /* size: entries in interests */
static struct event *ready_list, *next_list; /* next_list: larger, for the next wait */

static void interest_init(void)
{
}

static int make_room(int fd)
{
    int larger = 2 * fd + 64;
    struct pollfd *p = realloc(interests, (size_t)larger * sizeof *p);
    if (p == NULL)
        return -1;
    interests = p;
    struct event *e = malloc((size_t)larger * sizeof *e);
    if (e == NULL)
        return -1;
    free(next_list != ready_list ? next_list : NULL);
    next_list = e;
    while (size < larger)
        interests[size++] = (struct pollfd){.fd = -1};
    return 0;
}

static int interest_modify(int fd, unsigned events);

static int interest_add(int fd, unsigned events)
{
    if (fd >= size && make_room(fd) == -1)
        return -1;
    interests[fd] = (struct pollfd){.fd = fd};
    return interest_modify(fd, events);
}

static int interest_modify(int fd, unsigned events)
{
    interests[fd].events = (short)((events & EVENT_READ ? POLLIN : 0) |
                                   (events & EVENT_WRITE ? POLLOUT : 0));
    if (fd > max_fd)
        max_fd = fd;
    return 0;
}

/* poll skips a negative descriptor, so a gap needs no moving of entries (poll(2)). */
static void interest_remove(int fd)
{
    interests[fd].fd = -1;
    while (max_fd >= 0 && interests[max_fd].fd == -1)
        max_fd--;
}

static int wait_for_events(int timeout_ms, const struct event **ready)
{
    if (ready_list != next_list)
        free(ready_list);
    ready_list = next_list;
    *ready = ready_list;
    int count = poll(interests, (nfds_t)max_fd + 1, timeout_ms);
    if (count == -1)
        return die_unless_retry(IO_POLL);

    int nready = 0;
    for (int fd = max_fd; fd >= 0; fd--) {
        short came = interests[fd].revents; /* 0 in a gap */
        unsigned events = 0;
        if (came == 0)
            continue;
        /* Errors and hang-ups come unasked. The recv or send tells which it was. */
        if (came & (POLLIN | POLLERR | POLLHUP))
            events |= EVENT_READ;
        if (came & (POLLOUT | POLLERR | POLLHUP))
            events |= EVENT_WRITE;
        if (came & POLLNVAL)
            die_mistake(IO_POLL, EBADF);
        ready_list[nready] = (struct event){.fd = fd, .events = events};
        if (++nready == count)
            break;
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
