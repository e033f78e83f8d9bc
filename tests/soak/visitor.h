/*
 * visitor: one client that talks, stalls, dribbles, pours, and goes: well, or badly.
 *
 * What it does is drawn by chance from its seed: the same seed, the same deeds.
 * Every byte that comes back is compared, and who goes well has got all of them. What a
 * server must not do ends the program.
 */
#ifndef VISITOR_H
#define VISITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../06-selectors-style/selector.h"

/* What all visitors have done. */
struct visits {
    struct selector *selector;
    int port;
    double now_ms;
    unsigned long nclients, nresets, nvanished, nbytes; /* bytes that came back */
};

enum ending { ENDING_HALF_CLOSE, ENDING_CLOSE, ENDING_VANISH, ENDING_RESET };

struct visitor {
    int fd;           /* -1: the place is free */
    unsigned watched; /* events; 0: it is not registered */
    unsigned long number;
    uint32_t seed;
    size_t start;             /* where in the pattern its stream begins */
    size_t sent, heard, goal; /* bytes; the goal of the act under way */
    size_t piece;             /* what it sends at once */
    int pause_ms, stall_ms;   /* after a piece; before it begins to read */
    unsigned nacts;           /* still to come */
    enum ending ending;
    size_t leaves_at; /* sent so many, it goes badly */
    bool reads, blocked, half_closed;
    double wakes_ms; /* until then it does nothing but read */
    double since_ms; /* the last time that something moved */
};

/* Connects. */
void visitor_open(struct visitor *v, struct visits *all, uint32_t seed);

/* Goes on after it was reported ready, or after visits.now_ms has passed. */
void visitor_hear(struct visitor *v, struct visits *all);
void visitor_go_on(struct visitor *v, struct visits *all);

/* This is the last thing that it does. */
void visitor_hurry(struct visitor *v);

#endif
