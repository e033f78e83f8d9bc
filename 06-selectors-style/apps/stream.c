#include "stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/events.h"
#include "../../common/io_status.h"
#include "../../common/net.h"

enum { READ_SIZE = 16 * 1024, SEND_EARLY_SIZE = 16 * 1024, LINGER_MS = 2000 };

void stream_init(struct stream *s, int fd, size_t out_limit)
{
    *s = (struct stream){.fd = fd, .out_limit = out_limit, .active_ms = clock_now_ms()};
}

unsigned stream_interest(const struct stream *s)
{
    if (s->resting || s->state == STREAM_OVER)
        return 0;
    return buffer_size(&s->out) > 0 ? EVENT_WRITE : EVENT_READ;
}

static void decide_after_failure(struct stream *s, enum io_call call)
{
    int error = errno;
    switch (io_verdict(call, error)) {
    case IO_RETRY_NOW:
    case IO_RETRY_WHEN_READY:
    case IO_PENDING:
        return; /* what is ready will be reported again */
    case IO_RETRY_LATER:
    case IO_ERROR_BACK_OFF:
        s->resting = true;
        return;
    case IO_ERROR_CONNECTION:
        s->state = STREAM_OVER;
        return;
    case IO_ERROR_MISTAKE:
        die_mistake(call, error);
    }
}

void stream_read(struct stream *s)
{
    static char bytes[READ_SIZE];
    ssize_t nread = recv(s->fd, bytes, sizeof bytes, 0);
    if (nread == -1) {
        decide_after_failure(s, IO_RECV);
        return;
    }
    if (nread == 0) {
        s->state = s->state == STREAM_OPEN ? STREAM_FLUSHING : STREAM_OVER;
        return;
    }
    s->active_ms = clock_now_ms();
    if (s->state != STREAM_OPEN)
        return;
    buffer_add(&s->in, bytes, (size_t)nread);
    if (s->in.failed)
        s->state = STREAM_OVER;
}

/* Nothing is owed any more. */
static void finish_output(struct stream *s)
{
    buffer_free(&s->out);
    if (s->state == STREAM_FLUSHING)
        s->state = STREAM_OVER;
    if (s->state == STREAM_CLOSING)
        s->state = shutdown(s->fd, SHUT_WR) == 0 ? STREAM_DRAINING : STREAM_OVER;
}

void stream_flush(struct stream *s)
{
    size_t owed = buffer_size(&s->out);
    if (owed > 0) {
        ssize_t nsent = send(s->fd, buffer_first(&s->out), owed, 0);
        if (nsent == -1) {
            s->blocked = true;
            decide_after_failure(s, IO_SEND);
            return;
        }
        buffer_take(&s->out, (size_t)nsent);
        s->active_ms = clock_now_ms();
    }
    s->blocked = buffer_size(&s->out) > 0;
    if (!s->blocked)
        finish_output(s);
}

bool stream_takes(struct stream *s)
{
    if (s->state == STREAM_OPEN && buffer_size(&s->out) > 0 && !s->blocked)
        stream_flush(s);
    return s->state == STREAM_OPEN && buffer_size(&s->out) == 0;
}

/* May this much be added? What is owed goes out before the limit decides, so that it hits
   those who do not read, and nobody for a burst within one batch. */
static bool has_room(struct stream *s, size_t size)
{
    size_t early = s->out_limit < SEND_EARLY_SIZE ? s->out_limit : SEND_EARLY_SIZE;
    if (!s->blocked && buffer_size(&s->out) + size > early)
        stream_flush(s);
    size_t owed = buffer_size(&s->out);
    return owed == 0 || (size <= s->out_limit && owed <= s->out_limit - size);
}

void stream_send(struct stream *s, const struct buffer *message)
{
    size_t size = buffer_size(message);
    if (s->state != STREAM_OPEN)
        return;
    bool fits = has_room(s, size);
    if (s->state != STREAM_OPEN)
        return; /* the attempt to send has found the client gone */
    if (fits && !message->failed)
        buffer_add(&s->out, buffer_first(message), size);
    if (!fits || message->failed || s->out.failed)
        s->state = STREAM_OVER;
}

void stream_end(struct stream *s)
{
    if (s->state != STREAM_OPEN)
        return;
    s->state = STREAM_CLOSING;
    s->end_ms = clock_now_ms() + LINGER_MS;
}

void stream_close(struct stream *s)
{
    buffer_free(&s->in);
    buffer_free(&s->out);
    net_close(s->fd);
}
