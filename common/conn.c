#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"
#include "events.h"
#include "io_status.h"
#include "net.h"

enum { BUFFER_SIZE = 64 * 1024, TURNS_PER_EDGE = 4 };

struct owed {
    size_t start, end; /* bytes [start, end) are still to be sent */
    char bytes[];
};

/* How one turn of work on a connection ended. */
enum turn {
    TURN_MORE,    /* there may be more to do */
    TURN_EMPTIED, /* a short read has emptied the socket (epoll(7), question 9) */
    TURN_BLOCKED,
    TURN_OVER
};

static char shared_buffer[BUFFER_SIZE];

void conn_init(struct conn *c, int fd)
{
    c->fd = fd;
    c->resting = false;
    c->owed = NULL;
}

unsigned conn_interest(const struct conn *c)
{
    if (c->resting)
        return 0;
    return c->owed != NULL ? EVENT_WRITE : EVENT_READ;
}

static enum turn turn_after_failure(struct conn *c, enum io_call call)
{
    int error = errno;
    switch (io_verdict(call, error)) {
    case IO_RETRY_NOW:
        return TURN_MORE;
    case IO_RETRY_WHEN_READY:
    case IO_PENDING:
        return TURN_BLOCKED;
    case IO_RETRY_LATER:
    case IO_ERROR_BACK_OFF:
        c->resting = true;
        return TURN_BLOCKED;
    case IO_ERROR_CONNECTION:
        return TURN_OVER;
    case IO_ERROR_MISTAKE:
        break;
    }
    die_mistake(call, error);
}

static bool keep(struct conn *c, const char *bytes, size_t size)
{
    c->owed = malloc(sizeof *c->owed + size);
    if (c->owed == NULL)
        return false;
    c->owed->start = 0;
    c->owed->end = size;
    memcpy(c->owed->bytes, bytes, size);
    return true;
}

/* send took nsent of the bytes that were read, or failed with -1. That there is no room,
   only a send that would block tells: edge-triggered, one that was interrupted or took a
   part is to be followed by another. */
static enum turn keep_rest(struct conn *c, ssize_t nread, ssize_t nsent)
{
    enum turn turn = nsent == -1 ? turn_after_failure(c, IO_SEND) : TURN_MORE;
    if (turn == TURN_OVER)
        return TURN_OVER;
    ssize_t taken = nsent == -1 ? 0 : nsent;
    bool kept = keep(c, shared_buffer + taken, (size_t)(nread - taken));
    return kept ? turn : TURN_OVER;
}

static inline enum turn echo(struct conn *c)
{
    ssize_t nread = recv(c->fd, shared_buffer, sizeof shared_buffer, 0);
    if (nread <= 0)
        return nread == 0 ? TURN_OVER : turn_after_failure(c, IO_RECV);
    ssize_t nsent = send(c->fd, shared_buffer, (size_t)nread, 0);
    if (nsent < nread)
        return keep_rest(c, nread, nsent);
    return nread < BUFFER_SIZE ? TURN_EMPTIED : TURN_MORE;
}

static enum turn flush(struct conn *c)
{
    struct owed *owed = c->owed;
    ssize_t nsent = send(c->fd, owed->bytes + owed->start, owed->end - owed->start, 0);
    if (nsent == -1)
        return turn_after_failure(c, IO_SEND);
    owed->start += (size_t)nsent;
    if (owed->start == owed->end) {
        free(owed);
        c->owed = NULL;
    }
    return TURN_MORE;
}

static inline enum turn take_turn(struct conn *c)
{
    return c->owed != NULL ? flush(c) : echo(c);
}

/* A short read has emptied the socket, unless an end or an error stands behind the data:
   that was reported already and will not be again. */
static bool is_unfinished(enum turn turn, unsigned events)
{
    return turn == TURN_MORE || (turn == TURN_EMPTIED && (events & EVENT_END));
}

static enum conn_result result_of(enum turn turn, const struct conn *c,
                                  unsigned interest_before)
{
    if (turn == TURN_OVER)
        return CONN_OVER;
    return conn_interest(c) != interest_before ? CONN_TELL : CONN_SAME;
}

enum conn_result conn_serve_once(struct conn *c)
{
    unsigned interest_before = conn_interest(c);
    return result_of(take_turn(c), c, interest_before);
}

enum conn_result conn_use_up(struct conn *c, unsigned events)
{
    unsigned interest_before = conn_interest(c);
    for (int turns = 0; turns < TURNS_PER_EDGE; turns++) {
        enum turn turn = take_turn(c);
        if (!is_unfinished(turn, events))
            return result_of(turn, c, interest_before);
    }
    return CONN_TELL;
}

void conn_close(struct conn *c)
{
    free(c->owed);
    net_close(c->fd);
}
