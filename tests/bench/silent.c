#include "silent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../../common/die.h"
#include "../../common/net.h"
#include "link.h"

enum { BATCH = 128 /* less than any backlog: the kernel takes them all at once */ };

/* The echo of one byte. False if it does not come in time. */
static bool was_served(int fd)
{
    char byte = 0;
    ssize_t n = recv(fd, &byte, 1, 0);
    if (n == -1 && errno == EAGAIN)
        return false;
    if (n != 1 || byte != '.')
        die("a silent client got %s instead of the echo of its first byte",
            n == 0    ? "the end"
            : n == -1 ? "an error"
                      : "another byte");
    return true;
}

static void add(struct silent *s, int port, size_t count)
{
    const struct timeval patience = {.tv_sec = 1};
    size_t first = s->count, last = s->count + count;
    for (size_t i = first; i < last; i++) {
        int fd = s->fds[i] = link_open(port);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (send(fd, ".", 1, 0) != 1)
            die_errno("a silent client");
    }
    while (s->count < last && was_served(s->fds[s->count]))
        s->count++;
    s->at_limit = s->count < last;
    for (size_t i = s->count; i < last; i++)
        link_reset(s->fds[i]);
}

void silent_grow(struct silent *s, int port, size_t size)
{
    if (size <= s->count || s->at_limit)
        return;
    s->fds = realloc(s->fds, size * sizeof *s->fds);
    if (s->fds == NULL)
        die_errno("%zu silent clients", size);
    while (s->count < size && !s->at_limit)
        add(s, port, size - s->count < BATCH ? size - s->count : BATCH);
}

void silent_must_be_quiet(const struct silent *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct pollfd p = {.fd = s->fds[i], .events = POLLIN};
        if (poll(&p, 1, 0) != 0)
            die("silent client %zu of %zu was closed, or was sent something", i + 1,
                s->count);
    }
}

void silent_close(struct silent *s)
{
    for (size_t i = 0; i < s->count; i++)
        link_reset(s->fds[i]);
    free(s->fds);
    *s = (struct silent){.fds = NULL};
}
