/*
 * outbox: the bytes that a client sends, until they are sent and, of an echo, until they
 * have come back.
 *
 * What does not matter is counted first and comes into memory a piece at a time, as the
 * kernel takes it: many clients that send megabytes keep nobody waiting.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../06-selectors-style/apps/buffer.h"

struct outbox {
    struct buffer bytes; /* what was sent and is kept, and behind it what is to be sent */
    size_t nunsent;      /* the latter */
    size_t nfill;        /* zeros to be sent behind them, not yet in memory */
};

/* Adds bytes behind all others. Returns false without memory for them: then nothing of
   the outbox is of use but outbox_free. */
bool outbox_add(struct outbox *o, const char *bytes, size_t size);

/* Adds so many zeros. */
void outbox_fill(struct outbox *o, size_t size);

/* Is all sent? */
bool outbox_is_sent(const struct outbox *o);

/* Is all sent, and is nothing kept? */
bool outbox_is_empty(const struct outbox *o);

/*
 * Sends what the kernel takes in one call; `keeps` it to be compared with what comes
 * back. Returns the number of bytes, or -1 with errno (send(2)); ENOMEM without memory
 * for the next piece of zeros.
 */
ssize_t outbox_send(struct outbox *o, int fd, bool keeps);

/* Is this what comes back next? If so it is no longer kept. */
bool outbox_take_back(struct outbox *o, const char *bytes, size_t size);

/* Empties it, and gives the memory back. */
void outbox_free(struct outbox *o);

#endif
