#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../../06-selectors-style/selector_change.h"
#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/net.h"
#include "../../common/rest.h"
#include "route.h"
#include "viewer.h"

enum { MAX_VIEWERS = 100 };

static struct source listener = {SOURCE_LISTENER, -1};
static struct selector *selector;
static bool listening;
static struct viewer viewers[MAX_VIEWERS];
static size_t nviewers;

/* ---- a batch ---- */

static void accept_viewers(void)
{
    for (size_t i = 0; i < MAX_VIEWERS; i++) {
        if (viewers[i].state != VIEWER_ABSENT)
            continue;
        int fd = net_accept(listener.fd);
        if (fd == -1) {
            if (io_verdict(IO_ACCEPT, errno) != IO_RETRY_WHEN_READY)
                rest_begin();
            return;
        }
        viewer_init(&viewers[i], fd, clock_now_ms());
        nviewers++;
    }
}

void web_serve(struct source *source, unsigned events)
{
    if (source->kind == SOURCE_LISTENER) {
        accept_viewers();
        return;
    }
    struct viewer *v = (struct viewer *)source;
    if (events & EVENT_WRITE)
        v->blocked = false;
    if (!(events & EVENT_READ))
        return;
    enum http_status status = viewer_read(v);
    if (status == HTTP_OK)
        route_answer(v);
    else if (status != HTTP_MORE)
        viewer_tell(v, status, NULL);
}

/* ---- after a batch ---- */

/* While no viewer can be taken the listening socket is not registered, because it would
   be reported again and again. Whoever connects meanwhile waits in the backlog. */
static void watch_listener(void)
{
    bool wanted = nviewers < MAX_VIEWERS && !rest_is_on();
    if (wanted && !listening) {
        int result = selector_register(selector, listener.fd, EVENT_READ, &listener);
        listening = selector_change(selector, result) == 0;
    }
    if (!wanted && listening)
        listening = selector_unregister(selector, listener.fd) == -1;
    if (wanted != listening)
        rest_begin();
}

/* A viewer that cannot be waited for is over. */
static void tell_selector(struct viewer *v)
{
    int fd = v->source.fd, result = 0;
    unsigned events = viewer_interest(v);
    if (events == 0 && v->registered)
        result = selector_unregister(selector, fd);
    else if (events != 0 && v->registered)
        result = selector_modify(selector, fd, events, v);
    else if (events != 0)
        result = selector_register(selector, fd, events, v);
    if (selector_change(selector, result) == -1)
        v->state = VIEWER_OVER;
    v->registered = events != 0 && (result == 0 || v->registered);
}

static void close_viewer(struct viewer *v)
{
    if (v->registered)
        selector_unregister(selector, v->source.fd);
    viewer_close(v);
    nviewers--;
}

static void settle_one(struct viewer *v, long long now_ms)
{
    if (!rest_is_on())
        v->resting = false;
    viewer_settle(v, now_ms);
    tell_selector(v);
    if (v->resting)
        rest_begin();
    if (v->state != VIEWER_OVER)
        return;
    close_viewer(v);
    rest_cut_short();
}

void web_settle(void)
{
    long long now_ms = clock_now_ms();
    if (rest_left_ms() == 0)
        rest_end();
    for (size_t i = 0; i < MAX_VIEWERS; i++)
        if (viewers[i].state != VIEWER_ABSENT)
            settle_one(&viewers[i], now_ms);
    watch_listener();
}

int web_timeout_ms(void)
{
    long long now_ms = clock_now_ms(), due_ms = LLONG_MAX;
    if (rest_is_on())
        due_ms = now_ms + rest_left_ms();
    for (size_t i = 0; i < MAX_VIEWERS; i++)
        if (viewers[i].state != VIEWER_ABSENT && viewer_due_ms(&viewers[i]) < due_ms)
            due_ms = viewer_due_ms(&viewers[i]);
    if (due_ms == LLONG_MAX)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

/* ---- opening and closing ---- */

/* 0 was only asked for. */
static int listener_port(void)
{
    struct sockaddr_in bound;
    socklen_t length = sizeof bound;
    if (getsockname(listener.fd, (struct sockaddr *)&bound, &length) == -1)
        die_errno("getsockname");
    return ntohs(bound.sin_port);
}

int web_open(struct selector *the_selector, int port, const char *page_dir,
             const char *scenes, const char *const *names)
{
    selector = the_selector;
    route_open(page_dir, scenes, names);
    listener.fd = net_listen("127.0.0.1", port);
    if (listener.fd == -1 || net_set_nonblocking(listener.fd) == -1)
        die_errno("127.0.0.1:%d", port);
    port = listener_port();
    route_set_port(port);
    watch_listener();
    if (!listening)
        die_errno("cannot wait for viewers");
    return port;
}

enum web_wish web_next_wish(char *name, size_t size)
{
    return route_next_wish(name, size);
}

void web_set_playing(bool playing)
{
    route_set_playing(playing);
}

void web_close(void)
{
    for (size_t i = 0; i < MAX_VIEWERS; i++)
        if (viewers[i].state != VIEWER_ABSENT)
            close_viewer(&viewers[i]);
    if (listening)
        selector_unregister(selector, listener.fd);
    net_close(listener.fd);
    route_close();
}
