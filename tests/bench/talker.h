/*
 * talker: one client that sends a message, waits for its echo, and sends the next.
 *
 * What it sends is a stream without an end, and what comes back is compared with it byte
 * by byte. A difference, an end or a reset ends the program: a server that answers wrong
 * has no speed.
 */
#ifndef TALKER_H
#define TALKER_H

#include <stdbool.h>
#include <stddef.h>

#include "../../06-selectors-style/selector.h"
#include "histogram.h"

enum { TALKER_MAX_DEPTH = 64, TALKER_MAX_BYTES = 1 << 20 };

struct talker {
    int fd;
    size_t number;            /* the how manieth, for messages */
    size_t sent_at, heard_at; /* positions in the stream */
    size_t unsent;            /* bytes of messages that have begun, still to be sent */
    size_t heard;             /* bytes of the message that is coming back */
    double began_us[TALKER_MAX_DEPTH]; /* of the messages under way, a ring */
    unsigned long nbegan, nended;
    bool waits_for_room;
};

/* What all talkers have in common. */
struct talk {
    size_t bytes; /* of a message */
    struct selector *selector;
    struct histogram
        *took_ns; /* from the beginning of a message to the end of its echo */
};

/* Connects. pattern_init has been called. */
void talker_open(struct talker *t, const struct talk *talk, int port, size_t number);

/* Closes with a reset. */
void talker_close(struct talker *t, const struct talk *talk);

/* Begins a message. */
void talker_say(struct talker *t, const struct talk *talk, double now_us);

/* Goes on after it was reported ready. Returns how many echoes are whole now. */
size_t talker_serve(struct talker *t, const struct talk *talk, unsigned events);

#endif
