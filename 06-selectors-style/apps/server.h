/*
 * server: the loop that the four applications share, around lesson 06's selector.
 *
 * The loop is the application's: server_next waits, moves bytes, and returns with the
 * next thing that happened. There are no callbacks.
 *
 *     while (server_next(&server, &event))
 *         switch (event.what) { ... }
 *
 * What ends during a batch of ready descriptors is marked, and closed when the batch is
 * done. So an application may send to any client at any time and need not know which of
 * them are on their way out; no event can meet a client that is gone, nor a new one with
 * the same descriptor.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "../../common/options.h"
#include "client.h"
#include "timers.h"

/* Its options for options_parse: -s, -i and -q. */
extern const struct option server_options[];

enum server_what {
    SERVER_JOINED, /* a client has come: it may be sent to */
    SERVER_INPUT,  /* bytes have come: take messages from client->stream.in while
                      stream_takes allows and there are whole ones */
    SERVER_LEFT,   /* a client is gone: it is in no list any more; forget it */
    SERVER_TICK    /* the interval has passed */
};

struct server_event {
    enum server_what what;
    struct client *client; /* NULL for SERVER_TICK */
};

struct selector_event;

struct server {
    struct client_list members; /* those who joined and have not left: for broadcasts */

    /* From here on it is server.c's. */
    struct client_list departed; /* those who left and are still owed bytes, or the end */
    struct client *touched;      /* something was done to them: see settle */
    struct client *leavers, *last_leaver;
    size_t client_size, nclients, max_clients;
    long long idle_ms, next_sweep_ms;
    struct timer tick; /* every_ms is 0 without one */
    struct selector *selector;
    int listen_fd;
    bool listening, accepting;
    const struct selector_event *ready; /* the batch, and how far it is worked through */
    int nready, position;
};

/*
 * Listens and announces it. client_size is the size of the application's struct, which
 * begins zeroed for every client. Dies on failure.
 */
void server_open(struct server *s, const struct options *options, size_t client_size);

/* Asks for SERVER_TICK once an interval. Intervals that were missed are not made
   up for. */
void server_tick_every(struct server *s, long long interval_ms);

/* Stores the next thing that happened. Returns false when the program is to stop. */
bool server_next(struct server *s, struct server_event *event);

/* stream_send and the like for a client of a server, at any time. */
void server_send(struct client *c, const struct buffer *message);
void server_send_shared(struct client *c, const struct shared *shared);
void server_end(struct client *c);

/* Closes everything. */
void server_close(struct server *s);

#endif
