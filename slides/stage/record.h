/*
 * record: what happens on the stage, as one stream of events (see EVENTS.md).
 *
 * The events of the scene that is played, or was played last, are kept as one text. Who
 * shows them keeps a position in it and reads on from there: so a viewer who comes late
 * sees everything, and a slow one costs nothing. Each event is written as Server-Sent
 * Events have it (the HTML standard, 9.2): "data: ", a JSON object, two newlines.
 */
#ifndef RECORD_H
#define RECORD_H

#include "../../06-selectors-style/apps/json_writer.h"

/* Forgets what was kept, and begins a new text. */
void record_start(void);

/* The number of texts begun so far: a position belongs to one of them. */
long record_number(void);

/* The text up to now; NULL if it is empty. It moves when an event is added. */
const char *record_text(size_t *size);

/*
 * Begins an event of this kind at a time in milliseconds; lane may be NULL. Members are
 * added to the result with json_put_...; record_end ends it. One at a time.
 */
struct buffer *record_begin(const char *kind, double t_ms, const char *lane);
void record_end(void);

/* Adds a text of strangers: what is no UTF-8, or could command a terminal, is shown as a
   question mark. */
void record_put_words(struct buffer *out, const char *name, const char *text);

/* How far somebody has read. Zero is the beginning. */
struct record_place {
    long number; /* of the text */
    size_t position;
};

/*
 * The next whole event, without "data: " and newlines, and moves the place behind it;
 * from the beginning if another text has begun. Returns NULL if there is none. The text
 * is valid until an event is added.
 */
const char *record_next(struct record_place *place, size_t *size);

/* Gives the memory back. */
void record_close(void);

#endif
