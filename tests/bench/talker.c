#include "talker.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/net.h"
#include "link.h"
#include "pattern.h"

static char incoming[PATTERN_SIZE];

static void watch(struct talker *t, const struct talk *talk, bool wait_for_room)
{
    unsigned events = EVENT_READ | (wait_for_room ? EVENT_WRITE : 0u);
    if (selector_modify(talk->selector, t->fd, events, t) == -1)
        die_errno("talker %zu: selector_modify", t->number);
    t->waits_for_room = wait_for_room;
}

void talker_open(struct talker *t, const struct talk *talk, int port, size_t number)
{
    memset(t, 0, sizeof *t);
    t->fd = link_open(port);
    t->number = number;
    t->sent_at = t->heard_at = number * 7919 % PATTERN_SIZE;
    if (net_set_nonblocking(t->fd) == -1 ||
        selector_register(talk->selector, t->fd, EVENT_READ, t) == -1)
        die_errno("talker %zu", number);
}

void talker_close(struct talker *t, const struct talk *talk)
{
    selector_unregister(talk->selector, t->fd);
    link_reset(t->fd);
}

static void send_what_fits(struct talker *t, const struct talk *talk)
{
    while (t->unsent > 0) {
        size_t size = t->unsent < PATTERN_SIZE ? t->unsent : PATTERN_SIZE;
        ssize_t n = send(t->fd, pattern_at(t->sent_at), size, 0);
        if (n == -1 && io_verdict(IO_SEND, errno) == IO_RETRY_WHEN_READY)
            break;
        if (n == -1)
            die_errno("talker %zu: send", t->number);
        t->unsent -= (size_t)n;
        t->sent_at = (t->sent_at + (size_t)n) % PATTERN_SIZE;
    }
    if (t->waits_for_room != (t->unsent > 0))
        watch(t, talk, t->unsent > 0);
}

void talker_say(struct talker *t, const struct talk *talk, double now_us)
{
    t->began_us[t->nbegan++ % TALKER_MAX_DEPTH] = now_us;
    t->unsent += talk->bytes;
    if (!t->waits_for_room)
        send_what_fits(t, talk);
}

static void compare(const struct talker *t, size_t size)
{
    size_t at = pattern_differs(incoming, size, t->heard_at);
    if (at == size)
        return;
    die("talker %zu, message %lu: expected the byte 0x%02x, the echo has 0x%02x",
        t->number, t->nended + 1, (unsigned char)pattern_at(t->heard_at)[at],
        (unsigned char)incoming[at]);
}

static size_t hear(struct talker *t, const struct talk *talk)
{
    ssize_t n = recv(t->fd, incoming, sizeof incoming, 0);
    if (n == -1 && io_verdict(IO_RECV, errno) == IO_RETRY_WHEN_READY)
        return 0;
    if (n == -1)
        die_errno("talker %zu: recv", t->number);
    if (n == 0)
        die("talker %zu, message %lu: the server ended", t->number, t->nended + 1);
    compare(t, (size_t)n);
    t->heard_at = (t->heard_at + (size_t)n) % PATTERN_SIZE;
    t->heard += (size_t)n;

    size_t whole = t->heard / talk->bytes;
    if (whole > t->nbegan - t->nended)
        die("talker %zu: the server sent more than it got", t->number);
    double now_us = whole > 0 ? clock_now_us() : 0;
    for (size_t i = 0; i < whole; i++) {
        double took_us = now_us - t->began_us[t->nended++ % TALKER_MAX_DEPTH];
        histogram_add(talk->took_ns, (uint64_t)(took_us * 1e3));
    }
    t->heard -= whole * talk->bytes;
    return whole;
}

size_t talker_serve(struct talker *t, const struct talk *talk, unsigned events)
{
    if (events & EVENT_WRITE)
        send_what_fits(t, talk);
    return events & EVENT_READ ? hear(t, talk) : 0;
}
