#include "debt.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "record.h"

void debt_begin_record(struct debt *d)
{
    d->is_record = true;
    d->number = record_number();
    d->position = 0;
    d->within = false;
}

bool debt_is_outdated(const struct debt *d)
{
    return d->is_record && d->number != record_number();
}

bool debt_follow_record(struct debt *d)
{
    bool whole = !d->within;
    debt_begin_record(d);
    return whole;
}

static struct http_text owed_body(const struct debt *d)
{
    if (!d->is_record)
        return d->body;
    struct http_text text;
    text.first = record_text(&text.size);
    return d->position == 0 ? text : http_text_behind(text, d->position);
}

size_t debt_size(const struct debt *d)
{
    return buffer_size(&d->head) + owed_body(d).size;
}

/* An event ends with an empty line, and has none within (see record.h). */
static void advance(struct debt *d, size_t size)
{
    size_t all;
    const char *text = record_text(&all);
    d->position += size;
    const char *end = text + d->position;
    d->within = end[-1] != '\n' || end[-2] != '\n';
}

static void take(struct debt *d, size_t size)
{
    size_t held = buffer_size(&d->head);
    if (size < held) {
        buffer_take(&d->head, size);
        return;
    }
    buffer_free(&d->head);
    size -= held;
    if (size > 0 && d->is_record)
        advance(d, size);
    else if (size > 0)
        d->body = http_text_behind(d->body, size);
}

ssize_t debt_send(struct debt *d, int fd, bool *all)
{
    struct http_text body = owed_body(d);
    size_t nhead = buffer_size(&d->head);
    size_t nbody = body.size < DEBT_TURN_SIZE ? body.size : DEBT_TURN_SIZE;
    struct iovec pieces[] = {{nhead > 0 ? buffer_first(&d->head) : NULL, nhead},
                             {(char *)body.first, nbody}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    ssize_t nsent = sendmsg(fd, &message, 0);
    *all = nsent == (ssize_t)(nhead + nbody);
    if (nsent > 0)
        take(d, (size_t)nsent);
    return nsent;
}

void debt_free(struct debt *d)
{
    buffer_free(&d->head);
}
