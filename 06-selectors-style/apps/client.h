/* client: one client of a server, and lists of them. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "stream.h"

struct selector;

/* An application's struct begins with this one: a pointer to either is one to both. */
struct client {
    struct stream stream;
    struct client *previous, *next; /* in the order of joining */
    struct server *server;
    unsigned watched; /* what the selector was told last, 0: not registered */
    bool touched;     /* it is in the list server->touched */
    bool leaving;     /* its SERVER_LEFT is due, or was reported */
    bool left;        /* it was reported: nobody needs the client any more */
    struct client *next_touched, *next_leaver;
};

struct client_list {
    struct client *first, *last;
};

/*
 * A client on an accepted, non-blocking socket: `size` bytes, of which those behind
 * struct client are zero. Without memory the socket is closed, and the result is NULL.
 */
struct client *client_new(size_t size, int fd, size_t queue_bytes);

/* Closes and frees a client that is in no list. The selector forgets it first, as
   selector_unregister demands. */
void client_free(struct client *c, struct selector *selector);

/* Tells the selector what the client waits for now: nothing is not registered. A client
   that cannot be waited for is over. */
void client_tell_selector(struct client *c, struct selector *selector);

/* Adds behind the last. A client is in one list at a time. */
void client_list_add(struct client_list *list, struct client *c);
void client_list_remove(struct client_list *list, struct client *c);

#endif
