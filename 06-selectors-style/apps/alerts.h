/* alerts: what one trader wants to be told when a price gets there. */
#ifndef ALERTS_H
#define ALERTS_H

#include <stdbool.h>
#include <stddef.h>

#include "market.h"
#include "message.h"

enum { MAX_ALERTS = 32 };

struct alert {
    const struct stock *stock;
    bool above; /* or below */
    double limit;
};

/* In the order in which they were set. */
struct alerts {
    struct alert items[MAX_ALERTS];
    size_t count;
};

/* Carries out a message that asks for an alert on this stock, and answers it. */
void alerts_set(struct alerts *alerts, const struct message *m,
                const struct stock *stock);

/* After a tick: sends those that have come true, and forgets them. */
void alerts_tell(struct alerts *alerts, struct client *to);

#endif
