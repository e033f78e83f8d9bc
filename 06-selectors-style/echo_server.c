/*
 * Lesson 06: one interface over every technique, in the style of Python's selectors.
 *
 * New:   the five functions of lessons 03 to 05 get a name and a table: see selector.h.
 * Run:   06-selectors-style/echo_server            the best backend here
 *        06-selectors-style/echo_server -s poll    another one
 *        06-selectors-style/echo_server -i 60      close clients silent for a minute
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/conn.h"
#include "../common/die.h"
#include "../common/events.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/rest.h"
#include "../common/stop.h"
#include "selector.h"
#include "selector_change.h"
#include "selector_option.h"

enum { DEFAULT_PORT = 9006, MAX_IDLE_S = 86400 };

/* The selector is the table of clients: this is what its keys point at. */
struct client {
    struct conn conn;
    long long heard_ms;          /* when it was last ready, kept only for -i */
    struct client *next_resting; /* see struct client *resting */
};

static struct selector *selector;
static int listen_fd;
static bool listening; /* is the listening socket registered? */
static size_t nclients, max_clients;
static struct client *resting; /* those who rest are not registered: this list has them */
static long long idle_ms;      /* clients silent for so long are closed; 0: none is */
static long long next_sweep_ms;

static void free_client(struct client *client)
{
    conn_close(&client->conn);
    free(client);
    nclients--;
    rest_cut_short();
}

/* Unregister before close: see selector_unregister. */
static void drop_client(struct client *client)
{
    selector_unregister(selector, client->conn.fd);
    free_client(client);
}

static int register_client(struct client *client)
{
    struct conn *c = &client->conn;
    return selector_change(selector,
                           selector_register(selector, c->fd, conn_interest(c), client));
}

static int tell_selector(struct client *client)
{
    unsigned events = conn_interest(&client->conn);
    if (events != 0)
        return selector_change(
            selector, selector_modify(selector, client->conn.fd, events, client));
    selector_unregister(selector, client->conn.fd);
    client->next_resting = resting;
    resting = client;
    rest_begin();
    return 0;
}

static void serve_client(struct client *client)
{
    enum conn_result result = conn_serve_once(&client->conn);
    if (result == CONN_SAME)
        return;
    if (result == CONN_OVER || tell_selector(client) == -1)
        drop_client(client);
}

static void wake_resting(void)
{
    rest_end();
    while (resting != NULL) {
        struct client *client = resting;
        resting = client->next_resting;
        client->conn.resting = false;
        if (register_client(client) == -1)
            free_client(client);
    }
}

static void add_client(int fd, long long now_ms)
{
    struct client *client = malloc(sizeof *client);
    if (client == NULL) {
        close(fd);
        return;
    }
    conn_init(&client->conn, fd);
    client->heard_ms = now_ms;
    nclients++;
    if (register_client(client) == -1)
        free_client(client);
}

static void accept_clients(long long now_ms)
{
    while (nclients < max_clients) {
        int fd = net_accept(listen_fd);
        if (fd == -1 && io_verdict(IO_ACCEPT, errno) != IO_RETRY_WHEN_READY)
            rest_begin();
        if (fd == -1)
            return;
        add_client(fd, now_ms);
    }
}

/* While no client can be taken the listening socket is not registered, because it would
   be reported again and again. Whoever connects meanwhile waits in the backlog. */
static void watch_listener(void)
{
    bool wanted = nclients < max_clients && !rest_is_on();
    if (wanted && !listening) {
        int result = selector_register(selector, listen_fd, EVENT_READ, NULL);
        listening = selector_change(selector, result) == 0;
    }
    if (!wanted && listening)
        listening = selector_unregister(selector, listen_fd) == -1;
    if (wanted != listening)
        rest_begin();
}

/* Closes who has been silent for idle_ms. Keys move when one is unregistered: the last
   one takes its place, so going down from the end meets each key once. The loop comes
   here between batches, and so no event of a closed client is left. */
static void close_silent_clients(long long now_ms)
{
    size_t nkeys;
    const struct selector_key *keys = selector_get_map(selector, &nkeys);
    next_sweep_ms = now_ms + idle_ms;
    while (nkeys-- > 0) {
        struct client *client = keys[nkeys].data;
        if (client == NULL)
            continue;
        long long due_ms = client->heard_ms + idle_ms;
        if (due_ms <= now_ms)
            drop_client(client);
        else if (due_ms < next_sweep_ms)
            next_sweep_ms = due_ms;
    }
}

/* The shorter of the rest and the time to the next sweep; -1 without either. */
static int timeout_ms(void)
{
    int rest_ms = rest_left_ms();
    if (idle_ms == 0)
        return rest_ms;
    long long sweep_ms = next_sweep_ms - clock_now_ms();
    if (sweep_ms < 0)
        sweep_ms = 0;
    return rest_ms != -1 && rest_ms < sweep_ms ? rest_ms : (int)sweep_ms;
}

static void serve_until_stopped(void)
{
    while (!stop_requested()) {
        const struct selector_event *ready;
        watch_listener();
        int nready = selector_select(selector, timeout_ms(), &ready);
        if (nready == -1)
            nready = die_unless_retry(selector_wait_call(selector));
        long long now_ms = idle_ms != 0 ? clock_now_ms() : 0;
        for (int i = 0; i < nready; i++) {
            struct client *client = ready[i].key.data;
            if (client != NULL) {
                client->heard_ms = now_ms;
                serve_client(client);
            } else if (ready[i].key.fd == listen_fd) {
                accept_clients(now_ms);
            }
        }
        if (rest_left_ms() == 0)
            wake_resting();
        if (idle_ms != 0 && now_ms >= next_sweep_ms)
            close_silent_clients(now_ms);
    }
}

static void close_all_clients(void)
{
    size_t nkeys;
    wake_resting();
    const struct selector_key *keys = selector_get_map(selector, &nkeys);
    while (nkeys-- > 0)
        if (keys[nkeys].data != NULL)
            drop_client(keys[nkeys].data);
}

int main(int argc, char **argv)
{
    const char *backend = NULL;
    long idle_s = 0;
    const struct option extra_options[] = {
        {'s', "NAME", "the backend to wait with, not the best one here",
         .text = &backend},
        {'i', "SECONDS", "close clients that were silent for so long, 0: never",
         .number = &idle_s, .most = MAX_IDLE_S},
        {0},
    };
    struct options options = options_parse(argc, argv, DEFAULT_PORT, extra_options);
    int stop_fd = stop_init();
    max_clients = options.max_clients;
    idle_ms = idle_s * 1000LL;
    next_sweep_ms = clock_now_ms() + idle_ms;
    selector = selector_option_open(backend);
    listen_fd = net_listen_and_announce(options.address, options.port);
    if (net_set_nonblocking(listen_fd) == -1 ||
        selector_register(selector, stop_fd, EVENT_READ, NULL) == -1)
        die_errno("cannot wait for the stop signal");
    serve_until_stopped();
    close_all_clients();
    selector_close(selector);
    close(listen_fd);
    return EXIT_SUCCESS;
}
