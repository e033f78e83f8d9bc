#include "hearing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/net.h"
#include "link.h"

enum { RECV_SIZE = 64 * 1024, PATIENCE_S = 10 };

void hearing_open(struct hearing *h, int port, size_t nlisteners, size_t max_lines)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    *h = (struct hearing){.nlisteners = nlisteners,
                          .max_lines = max_lines,
                          .listeners = calloc(nlisteners, sizeof *h->listeners),
                          .lines = calloc(max_lines, sizeof *h->lines),
                          .selector = selector_open(NULL)};
    if (h->listeners == NULL || h->lines == NULL || h->selector == NULL)
        die_errno("%zu clients", nlisteners);
    for (size_t i = 0; i < nlisteners; i++) {
        int fd = h->listeners[i].fd = link_open(port);
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1)
            die_errno("setsockopt");
    }
}

/* ---- before it begins ---- */

/* Returns the size of the first line that waits there, with its end. */
static size_t look_at_line(int fd, char *bytes)
{
    for (int tries = 0; tries < PATIENCE_S * 1000; tries++) {
        ssize_t n = recv(fd, bytes, RECV_SIZE, MSG_PEEK);
        if (n == -1)
            die_errno("expected a line from the server");
        if (n == 0)
            die("expected a line from the server, saw the end");
        const char *newline = memchr(bytes, '\n', (size_t)n);
        if (newline != NULL)
            return (size_t)(newline - bytes) + 1;
        clock_nap(1);
    }
    die("expected a whole line from the server, saw a part");
}

static char *get_line(int fd, bool keeps)
{
    static char bytes[RECV_SIZE];
    size_t size = look_at_line(fd, bytes);
    if (!keeps && recv(fd, bytes, size, 0) != (ssize_t)size)
        die("expected to receive what was there, saw less");
    bytes[size - 1] = '\0';
    return bytes;
}

char *hearing_take_line(int fd)
{
    return get_line(fd, false);
}

char *hearing_peek_line(int fd)
{
    return get_line(fd, true);
}

void hearing_begin(struct hearing *h)
{
    for (size_t i = 0; i < h->nlisteners; i++) {
        struct listener *l = &h->listeners[i];
        if (net_set_nonblocking(l->fd) == -1 ||
            selector_register(h->selector, l->fd, EVENT_READ, l) == -1)
            die_errno("client %zu", i);
    }
}

/* ---- the stream ---- */

static void extend(struct hearing *h, const char *bytes, size_t size)
{
    size_t start = buffer_size(&h->stream);
    buffer_add(&h->stream, bytes, size);
    if (h->stream.failed)
        die("no memory for what was heard");
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n')
            continue;
        if (h->nlines == h->max_lines)
            die("expected %zu lines at most, saw more", h->max_lines);
        h->lines[h->nlines++].end = start + i + 1;
    }
}

/* Counts the lines that are whole for this client now. */
static void count_lines(struct hearing *h, struct listener *l)
{
    double now_us = h->arrivals_us != NULL ? clock_now_us() : 0;
    for (; l->nlines < h->nlines && h->lines[l->nlines].end <= l->heard; l->nlines++) {
        struct line *line = &h->lines[l->nlines];
        if (h->arrivals_us != NULL)
            h->arrivals_us[l->nlines * h->nlisteners + line->nheard] = now_us;
        line->nheard++;
    }
    while (h->nwhole < h->nlines && h->lines[h->nwhole].nheard == h->nlisteners)
        h->nwhole++;
}

static void hear(struct hearing *h, struct listener *l)
{
    static char bytes[RECV_SIZE];
    ssize_t n = recv(l->fd, bytes, sizeof bytes, 0);
    if (n <= 0)
        die("client %zu: expected line %zu, saw %s", (size_t)(l - h->listeners),
            l->nlines, n == 0 ? "the end" : "an error");
    size_t size = (size_t)n, known = buffer_size(&h->stream) - l->heard;
    size_t same = size < known ? size : known;
    if (memcmp(buffer_first(&h->stream) + l->heard, bytes, same) != 0)
        die("client %zu, line %zu: heard another than the others",
            (size_t)(l - h->listeners), l->nlines);
    if (size > same)
        extend(h, bytes + same, size - same);
    l->heard += size;
    count_lines(h, l);
}

void hearing_listen(struct hearing *h)
{
    const struct selector_event *ready;
    int nready = selector_select(h->selector, PATIENCE_S * 1000, &ready);
    if (nready == -1)
        die_errno("selector_select");
    if (nready == 0)
        die("%zu lines came, all have heard %zu of them, and no more comes", h->nlines,
            h->nwhole);
    for (int i = 0; i < nready; i++)
        hear(h, ready[i].key.data);
}

const char *hearing_line(const struct hearing *h, size_t i, size_t *size)
{
    size_t start = i > 0 ? h->lines[i - 1].end : 0;
    *size = h->lines[i].end - start;
    return buffer_first(&h->stream) + start;
}

void hearing_close(struct hearing *h)
{
    selector_close(h->selector);
    for (size_t i = 0; i < h->nlisteners; i++)
        link_reset(h->listeners[i].fd);
    buffer_free(&h->stream);
    free(h->listeners);
    free(h->lines);
    free(h->arrivals_us);
}
