/* audience: what its parts share. */
#ifndef AUDIENCE_H
#define AUDIENCE_H

#include <stddef.h>
#include <sys/types.h>

enum { MAX_SITES = 8 };

/* A server that is measured. */
struct site {
    int port;
    pid_t pid;          /* 0: not told */
    size_t floor_bytes; /* 0: it is the real one, not the floor that answers so many */
};

/*
 * Everybody is in one room, and `nmessages` are said in it, at most `window` before all
 * have heard them. Several servers take turns of a few messages, so that what disturbs
 * the machine for a moment disturbs all of them.
 */
void chat_audience(const struct site *sites, size_t nsites, size_t nclients,
                   size_t nmessages, size_t window);

/* Everybody has subscribed to everything; the ticks have to come every interval_ms. */
void ticker_audience(const struct site *site, size_t nclients, long seconds,
                     long interval_ms);

#endif
