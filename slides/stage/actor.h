/*
 * actor: one client on the stage, and what it waits for.
 *
 * It never blocks: what it has to send waits here until the kernel takes it, and what it
 * has to get back is kept to be compared. How long it waited is measured here, and
 * nowhere else.
 */
#ifndef ACTOR_H
#define ACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "outbox.h"
#include "scene.h"
#include "source.h"

struct selector;

enum actor_state {
    ACTOR_ABSENT,
    ACTOR_CONNECTING,
    ACTOR_CONNECTED, /* it owes and is owed nothing */
    ACTOR_WAITING,   /* for an answer */
    ACTOR_LEFT,      /* it closed */
    ACTOR_ENDED,     /* the server closed, or the connection broke */
    ACTOR_FAILED,    /* it could not connect */
    ACTOR_NSTATES
};

struct actor {
    struct source source;
    struct cast *cast; /* the group that it belongs to */
    enum actor_state state;
    unsigned interest;    /* as it is registered; 0: it is not */
    bool is_lines;        /* the protocol is lines, and not an echo */
    bool reads, finishes; /* finishes: its output ends when all is sent */
    struct outbox out;
    struct buffer in;           /* of lines: what has come and was not taken */
    const char *until;          /* lines: the answer is the line that holds this */
    double asked_us;            /* when the wait began that is under way */
    double last_us, longest_us; /* of the waits that are over */
    unsigned long nanswers;     /* whole answers */
    unsigned long npings;       /* still to be said */
    unsigned long long nsent, nheard;
    char why[80]; /* it ended or failed */
};

/* What happened to an actor in one call; to be told. */
enum actor_news {
    ACTOR_NOTHING,
    ACTOR_CHANGED, /* its state */
    ACTOR_SERVED,  /* the answer is whole: it is connected again */
    ACTOR_HEARD    /* bytes came or went */
};

/* Begins to connect to a port on this machine. */
void actor_connect(struct actor *a, int port);

/* Adds bytes to what it has to send. With `asks`, it waits for their answer: for all of
   them to come back or, of lines, for a->until or any line. */
void actor_send(struct actor *a, const char *bytes, size_t size, bool asks);

/* The same for so many zeros, where it does not matter what is sent. */
void actor_fill(struct actor *a, size_t size);

/* Says a few bytes so often, each time when it has heard the answer. */
void actor_ping(struct actor *a, unsigned long count);

/* Ends its output, once all is sent. */
void actor_finish(struct actor *a);

/* Closes; `resets` discards what is under way and makes the kernel send a reset. */
void actor_leave(struct actor *a, struct selector *selector, bool resets);

/* Moves bytes after it was reported ready for `events`. */
enum actor_news actor_serve(struct actor *a, unsigned events);

/*
 * Of lines: takes the next whole line that has come, which may be the answer: *news
 * tells. It stays where it is until the actor is served again. Returns NULL if there is
 * none.
 */
const char *actor_line(struct actor *a, enum actor_news *news, size_t *size);

/* Tells the selector what it waits for now; one that is over is closed. */
void actor_settle(struct actor *a, struct selector *selector);

/* Is it still there? */
bool actor_is_on(const struct actor *a);

/*
 * How long it had waited at the longest, in microseconds, at the end of the scene;
 * infinite if a wait was not over then. But one that had begun less than a fifth of a
 * second before the end, or before the client left, does not count: nobody knows what
 * would have come of it. Negative if it never asked.
 */
double actor_wait_us(const struct actor *a, double end_us);

void actor_free(struct actor *a, struct selector *selector);

#endif
