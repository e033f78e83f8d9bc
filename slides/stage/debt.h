/*
 * debt: what a viewer is owed, and the sending of it.
 *
 * First the head of its answer, a few hundred bytes of its own; then memory that all
 * viewers share: a file that was read at the beginning, or the record from the viewer's
 * position on. So a viewer costs the same whether it is owed a line or a megabyte.
 */
#ifndef DEBT_H
#define DEBT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "http_text.h"

enum { DEBT_TURN_SIZE = 64 * 1024 };

struct debt {
    struct buffer head;
    struct http_text body; /* what is left of a body that lasts */
    bool is_record;        /* in its place: the record, for as long as the viewer stays */

    /* From here on it is debt.c's. */
    long number; /* of the record, and how far the viewer has come in it */
    size_t position;
    bool within; /* an event: the last byte sent was not its last */
};

/* From now on the body is the record, from its first event on. */
void debt_begin_record(struct debt *d);

/* Has another record begun? */
bool debt_is_outdated(const struct debt *d);

/*
 * Goes on with the record that has begun. Returns false if a part of an event of the old
 * one was sent: the viewer can never get the rest, and is to be disconnected.
 */
bool debt_follow_record(struct debt *d);

/* How many bytes are owed. */
size_t debt_size(const struct debt *d);

/*
 * Sends what is owed, at most DEBT_TURN_SIZE bytes of the body, in one call. Returns the
 * number of bytes that the kernel has taken, which are no longer owed, or -1 with errno
 * (sendmsg(2)). Sets *all to whether it has taken all that was offered.
 */
ssize_t debt_send(struct debt *d, int fd, bool *all);

/* Gives the memory back that is its own. */
void debt_free(struct debt *d);

#endif
