#include "client.h"

#include <stdlib.h>
#include <unistd.h>

#include "../selector_change.h"

struct client *client_new(size_t size, int fd, size_t queue_bytes)
{
    struct client *c = calloc(1, size);
    if (c == NULL) {
        close(fd);
        return NULL;
    }
    stream_init(&c->stream, fd, queue_bytes);
    return c;
}

void client_free(struct client *c, struct selector *selector)
{
    if (c->watched != 0)
        selector_unregister(selector, c->stream.fd);
    stream_close(&c->stream);
    free(c);
}

void client_tell_selector(struct client *c, struct selector *selector)
{
    int fd = c->stream.fd;
    unsigned events = stream_interest(&c->stream);
    int result = 0;
    if (events == c->watched)
        return;
    if (events == 0)
        result = selector_unregister(selector, fd);
    else if (c->watched != 0)
        result = selector_modify(selector, fd, events, c);
    else
        result = selector_register(selector, fd, events, c);
    if (selector_change(selector, result) == 0)
        c->watched = events;
    else
        c->stream.state = STREAM_OVER;
}

void client_list_add(struct client_list *list, struct client *c)
{
    c->previous = list->last;
    c->next = NULL;
    *(list->last != NULL ? &list->last->next : &list->first) = c;
    list->last = c;
}

void client_list_remove(struct client_list *list, struct client *c)
{
    *(c->previous != NULL ? &c->previous->next : &list->first) = c->next;
    *(c->next != NULL ? &c->next->previous : &list->last) = c->previous;
}
