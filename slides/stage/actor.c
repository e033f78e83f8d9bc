#include "actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../06-selectors-style/apps/lines.h"
#include "../../06-selectors-style/selector.h"
#include "../../06-selectors-style/selector_change.h"
#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/io_status.h"
#include "../../common/net.h"

enum {
    READ_SIZE = 64 * 1024,
    MAX_LINE = 64 * 1024,
    PING_SIZE = 5,
    UNDECIDED_US = 200000
};

bool actor_is_on(const struct actor *a)
{
    return a->state == ACTOR_CONNECTED || a->state == ACTOR_WAITING;
}

static void end(struct actor *a, enum actor_state state, const char *why)
{
    a->state = state;
    snprintf(a->why, sizeof a->why, "%s", why);
}

/* Is it over, by what this errno of the call means? */
static bool is_over(struct actor *a, enum io_call call, int error)
{
    const struct io_status *status = io_status(call, error);
    if (status->verdict == IO_ERROR_MISTAKE)
        die_mistake(call, error);
    if (status->verdict != IO_ERROR_CONNECTION && status->verdict != IO_ERROR_BACK_OFF)
        return false;
    end(a, a->state == ACTOR_CONNECTING ? ACTOR_FAILED : ACTOR_ENDED, strerror(error));
    return true;
}

/* ---- connecting ---- */

static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd == -1)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (net_set_nonblocking(fd) == 0)
        return fd;
    close(fd);
    return -1;
}

void actor_connect(struct actor *a, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {inet_addr("127.0.0.1")}};
    a->state = ACTOR_CONNECTING;
    a->reads = true;
    a->finishes = false;
    a->npings = 0;
    a->asked_us = 0;
    a->why[0] = '\0';
    a->source = (struct source){.kind = SOURCE_ACTOR, .fd = open_socket()};
    if (a->source.fd == -1) {
        end(a, ACTOR_FAILED, strerror(errno));
        return;
    }
    if (connect(a->source.fd, (struct sockaddr *)&address, sizeof address) == 0)
        a->state = ACTOR_CONNECTED;
    else
        is_over(a, IO_CONNECT, errno);
}

/* The connection is made, or is not: SO_ERROR tells (connect(2)). */
static void finish_connect(struct actor *a)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(a->source.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    a->state = ACTOR_CONNECTED;
    if (error != 0)
        end(a, ACTOR_FAILED, strerror(error));
    else if (a->asked_us != 0)
        a->state = ACTOR_WAITING;
    if (error == 0 && a->finishes && outbox_is_sent(&a->out))
        shutdown(a->source.fd, SHUT_WR);
}

/* ---- asking ---- */

/* The wait begins, if none is under way. */
static void ask(struct actor *a)
{
    if (a->asked_us == 0)
        a->asked_us = clock_now_us();
    if (a->state == ACTOR_CONNECTED)
        a->state = ACTOR_WAITING;
}

void actor_send(struct actor *a, const char *bytes, size_t size, bool asks)
{
    if (!actor_is_on(a) && a->state != ACTOR_CONNECTING)
        return;
    if (!outbox_add(&a->out, bytes, size))
        end(a, ACTOR_ENDED, "no memory for what it sends");
    else if (asks)
        ask(a);
}

void actor_fill(struct actor *a, size_t size)
{
    if (!actor_is_on(a) && a->state != ACTOR_CONNECTING)
        return;
    outbox_fill(&a->out, size);
    ask(a);
}

static void ping(struct actor *a)
{
    static const char words[PING_SIZE + 1] = "ping\n";
    a->npings--;
    actor_send(a, words, PING_SIZE, true);
}

void actor_ping(struct actor *a, unsigned long count)
{
    a->npings = count;
    if (count > 0)
        ping(a);
}

void actor_finish(struct actor *a)
{
    a->finishes = true;
    if (outbox_is_sent(&a->out) && actor_is_on(a))
        shutdown(a->source.fd, SHUT_WR);
}

/* ---- moving bytes ---- */

static enum actor_news send_some(struct actor *a)
{
    if (outbox_is_sent(&a->out))
        return ACTOR_NOTHING;
    ssize_t nsent = outbox_send(&a->out, a->source.fd, !a->is_lines);
    if (nsent == -1)
        return is_over(a, IO_SEND, errno) ? ACTOR_CHANGED : ACTOR_NOTHING;
    a->nsent += (unsigned long long)nsent;
    if (a->finishes && outbox_is_sent(&a->out))
        shutdown(a->source.fd, SHUT_WR);
    return ACTOR_HEARD;
}

/* The wait is over. */
static enum actor_news is_answered(struct actor *a)
{
    a->last_us = clock_now_us() - a->asked_us;
    a->asked_us = 0;
    a->nanswers++;
    if (a->last_us > a->longest_us)
        a->longest_us = a->last_us;
    if (a->npings > 0) {
        ping(a);
        return send_some(a);
    }
    a->state = ACTOR_CONNECTED;
    return ACTOR_SERVED;
}

/* An echo has to be what was sent. */
static enum actor_news take_echo(struct actor *a, const char *bytes, size_t size)
{
    if (!outbox_take_back(&a->out, bytes, size)) {
        end(a, ACTOR_ENDED, "what came back is not what was sent");
        return ACTOR_CHANGED;
    }
    if (!outbox_is_empty(&a->out))
        return ACTOR_HEARD;
    return a->asked_us != 0 ? is_answered(a) : ACTOR_HEARD;
}

static enum actor_news receive(struct actor *a)
{
    static char bytes[READ_SIZE];
    ssize_t nread = recv(a->source.fd, bytes, sizeof bytes, 0);
    if (nread == -1)
        return is_over(a, IO_RECV, errno) ? ACTOR_CHANGED : ACTOR_NOTHING;
    if (nread == 0) {
        bool left = a->finishes && a->asked_us == 0;
        end(a, left ? ACTOR_LEFT : ACTOR_ENDED, left ? "" : "the server has closed");
        return ACTOR_CHANGED;
    }
    a->nheard += (unsigned long long)nread;
    if (!a->is_lines)
        return take_echo(a, bytes, (size_t)nread);
    buffer_add(&a->in, bytes, (size_t)nread);
    return ACTOR_HEARD;
}

enum actor_news actor_serve(struct actor *a, unsigned events)
{
    if (a->state == ACTOR_CONNECTING && events & EVENT_WRITE) {
        finish_connect(a);
        return ACTOR_CHANGED;
    }
    if (!actor_is_on(a))
        return ACTOR_NOTHING;
    enum actor_news news = ACTOR_NOTHING;
    if (events & EVENT_READ)
        news = receive(a);
    if (events & EVENT_WRITE && actor_is_on(a) && news != ACTOR_SERVED) {
        enum actor_news sent = send_some(a);
        news = sent == ACTOR_CHANGED || news == ACTOR_NOTHING ? sent : news;
    }
    return news;
}

const char *actor_line(struct actor *a, enum actor_news *news, size_t *size)
{
    struct line line;
    enum lines_result result = lines_next(&a->in, MAX_LINE, &line);
    if (result == LINES_TOO_LONG && actor_is_on(a))
        end(a, ACTOR_ENDED, "it was sent a line that is too long");
    if (result != LINES_LINE)
        return NULL;
    *news = ACTOR_HEARD;
    *size = line.size;
    if (a->state == ACTOR_WAITING &&
        (a->until == NULL || strstr(line.text, a->until) != NULL))
        *news = is_answered(a);
    return line.text;
}

/* ---- the end ---- */

static void close_socket(struct actor *a, struct selector *selector)
{
    if (a->source.fd == -1)
        return;
    if (a->interest != 0)
        selector_change(selector, selector_unregister(selector, a->source.fd));
    a->interest = 0;
    net_close(a->source.fd);
    a->source.fd = -1;
    outbox_free(&a->out);
    buffer_free(&a->in);
}

void actor_leave(struct actor *a, struct selector *selector, bool resets)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (!actor_is_on(a) && a->state != ACTOR_CONNECTING)
        return;
    if (resets)
        setsockopt(a->source.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (a->asked_us != 0 && clock_now_us() - a->asked_us < UNDECIDED_US)
        a->asked_us = 0; /* who goes so soon has not waited */
    if (a->asked_us != 0)
        a->longest_us = INFINITY; /* it comes no more, whatever comes later */
    end(a, ACTOR_LEFT, "");
    close_socket(a, selector);
}

static unsigned wanted(const struct actor *a)
{
    if (a->state == ACTOR_CONNECTING)
        return EVENT_WRITE;
    return (a->reads ? EVENT_READ : 0U) | (outbox_is_sent(&a->out) ? 0U : EVENT_WRITE);
}

void actor_settle(struct actor *a, struct selector *selector)
{
    if (a->state == ACTOR_ABSENT || a->source.fd == -1)
        return;
    if (!actor_is_on(a) && a->state != ACTOR_CONNECTING) {
        close_socket(a, selector);
        return;
    }
    unsigned events = wanted(a);
    int result = 0;
    if (events == a->interest)
        return;
    if (events == 0)
        result = selector_unregister(selector, a->source.fd);
    else if (a->interest == 0)
        result = selector_register(selector, a->source.fd, events, &a->source);
    else
        result = selector_modify(selector, a->source.fd, events, &a->source);
    if (selector_change(selector, result) == 0) {
        a->interest = events;
        return;
    }
    end(a, ACTOR_ENDED, "the stage cannot wait for it");
    close_socket(a, selector);
}

double actor_wait_us(const struct actor *a, double end_us)
{
    if (a->asked_us != 0 && end_us - a->asked_us > UNDECIDED_US)
        return INFINITY;
    return a->nanswers > 0 || a->longest_us > 0 ? a->longest_us : -1;
}

void actor_free(struct actor *a, struct selector *selector)
{
    if (a->state != ACTOR_ABSENT)
        close_socket(a, selector);
}
