#include "server.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/io_status.h"
#include "../../common/net.h"
#include "../../common/rest.h"
#include "../../common/stop.h"
#include "../selector_change.h"
#include "../selector_option.h"

static const char *backend;
static long idle_s = 300, queue_bytes = 256 * 1024L;

const struct option server_options[] = {
    {'s', "NAME", "the backend to wait with, not the best one here", .text = &backend},
    {'i', "SECONDS", "close clients after so long without a byte, 0: never",
     .number = &idle_s, .most = 86400},
    {'q', "BYTES", "close clients that leave more than this unread",
     .number = &queue_bytes, .least = 1024, .most = 999999999},
    {0},
};

/* ---- one client ---- */

/* Something was done to this client: settle will look at it when the batch is done. */
static void touch(struct client *c)
{
    if (c->touched)
        return;
    c->touched = true;
    c->next_touched = c->server->touched;
    c->server->touched = c;
}

void server_send(struct client *c, const struct buffer *message)
{
    stream_send(&c->stream, message);
    touch(c);
}

void server_send_shared(struct client *c, const struct shared *shared)
{
    stream_send_shared(&c->stream, shared);
    touch(c);
}

static void sweep_by(struct server *s, long long due_ms)
{
    if (due_ms < s->next_sweep_ms)
        s->next_sweep_ms = due_ms;
}

void server_end(struct client *c)
{
    stream_end(&c->stream);
    sweep_by(c->server, c->stream.end_ms);
    touch(c);
}

static struct client *add_client(struct server *s, int fd)
{
    struct client *c = client_new(s->client_size, fd, (size_t)queue_bytes);
    if (c == NULL)
        return NULL;
    c->server = s;
    client_list_add(&s->members, c);
    s->nclients++;
    if (s->idle_ms > 0)
        sweep_by(s, c->stream.active_ms + s->idle_ms);
    touch(c);
    return c;
}

static void free_client(struct client *c)
{
    struct server *s = c->server;
    client_list_remove(c->leaving ? &s->departed : &s->members, c);
    client_free(c, s->selector);
    s->nclients--;
    rest_cut_short();
}

/* ---- a batch ---- */

/* A new client, if the listening socket was reported and more are waiting. */
static bool accept_one(struct server *s, struct server_event *event)
{
    while (s->accepting && s->nclients < s->max_clients) {
        int fd = net_accept(s->listen_fd);
        if (fd == -1) {
            if (io_verdict(IO_ACCEPT, errno) != IO_RETRY_WHEN_READY)
                rest_begin();
            break;
        }
        struct client *c = add_client(s, fd);
        if (c == NULL)
            continue;
        *event = (struct server_event){.what = SERVER_JOINED, .client = c};
        return true;
    }
    s->accepting = false;
    return false;
}

/* Moves a ready client's bytes. Returns whether there is input to take. */
static bool serve_client(struct client *c, unsigned events)
{
    struct stream *stream = &c->stream;
    if (stream->state == STREAM_OVER)
        return false;
    if (events & EVENT_WRITE)
        stream_flush(stream);
    else
        stream_read(stream);
    touch(c);
    return buffer_size(&stream->in) > 0 && stream_takes(stream);
}

static bool serve_one(struct server *s, struct server_event *event)
{
    while (s->position < s->nready) {
        const struct selector_event *e = &s->ready[s->position++];
        struct client *c = e->key.data;
        if (c == NULL && e->key.fd == s->listen_fd) {
            s->accepting = true;
            if (accept_one(s, event))
                return true;
        } else if (c != NULL && serve_client(c, e->events)) {
            *event = (struct server_event){.what = SERVER_INPUT, .client = c};
            return true;
        }
    }
    return false;
}

/* ---- after a batch ---- */

static void add_leaver(struct server *s, struct client *c)
{
    c->leaving = true;
    c->next_leaver = NULL;
    *(s->leavers != NULL ? &s->last_leaver->next_leaver : &s->leavers) = c;
    s->last_leaver = c;
    client_list_remove(&s->members, c);
    client_list_add(&s->departed, c);
}

/* Brings those to whom something was done in order: sends what they are owed, tells the
   selector what they wait for, and finds out who leaves. This is the only place where a
   client is freed: no batch is under way, and its SERVER_LEFT lies behind. */
static void settle(struct server *s)
{
    while (s->touched != NULL) {
        struct client *c = s->touched;
        struct stream *stream = &c->stream;
        s->touched = c->next_touched;
        c->touched = false;
        stream_end_batch(stream);
        client_tell_selector(c, s->selector);
        if (stream->resting)
            rest_begin();
        if (c->left && stream->state == STREAM_OVER)
            free_client(c);
        else if (!c->leaving && stream->state != STREAM_OPEN)
            add_leaver(s, c);
    }
}

/* Reports one who leaves, and sees to it that settle will meet it again. */
static bool dismiss_one(struct server *s, struct server_event *event)
{
    struct client *c = s->leavers;
    if (c == NULL)
        return false;
    s->leavers = c->next_leaver;
    c->left = true;
    touch(c);
    *event = (struct server_event){.what = SERVER_LEFT, .client = c};
    return true;
}

/* When is this client to be closed if nothing more happens? */
static long long due_ms(const struct server *s, const struct stream *stream)
{
    if (stream->state == STREAM_CLOSING || stream->state == STREAM_DRAINING)
        return stream->end_ms;
    return s->idle_ms > 0 ? stream->active_ms + s->idle_ms : LLONG_MAX;
}

static void sweep_list(struct server *s, struct client_list *list, long long now_ms)
{
    for (struct client *c = list->first; c != NULL; c = c->next) {
        long long due = due_ms(s, &c->stream);
        if (due > now_ms) {
            sweep_by(s, due);
            continue;
        }
        c->stream.state = STREAM_OVER;
        touch(c);
    }
}

static void wake_list(struct client_list *list)
{
    for (struct client *c = list->first; c != NULL; c = c->next) {
        if (!c->stream.resting)
            continue;
        c->stream.resting = false;
        touch(c);
    }
}

/* What time alone brings about. */
static void look_at_clock(struct server *s)
{
    if (rest_left_ms() == 0) {
        rest_end();
        wake_list(&s->members);
        wake_list(&s->departed);
    }
    long long now_ms = clock_now_ms();
    if (now_ms < s->next_sweep_ms)
        return;
    s->next_sweep_ms = LLONG_MAX;
    sweep_list(s, &s->members, now_ms);
    sweep_list(s, &s->departed, now_ms);
}

static bool tick(struct server *s, struct server_event *event)
{
    if (s->tick.every_ms == 0 || timer_passed(&s->tick, clock_now_ms()) == 0)
        return false;
    *event = (struct server_event){.what = SERVER_TICK};
    return true;
}

/* ---- waiting ---- */

/* While no client can be taken the listening socket is not registered, because it would
   be reported again and again. Whoever connects meanwhile waits in the backlog. */
static void watch_listener(struct server *s)
{
    bool wanted = s->nclients < s->max_clients && !rest_is_on();
    if (wanted && !s->listening) {
        int result = selector_register(s->selector, s->listen_fd, EVENT_READ, NULL);
        s->listening = selector_change(s->selector, result) == 0;
    }
    if (!wanted && s->listening)
        s->listening = selector_unregister(s->selector, s->listen_fd) == -1;
    if (wanted != s->listening)
        rest_begin();
}

static long long ms_until(long long time_ms)
{
    long long left_ms = time_ms - clock_now_ms();
    return left_ms > 0 ? left_ms : 0;
}

static void wait_for_batch(struct server *s)
{
    watch_listener(s);
    long long timeout_ms = rest_left_ms();
    if (s->next_sweep_ms != LLONG_MAX)
        timeout_ms = timers_sooner(timeout_ms, ms_until(s->next_sweep_ms));
    if (s->tick.every_ms > 0)
        timeout_ms = timers_sooner(timeout_ms, ms_until(s->tick.due_ms));
    s->position = 0;
    s->nready = selector_select(s->selector, (int)timeout_ms, &s->ready);
    if (s->nready == -1)
        s->nready = die_unless_retry(selector_wait_call(s->selector));
    stream_begin_batch();
}

bool server_next(struct server *s, struct server_event *event)
{
    while (!stop_requested()) {
        if (accept_one(s, event) || serve_one(s, event))
            return true;
        look_at_clock(s);
        settle(s);
        if (dismiss_one(s, event) || tick(s, event))
            return true;
        wait_for_batch(s);
    }
    return false;
}

/* ---- opening and closing ---- */

void server_open(struct server *s, const struct options *options, size_t client_size)
{
    *s = (struct server){.client_size = client_size,
                         .max_clients = options->max_clients,
                         .idle_ms = idle_s * 1000LL,
                         .next_sweep_ms = LLONG_MAX};
    int stop_fd = stop_init();
    s->selector = selector_option_open(backend);
    s->listen_fd = net_listen_and_announce(options->address, options->port);
    if (net_set_nonblocking(s->listen_fd) == -1 ||
        selector_register(s->selector, stop_fd, EVENT_READ, NULL) == -1)
        die_errno("cannot wait for the stop signal");
}

void server_tick_every(struct server *s, long long interval_ms)
{
    timer_start(&s->tick, clock_now_ms(), interval_ms);
}

static void free_list(struct client_list *list)
{
    while (list->first != NULL)
        free_client(list->first);
}

void server_close(struct server *s)
{
    free_list(&s->members);
    free_list(&s->departed);
    selector_close(s->selector);
    close(s->listen_fd);
}
