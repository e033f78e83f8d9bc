/*
 * viewer: one connection to the web: a request comes in, and one answer goes out.
 *
 * Nothing waits here, and nothing is queued: see debt.h. Each state has a limit of time,
 * so that neither one who dribbles nor one who does not read holds a place for long.
 */
#ifndef VIEWER_H
#define VIEWER_H

#include <stdbool.h>
#include <stddef.h>

#include "debt.h"
#include "http_answer.h"
#include "source.h"

enum viewer_state {
    VIEWER_ABSENT,   /* there is none */
    VIEWER_ASKING,   /* its request is not whole yet */
    VIEWER_ANSWERED, /* it gets what is owed, and the end */
    VIEWER_WATCHING, /* it gets the record, and what is added to it */
    VIEWER_DRAINING, /* it got all, and the end; what it still sends is dropped */
    VIEWER_OVER      /* to be closed */
};

struct viewer {
    struct source source; /* first, so that a pointer to it is one to the viewer */
    enum viewer_state state;
    bool registered; /* with the selector */
    bool blocked;    /* the kernel has not taken all: EVENT_WRITE will tell when it may */
    bool resting;    /* the system ran short: waits for nothing until rest.h says so */
    bool ended;      /* it has ended its output while it watches */
    char *in;        /* HTTP_HEAD_SIZE bytes while the request comes, else NULL */
    size_t nin;
    struct http_request request; /* its texts point into `in` */

    struct debt debt;
    long long end_ms;   /* asking and draining: when that is over */
    long long sent_ms;  /* when the kernel last took bytes */
    long long stuck_ms; /* since when it takes none though some are owed; 0: it takes */
};

/* Starts a viewer on an accepted, non-blocking socket. */
void viewer_init(struct viewer *v, int fd, long long now_ms);

/*
 * One recv, after EVENT_READ. Returns what http_read makes of the request: with anything
 * but HTTP_MORE the viewer is to be answered now, by one of the three calls below. After
 * them v->request must not be looked at any more.
 */
enum http_status viewer_read(struct viewer *v);

/* Answers with a body of this type. The body is not copied: it stays until the end. */
void viewer_show(struct viewer *v, const char *type, struct http_text body);

/* Answers with a status and what it means. allow is as in struct http_answer. */
void viewer_tell(struct viewer *v, enum http_status status, const char *allow);

/* Answers with the record from its first event on, as Server-Sent Events (the HTML
   standard, section 9.2), for as long as the viewer stays. */
void viewer_watch(struct viewer *v);

/*
 * After each batch: does what time brings about, and makes one attempt to send what is
 * owed, 64 KiB at most. A viewer of the record is sent to at most once in 20 ms while it
 * keeps up, so that many small events cost one call.
 */
void viewer_settle(struct viewer *v, long long now_ms);

/* When viewer_settle is to be called at the latest, by the clock; 0 is at once. */
long long viewer_due_ms(const struct viewer *v);

/* What it waits for: EVENT_READ, EVENT_WRITE or both; 0 while it rests or is over. */
unsigned viewer_interest(const struct viewer *v);

/* Closes the socket, which the selector must have forgotten, and frees what it had. */
void viewer_close(struct viewer *v);

#endif
