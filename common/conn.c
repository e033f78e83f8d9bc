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
enum turn { TURN_MORE, TURN_BLOCKED, TURN_OVER };

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

static enum turn echo(struct conn *c, unsigned events)
{
    ssize_t nread = recv(c->fd, shared_buffer, sizeof shared_buffer, 0);
    if (nread == 0)
        return TURN_OVER;
    if (nread == -1)
        return turn_after_failure(c, IO_RECV);

    ssize_t nsent = send(c->fd, shared_buffer, (size_t)nread, 0);
    enum turn turn = nsent == -1 ? turn_after_failure(c, IO_SEND) : TURN_MORE;
    if (turn == TURN_OVER)
        return TURN_OVER;
    size_t taken = nsent == -1 ? 0 : (size_t)nsent;
    if (taken < (size_t)nread) {
        /* That there is no room, only a send that would block tells: edge-triggered, one
           that was interrupted or took a part is to be followed by another. */
        bool kept = keep(c, shared_buffer + taken, (size_t)nread - taken);
        return kept ? turn : TURN_OVER;
    }

    /* A short read has emptied the socket (epoll(7), question 9), unless an end or an
       error stands behind the data: that was reported already and will not be again. */
    bool emptied = (size_t)nread < sizeof shared_buffer && !(events & EVENT_END);
    return emptied ? TURN_BLOCKED : TURN_MORE;
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

enum conn_result conn_serve(struct conn *c, unsigned events)
{
    unsigned interest_before = conn_interest(c);
    int turns = events & EVENT_EDGE ? TURNS_PER_EDGE : 1;
    enum turn turn = TURN_MORE;

    c->resting = false;
    while (turn == TURN_MORE && turns-- > 0)
        turn = c->owed != NULL ? flush(c) : echo(c, events);

    if (turn == TURN_OVER)
        return CONN_OVER;
    if (conn_interest(c) != interest_before)
        return CONN_TELL;
    return turn == TURN_MORE && (events & EVENT_EDGE) ? CONN_TELL : CONN_SAME;
}

void conn_close(struct conn *c)
{
    free(c->owed);
    net_close(c->fd);
}
