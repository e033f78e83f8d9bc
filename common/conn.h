/*
 * conn: one client, and the bytes that are owed to it.
 *
 * All connections of a server share one buffer. What was read is sent back at once, so an
 * idle client costs no buffer; only what the kernel would not take is kept with the
 * connection. While anything is kept nothing more is read from that client, so one that
 * does not read can hold at most one buffer's worth: that is back-pressure.
 *
 * End of input needs no state: when it is found, nothing is owed, because reading goes on
 * only when nothing is. Lesson 02 writes out a connection with a buffer of its own.
 */
#ifndef CONN_H
#define CONN_H

#include <stdbool.h>
#include <stddef.h>

#include "events.h"

struct owed; /* bytes not yet taken by the kernel */

struct conn {
    int fd;
    bool resting;      /* the system ran short: waits for nothing until this is cleared */
    struct owed *owed; /* NULL when nothing is owed */
};

/* What the caller of conn_serve has to do. */
enum conn_result {
    CONN_SAME, /* nothing: it waits for what it waited for */
    CONN_TELL, /* tell the technique conn_interest anew */
    CONN_OVER  /* end of input, or an error: close it */
};

/* Starts a connection on an accepted, non-blocking socket. */
void conn_init(struct conn *c, int fd);

/*
 * What the connection waits for: EVENT_WRITE while bytes are owed, else EVENT_READ; 0
 * while it rests. Computed from the state at each call and never stored.
 */
unsigned conn_interest(const struct conn *c);

/*
 * Serves a connection that was reported ready: one recv and the send of its bytes, or one
 * send of what is owed. Errors decide by io_status; a mistake ends the program.
 */
enum conn_result conn_serve_once(struct conn *c);

/*
 * The same again and again until the socket would block, for an edge-triggered report
 * with these events. But only a bounded number of times, so that nobody starves behind a
 * client that never pauses: at the bound it answers CONN_TELL.
 */
enum conn_result conn_use_up(struct conn *c, unsigned events);

/* Serves it as the report wants it. */
static inline enum conn_result conn_serve(struct conn *c, unsigned events)
{
    return events & EVENT_EDGE ? conn_use_up(c, events) : conn_serve_once(c);
}

/* Closes the socket and frees what was owed. The technique must have forgotten
   fd before. */
void conn_close(struct conn *c);

#endif
