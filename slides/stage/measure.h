/*
 * measure: what a scene may ask about a server. Each measure is a number: how it is
 * written, in which unit, and whether little or much of it is good.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stddef.h>

enum measure_what {
    MEASURE_WAIT,        /* longest wait of a client for a whole answer */
    MEASURE_ANSWERS,     /* whole answers that it got */
    MEASURE_SERVED,      /* how many of a group got one */
    MEASURE_ENDED,       /* how many of them the server disconnected */
    MEASURE_COST,        /* the server's CPU time for a round trip of a client's pings */
    MEASURE_HEARS,       /* from when a text was said to when the client heard it */
    MEASURE_KEPT,        /* bytes that the client has sent and not got back */
    MEASURE_CPU,         /* percent of a core while the scene was played */
    MEASURE_CALLS,       /* system calls */
    MEASURE_WASTED,      /* of them, those that only said "would block" */
    MEASURE_DESCRIPTORS, /* most that were open at once */
    MEASURE_MEMORY,      /* resident memory: growth from the beginning to the most */
    MEASURE_ALIVE        /* does the server still run at the end? */
};

struct measure {
    enum measure_what what;
    size_t actor;     /* whose: an index into the scene's actors */
    const char *text; /* MEASURE_HEARS: a part of what is said */
    bool growth;      /* the last size's value divided by the first one's */
};

/* Finds a measure by what it begins with in a scene: "wait", "cpu". Returns -1 if there
   is none. */
int measure_by_name(const char *name, enum measure_what *what);

/* Is it followed by "of" and a client? */
bool measure_has_actor(enum measure_what what);

/* The unit, for people: "ms"; "" for a plain number. */
const char *measure_unit(const struct measure *m);

/* Is more of it better? */
bool measure_more_is_better(const struct measure *m);

/* Is neither good nor bad? */
bool measure_is_neutral(const struct measure *m);

/* Values that differ by less than this are as good as each other. */
double measure_floor(const struct measure *m);

/*
 * Writes a value without its unit: "1489", "0.12", "never", "yes"; "-" for NAN, which is
 * what was not measured. Returns text, which has room for MEASURE_TEXT_SIZE bytes.
 */
enum { MEASURE_TEXT_SIZE = 32 };
const char *measure_text(const struct measure *m, double value, char *text);

#endif
