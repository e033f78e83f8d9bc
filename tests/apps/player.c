#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/net.h"
#include "probe.h"

enum { RECV_SIZE = 65536 };

bool player_would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void wait_for(int fd, short events, const char *what)
{
    double deadline_ms = probe_now_ms() + PATIENCE_MS;
    struct pollfd p = {.fd = fd, .events = events};
    while (poll(&p, 1, 50) != 1)
        if (probe_now_ms() > deadline_ms)
            probe_fail("expected %s, waited in vain", what);
}

void player_open(struct player *c, const struct app *app)
{
    *c = (struct player){.fd = net_connect("127.0.0.1", probe_port), .app = app};
    if (c->fd == -1 || net_set_nonblocking(c->fd) == -1)
        probe_fail("expected a connection, saw: %s", net_connect_problem());
}

void player_close(struct player *c)
{
    close(c->fd);
    buffer_free(&c->in);
    c->fd = -1;
}

void player_reset(struct player *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    player_close(c);
}

void player_send(const struct player *c, const char *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(c->fd, bytes + sent, size - sent, 0);
        if (n >= 0)
            sent += (size_t)n;
        else if (!player_would_block())
            probe_fail("could not send: %s", strerror(errno));
        else
            wait_for(c->fd, POLLOUT, "the server to read");
    }
}

void player_tell(struct player *c, const char *text)
{
    c->nlines++;
    char bytes[128];
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i];
    player_send(c, bytes, size);
}

void player_ask(struct player *c)
{
    if (c->app->requests != NULL)
        player_tell(c, c->app->look);
    else
        player_send(c, "\0\0\0\1\0\1x", HEADER_SIZE + 1);
}

ssize_t player_peek(struct player *c)
{
    static char bytes[RECV_SIZE];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n == -1 && !player_would_block())
        probe_fail("could not receive: %s", strerror(errno));
    if (n > 0)
        buffer_add(&c->in, bytes, (size_t)n);
    return n;
}

size_t player_whole(const struct player *c)
{
    size_t size = buffer_size(&c->in), payload = 0;
    const char *first = buffer_first(&c->in);
    if (c->app->requests != NULL) {
        const char *newline = size > 0 ? memchr(first, '\n', size) : NULL;
        return newline != NULL ? (size_t)(newline - first) + 1 : 0;
    }
    if (size < HEADER_SIZE)
        return 0;
    for (int i = 0; i < 4; i++)
        payload = payload << 8 | (unsigned char)first[i];
    return size - HEADER_SIZE >= payload ? HEADER_SIZE + payload : 0;
}

struct text player_hear(struct player *c)
{
    size_t size;
    while ((size = player_whole(c)) == 0) {
        wait_for(c->fd, POLLIN, "an answer");
        if (player_peek(c) != 0)
            continue;
        if (buffer_size(&c->in) > 0)
            probe_fail("expected a whole answer, saw the end after %zu bytes of one",
                       buffer_size(&c->in));
        return (struct text){NULL, 0};
    }
    char *bytes = buffer_take(&c->in, size);
    if (c->app->requests != NULL)
        bytes[--size] = '\0';
    return (struct text){bytes, size};
}

void player_finish(struct player *c)
{
    ssize_t n;
    shutdown(c->fd, SHUT_WR);
    while ((n = player_peek(c)) != 0)
        if (n == -1)
            wait_for(c->fd, POLLIN, "the end of the answers");
}

void player_must_be_quiet(struct player *c)
{
    ssize_t n = buffer_size(&c->in) > 0 ? 1 : player_peek(c);
    if (n == 0)
        probe_fail("expected silence, saw the end");
    if (n > 0)
        probe_fail("expected silence, saw '%.*s'", (int)buffer_size(&c->in),
                   buffer_first(&c->in));
}
