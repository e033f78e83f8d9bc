#include "visitor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../../common/die.h"
#include "../../common/io_status.h"
#include "../../common/net.h"
#include "../bench/link.h"
#include "../bench/pattern.h"

enum {
    PATIENCE_MS = 15000, /* for anything at all */
    MAX_ACTS = 6,
    MAX_STALL_MS = 200,
    MAX_PAUSE_MS = 8,
    MAX_DRIBBLE = 40,
    MAX_TALK_BITS = 16, /* a message of 64 KiB */
    MAX_POUR_BITS = 21  /* more than the kernel keeps for one connection */
};

static uint32_t draw(struct visitor *v, uint32_t n)
{
    return (pattern_next(&v->seed) >> 4) % n;
}

/* Mostly small, sometimes large. */
static size_t draw_size(struct visitor *v, uint32_t max_bits)
{
    uint32_t least = 1u << draw(v, max_bits);
    return least + draw(v, least);
}

static bool goes_badly(const struct visitor *v)
{
    return v->ending == ENDING_VANISH || v->ending == ENDING_RESET;
}

/* ---- what it waits for ---- */

static void watch(struct visitor *v, struct visits *all)
{
    bool asleep = all->now_ms < v->wakes_ms;
    unsigned wanted =
        (v->reads ? EVENT_READ : 0u) | (v->blocked && !asleep ? EVENT_WRITE : 0u);
    int done = 0;
    if (wanted == v->watched)
        return;
    if (wanted == 0)
        done = selector_unregister(all->selector, v->fd);
    else if (v->watched == 0)
        done = selector_register(all->selector, v->fd, wanted, v);
    else
        done = selector_modify(all->selector, v->fd, wanted, v);
    if (done == -1)
        die_errno("client %lu: selector", v->number);
    v->watched = wanted;
}

static void leave(struct visitor *v, struct visits *all)
{
    if (v->watched != 0)
        selector_unregister(all->selector, v->fd);
    if (v->ending == ENDING_RESET)
        link_reset(v->fd);
    else
        net_close(v->fd);
    all->nresets += v->ending == ENDING_RESET;
    all->nvanished += v->ending == ENDING_VANISH;
    v->fd = -1;
}

/* ---- acts ---- */

static void begin_act(struct visitor *v, struct visits *all)
{
    v->nacts--;
    v->piece = PATTERN_SIZE;
    v->pause_ms = v->stall_ms = 0;
    v->reads = true;
    switch (draw(v, 8)) {
    case 0: /* it stalls */
        v->wakes_ms = all->now_ms + draw(v, MAX_STALL_MS);
        break;
    case 1: /* it dribbles */
        v->goal += 1 + draw(v, MAX_DRIBBLE);
        v->piece = 1 + draw(v, 3);
        v->pause_ms = (int)draw(v, MAX_PAUSE_MS);
        break;
    case 2: /* it pours, and reads later */
        v->goal += draw_size(v, MAX_POUR_BITS);
        v->stall_ms = (int)draw(v, MAX_STALL_MS);
        v->reads = false;
        break;
    default: /* it talks */
        v->goal += draw_size(v, MAX_TALK_BITS);
    }
    v->leaves_at = v->sent + draw(v, (uint32_t)(v->goal - v->sent) + 1);
}

/* A server that has gone answers with an error. */
static void say(struct visitor *v, struct visits *all)
{
    bool badly = v->nacts == 0 && goes_badly(v);
    size_t end = badly && v->leaves_at < v->goal ? v->leaves_at : v->goal;
    size_t size = end - v->sent < v->piece ? end - v->sent : v->piece;
    ssize_t n = send(v->fd, pattern_at(v->start + v->sent), size, 0);
    v->blocked = n == -1 && io_verdict(IO_SEND, errno) == IO_RETRY_WHEN_READY;
    if (n == -1 && !v->blocked)
        die_errno("client %lu, after %zu bytes: send", v->number, v->sent);
    if (n == -1)
        return;
    v->sent += (size_t)n;
    v->since_ms = all->now_ms;
    v->wakes_ms = all->now_ms + v->pause_ms;
}

static void begin_to_read(struct visitor *v, struct visits *all)
{
    v->reads = v->stall_ms == 0;
    v->wakes_ms = all->now_ms + v->stall_ms;
    v->stall_ms = 0;
}

/* All that it has sent has come back. */
static void end_well(struct visitor *v, struct visits *all)
{
    if (v->ending == ENDING_CLOSE) {
        leave(v, all);
        return;
    }
    shutdown(v->fd, SHUT_WR);
    v->half_closed = v->reads = true;
}

static bool is_impatient(const struct visitor *v, const struct visits *all)
{
    double since_ms = v->since_ms > v->wakes_ms ? v->since_ms : v->wakes_ms;
    return all->now_ms - since_ms > PATIENCE_MS;
}

/* One thing. False: it has to wait. */
static bool take_turn(struct visitor *v, struct visits *all)
{
    if (v->half_closed || all->now_ms < v->wakes_ms)
        return false;
    if (v->nacts == 0 && goes_badly(v) && v->sent >= v->leaves_at)
        leave(v, all);
    else if (v->sent < v->goal && !v->blocked)
        say(v, all);
    else if (!v->reads)
        begin_to_read(v, all);
    else if (v->heard < v->goal)
        return false;
    else if (v->nacts > 0)
        begin_act(v, all);
    else
        end_well(v, all);
    return v->fd != -1;
}

void visitor_go_on(struct visitor *v, struct visits *all)
{
    if (is_impatient(v, all))
        die("client %lu: nothing moves for %d s; %zu bytes were sent, %zu came back",
            v->number, PATIENCE_MS / 1000, v->sent, v->heard);
    while (take_turn(v, all))
        ;
    if (v->fd != -1)
        watch(v, all);
}

/* ---- what comes back ---- */

static void hear_end(struct visitor *v, struct visits *all)
{
    if (!v->half_closed || v->heard < v->sent)
        die("client %lu: the server ended after %zu of %zu bytes", v->number, v->heard,
            v->sent);
    leave(v, all);
}

void visitor_hear(struct visitor *v, struct visits *all)
{
    static char incoming[PATTERN_SIZE];
    ssize_t n = recv(v->fd, incoming, sizeof incoming, 0);
    if (n == -1 && io_verdict(IO_RECV, errno) == IO_RETRY_WHEN_READY)
        return;
    if (n == -1)
        die_errno("client %lu, after %zu of %zu bytes: recv", v->number, v->heard,
                  v->sent);
    if (n == 0) {
        hear_end(v, all);
        return;
    }
    size_t size = (size_t)n;
    if (size > v->sent - v->heard)
        die("client %lu: %zu bytes were sent, %zu came back", v->number, v->sent,
            v->heard + size);
    size_t at = pattern_differs(incoming, size, v->start + v->heard);
    if (at < size)
        die("client %lu, byte %zu: 0x%02x was sent, 0x%02x came back", v->number,
            v->heard + at, (unsigned char)pattern_at(v->start + v->heard)[at],
            (unsigned char)incoming[at]);
    v->heard += size;
    all->nbytes += size;
    v->since_ms = all->now_ms;
}

/* ---- its way in, and its way out ---- */

void visitor_open(struct visitor *v, struct visits *all, uint32_t seed)
{
    *v = (struct visitor){.number = ++all->nclients, .reads = true};
    v->seed = seed * 2654435761u + (uint32_t)v->number * 2246822519u;
    v->seed |= v->seed == 0; /* 0 has no successor */
    draw(v, 1);
    v->start = draw(v, PATTERN_SIZE);
    v->nacts = draw(v, MAX_ACTS + 1);
    v->ending = (enum ending)draw(v, ENDING_RESET + 1);
    v->fd = link_open(all->port);
    v->since_ms = v->wakes_ms = all->now_ms;
    if (net_set_nonblocking(v->fd) == -1)
        die_errno("client %lu", v->number);
    visitor_go_on(v, all);
}

void visitor_hurry(struct visitor *v)
{
    if (v->nacts > 0)
        v->leaves_at = v->sent;
    v->nacts = 0;
}
