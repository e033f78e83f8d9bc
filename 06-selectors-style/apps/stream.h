/*
 * stream: one client's bytes, coming in and going out.
 *
 * Input waits here until it makes a whole message; output waits until the kernel takes
 * it. Two rules bound both. While anything is owed to a client nothing is read from it
 * and no further message of it is taken, so that its own requests never fill its queue:
 * that is back-pressure. And what others have to say to it queues up to a limit: a client
 * that reads so slowly is disconnected, and nobody waits for it.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

enum stream_state {
    STREAM_OPEN,     /* messages come and go */
    STREAM_FLUSHING, /* the client has ended its output: it still gets what is owed */
    STREAM_CLOSING,  /* the server ends: the client still gets what is owed */
    STREAM_DRAINING, /* it got all, and the end; what it still sends is dropped */
    STREAM_OVER      /* to be closed */
};

struct shared; /* messages for many, see below */

struct stream {
    int fd;
    enum stream_state state;
    bool blocked; /* the kernel has not taken all: EVENT_WRITE will tell when it may */
    bool resting; /* the system ran short: waits for nothing until this is false again */
    struct buffer in, out;
    const struct shared *shared; /* its bytes [from, to) are owed; from == to: none */
    size_t from, to;
    size_t out_limit;    /* most bytes in out, unless one message alone is more */
    long long active_ms; /* when bytes last passed, either way */
    long long end_ms;    /* when a stream that is closing or draining is over */
};

/* Starts a stream on an accepted, non-blocking socket. */
void stream_init(struct stream *s, int fd, size_t out_limit);

/* What it waits for: EVENT_READ or EVENT_WRITE; 0 while it rests, and when it is over. */
unsigned stream_interest(const struct stream *s);

/* One recv, after EVENT_READ. The bytes are added to s->in. */
void stream_read(struct stream *s);

/* One send of what is owed, if anything is, after EVENT_WRITE. */
void stream_flush(struct stream *s);

/*
 * A batch of ready descriptors begins. This is the time of all that passes in it, so that
 * a message for a thousand streams does not ask the clock a thousand times. When it is
 * done, for each stream to which something was done: sends what is owed, unless the
 * kernel has said that it takes no more, and gives memory back.
 */
void stream_begin_batch(void);
void stream_end_batch(struct stream *s);

/*
 * May a message be taken from s->in now? Only while the stream is open and, after another
 * attempt to send it, nothing is owed. If not, ask again after the next stream_flush.
 */
bool stream_takes(struct stream *s);

/*
 * Queues a whole message. On a stream that is not open it is dropped: whoever is on the
 * way out may be sent to without asking. An empty queue takes a message of any size;
 * otherwise one that does not fit ends the stream, and so does a message that could not
 * be written for want of memory.
 */
void stream_send(struct stream *s, const struct buffer *message);

/*
 * What a group of streams is told. A message for many is kept once, until the batch is
 * done, and a stream only remembers which part of what is kept is owed to it. Messages
 * that follow one another are one part, and go out in one send. A stream gets a copy of
 * its own of what the kernel does not take, of a message that comes behind something
 * else, and of one for which there was no room.
 */
struct shared {
    struct buffer bytes;
    size_t last;                  /* where the last message begins; at the end: no room */
    const struct buffer *message; /* that message: the caller leaves it as it is */
    struct shared *next_in_use;
};

/* The group's next message; then, for each stream, the same as stream_send of it. */
void stream_share(struct shared *shared, const struct buffer *message);
void stream_send_shared(struct stream *s, const struct shared *shared);

/*
 * Ends the conversation from this side: what is owed is sent, then the end of output,
 * then what the client still sends is dropped until it ends too, for two seconds at most.
 * To close at once while it is still sending would reset the connection, and the reset
 * would destroy our last message on its way (RFC 1122, 4.2.2.13).
 */
void stream_end(struct stream *s);

/* Closes the socket and frees the buffers. The selector must have forgotten fd before. */
void stream_close(struct stream *s);

#endif
