#include "stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/events.h"
#include "../../common/io_status.h"
#include "../../common/net.h"

enum {
    READ_SIZE = 16 * 1024,
    SEND_EARLY_SIZE = 16 * 1024,
    SHARED_SIZE = 1024 * 1024,
    LINGER_MS = 2000
};

static long long batch_ms;    /* when the batch under way began */
static struct shared *in_use; /* those that hold messages of that batch */

void stream_begin_batch(void)
{
    batch_ms = clock_now_ms();
    for (; in_use != NULL; in_use = in_use->next_in_use)
        buffer_free(&in_use->bytes);
}

void stream_init(struct stream *s, int fd, size_t out_limit)
{
    *s = (struct stream){.fd = fd, .out_limit = out_limit, .active_ms = clock_now_ms()};
}

/* While it does, out is empty. */
static bool shares(const struct stream *s)
{
    return s->to > s->from;
}

static size_t owed_size(const struct stream *s)
{
    return shares(s) ? s->to - s->from : buffer_size(&s->out);
}

static const char *owed_first(const struct stream *s)
{
    return shares(s) ? buffer_first(&s->shared->bytes) + s->from : buffer_first(&s->out);
}

/* From here on the stream has a copy of its own of what it is owed. */
static void stop_sharing(struct stream *s)
{
    if (!shares(s))
        return;
    buffer_add(&s->out, owed_first(s), owed_size(s));
    s->from = s->to = 0;
    if (s->out.failed)
        s->state = STREAM_OVER;
}

unsigned stream_interest(const struct stream *s)
{
    if (s->resting || s->state == STREAM_OVER)
        return 0;
    return owed_size(s) > 0 ? EVENT_WRITE : EVENT_READ;
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
    s->active_ms = batch_ms;
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
    size_t owed = owed_size(s);
    if (owed > 0) {
        ssize_t nsent = send(s->fd, owed_first(s), owed, 0);
        if (nsent == -1) {
            s->blocked = true;
            decide_after_failure(s, IO_SEND);
            stop_sharing(s);
            return;
        }
        if (shares(s))
            s->from += (size_t)nsent;
        else
            buffer_take(&s->out, (size_t)nsent);
        stop_sharing(s); /* what is left is owed beyond the batch */
        s->active_ms = batch_ms;
    }
    s->blocked = buffer_size(&s->out) > 0;
    if (!s->blocked)
        finish_output(s);
}

void stream_end_batch(struct stream *s)
{
    if (!s->blocked && s->state != STREAM_OVER)
        stream_flush(s);
    s->from = s->to = 0; /* if it is over: what is shared will be dropped */
    if (buffer_size(&s->in) == 0)
        buffer_free(&s->in);
}

bool stream_takes(struct stream *s)
{
    if (s->state == STREAM_OPEN && owed_size(s) > 0 && !s->blocked)
        stream_flush(s);
    return s->state == STREAM_OPEN && owed_size(s) == 0;
}

/* May this much be added? What is owed goes out before the limit decides, so that it hits
   those who do not read, and nobody for a burst within one batch. */
static bool has_room(struct stream *s, size_t size)
{
    size_t early = s->out_limit < SEND_EARLY_SIZE ? s->out_limit : SEND_EARLY_SIZE;
    if (!s->blocked && owed_size(s) + size > early)
        stream_flush(s);
    size_t owed = owed_size(s);
    return owed == 0 || (size <= s->out_limit && owed <= s->out_limit - size);
}

/* Is this stream to get a message of this size? One that has no room for it is over. */
static bool accepts(struct stream *s, size_t size)
{
    if (s->state != STREAM_OPEN)
        return false;
    bool fits = has_room(s, size);
    if (s->state != STREAM_OPEN)
        return false; /* the attempt to send has found the client gone */
    if (!fits)
        s->state = STREAM_OVER;
    return fits;
}

static void add_copy(struct stream *s, const struct buffer *message)
{
    stop_sharing(s);
    buffer_add(&s->out, buffer_first(message), buffer_size(message));
    if (message->failed || s->out.failed)
        s->state = STREAM_OVER;
}

void stream_send(struct stream *s, const struct buffer *message)
{
    if (accepts(s, buffer_size(message)))
        add_copy(s, message);
}

void stream_share(struct shared *shared, const struct buffer *message)
{
    size_t size = buffer_size(message), kept = buffer_size(&shared->bytes);
    shared->message = message;
    shared->last = kept;
    if (message->failed || (kept > 0 && kept + size > SHARED_SIZE))
        return;
    if (kept == 0)
        buffer_clear(&shared->bytes); /* of a failure for want of memory */
    buffer_add(&shared->bytes, buffer_first(message), size);
    if (kept == 0 && !shared->bytes.failed) {
        shared->next_in_use = in_use;
        in_use = shared;
    }
}

void stream_send_shared(struct stream *s, const struct shared *shared)
{
    size_t end = buffer_size(&shared->bytes);
    if (!accepts(s, buffer_size(shared->message)))
        return;
    bool follows = shares(s) ? s->shared == shared && s->to == shared->last
                             : buffer_size(&s->out) == 0;
    if (!follows || shared->last == end) {
        add_copy(s, shared->message);
        return;
    }
    if (!shares(s)) {
        s->shared = shared;
        s->from = shared->last;
    }
    s->to = end;
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
