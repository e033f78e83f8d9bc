/* silent: clients that are connected and say nothing, once they have been served. */
#ifndef SILENT_H
#define SILENT_H

#include <stdbool.h>
#include <stddef.h>

struct silent {
    int *fds;
    size_t count;
    bool at_limit; /* the server did not serve another one */
};

/*
 * Adds clients until there are `size`. Each sends one byte and waits for its echo, at
 * most a second: so all of them are known to the server. The first that waits in vain
 * sets at_limit, and no more are added.
 */
void silent_grow(struct silent *s, int port, size_t size);

/* Ends the program if a server has sent something to a silent client, or closed it. */
void silent_must_be_quiet(const struct silent *s);

/* Ends all of them with a reset. */
void silent_close(struct silent *s);

#endif
