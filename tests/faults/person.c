#include "faults.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_SIZE = 16 * 1024, SLICE_MS = 50 };

char person_byte(size_t n, size_t at)
{
    size_t x = (at + 1) * 2654435761u + n * 40503u;
    return (char)(x >> 15 ^ x >> 7);
}

static size_t number_of(const struct run *r, const struct person *p)
{
    return (size_t)(p - r->persons);
}

bool person_is_there(const struct run *r, const struct person *p)
{
    return run_goes_on(r) && p != NULL && p->fd != -1;
}

void person_leave(struct person *p)
{
    if (p == NULL || p->fd == -1)
        return;
    close(p->fd);
    p->fd = -1;
}

void person_reset(struct person *p)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    if (p == NULL || p->fd == -1)
        return;
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    person_leave(p);
}

/* The server has ended it, or has reset it. */
static void lose(struct person *p)
{
    p->ended = true;
    person_leave(p);
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* It waited in vain. */
static void give_up(struct run *r, struct person *p, const char *what)
{
    const struct exception *exception = r->cell->exception;
    if (exception != NULL && exception->effect == EFFECT_HANGS)
        p->hung = true;
    else
        run_fail(r, "%s waited %d ms in vain for %s", p->name, r->patience_ms, what);
    lose(p);
}

/* Waits for events. False: they have not come, and the person knows what that means. */
static bool await(struct run *r, struct person *p, short events, const char *what)
{
    double deadline_ms = run_now_ms() + r->patience_ms;
    struct pollfd entry = {.fd = p->fd, .events = events};
    for (;;) {
        bool ended = run_has_ended(r);
        if (poll(&entry, 1, ended ? 0 : SLICE_MS) == 1)
            return true;
        if (ended) {
            r->refuses = true;
            lose(p);
            return false;
        }
        if (run_now_ms() > deadline_ms) {
            give_up(r, p, what);
            return false;
        }
    }
}

struct person *person_join(struct run *r, const char *name)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int on = 1;
    if (!run_goes_on(r))
        return NULL;
    address.sin_port = htons((in_port_t)r->port);
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    struct person *p = &r->persons[r->npersons];
    *p = (struct person){.name = name, .fd = socket(AF_INET, SOCK_STREAM, 0)};
    if (p->fd == -1 || r->npersons == MAX_PERSONS - 1) {
        run_fail(r, "%s has no socket", name);
        return NULL;
    }
    if (connect(p->fd, (struct sockaddr *)&address, sizeof address) == -1) {
        person_leave(p);
        r->refuses = true;
        return NULL;
    }
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    fcntl(p->fd, F_SETFD, FD_CLOEXEC);
    r->npersons++;
    return p;
}

void person_send(struct run *r, struct person *p, const char *bytes, size_t size)
{
    for (size_t sent = 0; person_is_there(r, p) && sent < size;) {
        ssize_t n = send(p->fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (!would_block())
            lose(p);
        else
            await(r, p, POLLOUT, "the server to read");
    }
}

bool person_receive(struct run *r, struct person *p, const char *what)
{
    while (person_is_there(r, p)) {
        ssize_t n = recv(p->fd, p->in + p->in_size, sizeof p->in - p->in_size, 0);
        if (n > 0) {
            p->in_size += (size_t)n;
            return true;
        }
        if (n == 0 || !would_block())
            lose(p);
        else
            await(r, p, POLLIN, what);
    }
    return false;
}

void person_take(struct person *p, size_t size)
{
    p->in_size -= size;
    memmove(p->in, p->in + size, p->in_size);
}

void person_await_end(struct run *r, struct person *p)
{
    ssize_t n = 0;
    p->in_size = 0;
    if (p->fd == -1 || r->problem[0] != '\0')
        return;
    while ((n = recv(p->fd, p->in, sizeof p->in, 0)) > 0 || (n == -1 && would_block()))
        if (n == -1 && !await(r, p, POLLIN, "the end, after SIGTERM"))
            return;
    person_leave(p);
}

/* ---- the stream ---- */

static void send_piece(struct run *r, struct person *p, size_t most)
{
    char piece[PIECE_SIZE];
    size_t size = most < sizeof piece ? most : sizeof piece;
    for (size_t i = 0; i < size; i++)
        piece[i] = person_byte(number_of(r, p), p->sent_at + i);
    ssize_t n = send(p->fd, piece, size, MSG_NOSIGNAL);
    if (n > 0)
        p->sent_at += (size_t)n;
    else if (n == -1 && !would_block())
        lose(p);
}

static void compare_piece(struct run *r, struct person *p)
{
    char piece[PIECE_SIZE];
    ssize_t n = recv(p->fd, piece, sizeof piece, 0);
    if (n == 0 || (n == -1 && !would_block()))
        lose(p);
    for (ssize_t i = 0; i < n; i++, p->got_at++)
        if (p->got_at >= p->sent_at)
            run_fail(r, "%s hears more than was sent", p->name);
        else if (piece[i] != person_byte(number_of(r, p), p->got_at))
            run_fail(r, "byte %zu of the echo to %s is another", p->got_at, p->name);
}

void person_echo(struct run *r, struct person *p, size_t size)
{
    if (!person_is_there(r, p))
        return;
    size_t end = p->sent_at + size;
    while (person_is_there(r, p) && p->got_at < end) {
        short events = (short)(POLLIN | (p->sent_at < end ? POLLOUT : 0));
        if (!await(r, p, events, "its echo"))
            return;
        if (p->sent_at < end)
            send_piece(r, p, end - p->sent_at);
        if (p->fd != -1)
            compare_piece(r, p);
    }
}
