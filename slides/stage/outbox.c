#include "outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { FILL_SIZE = 64 * 1024 };

static bool add(struct outbox *o, const char *bytes, size_t size)
{
    buffer_add(&o->bytes, bytes, size);
    o->nunsent += size;
    return !o->bytes.failed;
}

static bool add_fill(struct outbox *o)
{
    static const char zeros[FILL_SIZE];
    size_t size = o->nfill < FILL_SIZE ? o->nfill : FILL_SIZE;
    o->nfill -= size;
    return add(o, zeros, size);
}

bool outbox_add(struct outbox *o, const char *bytes, size_t size)
{
    while (o->nfill > 0)
        if (!add_fill(o))
            return false;
    return add(o, bytes, size);
}

void outbox_fill(struct outbox *o, size_t size)
{
    o->nfill += size;
}

bool outbox_is_sent(const struct outbox *o)
{
    return o->nunsent == 0 && o->nfill == 0;
}

bool outbox_is_empty(const struct outbox *o)
{
    return buffer_size(&o->bytes) == 0 && o->nfill == 0;
}

ssize_t outbox_send(struct outbox *o, int fd, bool keeps)
{
    if (o->nunsent == 0 && o->nfill > 0 && !add_fill(o)) {
        errno = ENOMEM;
        return -1;
    }
    size_t nkept = buffer_size(&o->bytes) - o->nunsent;
    ssize_t nsent = send(fd, buffer_first(&o->bytes) + nkept, o->nunsent, 0);
    if (nsent == -1)
        return -1;
    o->nunsent -= (size_t)nsent;
    if (!keeps)
        buffer_take(&o->bytes, (size_t)nsent);
    return nsent;
}

bool outbox_take_back(struct outbox *o, const char *bytes, size_t size)
{
    if (size > buffer_size(&o->bytes) - o->nunsent)
        return false;
    if (memcmp(buffer_take(&o->bytes, size), bytes, size) != 0)
        return false;
    if (outbox_is_empty(o))
        outbox_free(o);
    return true;
}

void outbox_free(struct outbox *o)
{
    buffer_free(&o->bytes);
    o->nunsent = o->nfill = 0;
}
