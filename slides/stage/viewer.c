#include "viewer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../../common/die.h"
#include "../../common/events.h"
#include "../../common/io_status.h"
#include "../../common/net.h"

enum {
    DROP_SIZE = 16 * 1024,
    ASKING_MS = 5000,   /* for the whole request */
    STUCK_MS = 10000,   /* without taking anything that is owed */
    SILENCE_MS = 10000, /* then a comment finds out whether the viewer is still there */
    PACE_MS = 20,
    LINGER_MS = 2000
};

void viewer_init(struct viewer *v, int fd, long long now_ms)
{
    *v = (struct viewer){.source = {SOURCE_VIEWER, fd},
                         .state = VIEWER_ASKING,
                         .end_ms = now_ms + ASKING_MS,
                         .sent_ms = now_ms};
}

static void decide_after_failure(struct viewer *v, enum io_call call)
{
    int error = errno;
    switch (io_verdict(call, error)) {
    case IO_RETRY_NOW:
        return;
    case IO_RETRY_WHEN_READY:
    case IO_PENDING:
        v->blocked = call == IO_SEND;
        return;
    case IO_RETRY_LATER:
    case IO_ERROR_BACK_OFF:
        v->resting = true;
        return;
    case IO_ERROR_CONNECTION:
        v->state = VIEWER_OVER;
        return;
    case IO_ERROR_MISTAKE:
        die_mistake(call, error);
    }
}

/* ---- the request ---- */

/* The request will never be whole: who sent nothing is told nothing. */
static enum http_status give_up(struct viewer *v, enum http_status status)
{
    if (v->nin > 0)
        return status;
    v->state = VIEWER_OVER;
    return HTTP_MORE;
}

static enum http_status read_request(struct viewer *v)
{
    if (v->in == NULL)
        v->in = malloc(HTTP_HEAD_SIZE);
    if (v->in == NULL) {
        v->state = VIEWER_OVER;
        return HTTP_MORE;
    }
    ssize_t nread = recv(v->source.fd, v->in + v->nin, HTTP_HEAD_SIZE - v->nin, 0);
    if (nread == -1)
        decide_after_failure(v, IO_RECV);
    if (nread == 0)
        return give_up(v, HTTP_BAD_REQUEST);
    if (nread == -1)
        return HTTP_MORE;
    v->nin += (size_t)nread;
    return http_read(&v->request, v->in, v->nin);
}

/* What comes behind the request is dropped, and its end noted. One who watches and has
   ended its output gets what is in the record by then: it may have left, or listen on. */
static void drop_input(struct viewer *v)
{
    static char bytes[DROP_SIZE];
    ssize_t nread = recv(v->source.fd, bytes, sizeof bytes, 0);
    if (nread == -1)
        decide_after_failure(v, IO_RECV);
    if (nread == 0 && v->state == VIEWER_DRAINING)
        v->state = VIEWER_OVER;
    else if (nread == 0)
        v->ended = true;
}

enum http_status viewer_read(struct viewer *v)
{
    if (v->state == VIEWER_ASKING)
        return read_request(v);
    drop_input(v);
    return HTTP_MORE;
}

/* ---- the answer ---- */

/* The head of the answer is written. */
static void answer(struct viewer *v, enum viewer_state state)
{
    free(v->in);
    v->in = NULL;
    v->state = v->debt.head.failed ? VIEWER_OVER : state;
}

void viewer_show(struct viewer *v, const char *type, struct http_text body)
{
    struct http_answer head = {
        .status = HTTP_OK, .type = type, .length = (long long)body.size};
    http_put_head(&v->debt.head, &head);
    if (v->request.method != HTTP_HEAD)
        v->debt.body = body;
    answer(v, VIEWER_ANSWERED);
}

void viewer_tell(struct viewer *v, enum http_status status, const char *allow)
{
    http_put_status(&v->debt.head, status, allow, v->request.method == HTTP_HEAD);
    answer(v, VIEWER_ANSWERED);
}

void viewer_watch(struct viewer *v)
{
    bool is_head = v->request.method == HTTP_HEAD;
    struct http_answer head = {
        .status = HTTP_OK, .type = "text/event-stream", .length = HTTP_NO_LENGTH};
    http_put_head(&v->debt.head, &head);
    if (!is_head) {
        buffer_add_text(&v->debt.head, "retry: 500\n\n");
        debt_begin_record(&v->debt);
    }
    answer(v, is_head ? VIEWER_ANSWERED : VIEWER_WATCHING);
}

/* ---- what is owed ---- */

static void send_turn(struct viewer *v, long long now_ms)
{
    bool all;
    if (debt_send(&v->debt, v->source.fd, &all) == -1)
        decide_after_failure(v, IO_SEND);
    else {
        v->blocked = !all;
        v->sent_ms = now_ms;
        v->stuck_ms = 0;
    }
    if ((v->blocked || v->resting) && v->stuck_ms == 0)
        v->stuck_ms = now_ms;
}

/* Nothing is owed any more. */
static void finish(struct viewer *v, long long now_ms)
{
    if (v->state == VIEWER_ANSWERED) {
        bool ends = shutdown(v->source.fd, SHUT_WR) == 0;
        v->state = ends ? VIEWER_DRAINING : VIEWER_OVER;
        v->end_ms = now_ms + LINGER_MS;
    }
    if (v->state == VIEWER_WATCHING && v->ended)
        v->state = VIEWER_OVER;
}

/* ---- after a batch ---- */

/* When this much is to be sent, if nothing hinders it. */
static long long pace_ms(const struct viewer *v, size_t size)
{
    bool keeps_up = v->state == VIEWER_WATCHING && size < DEBT_TURN_SIZE &&
                    v->stuck_ms == 0 && buffer_size(&v->debt.head) == 0;
    return keeps_up ? v->sent_ms + PACE_MS : 0;
}

static void settle_output(struct viewer *v, long long now_ms)
{
    bool is_watching = v->state == VIEWER_WATCHING;
    if (is_watching && debt_size(&v->debt) == 0 && !v->ended &&
        now_ms >= v->sent_ms + SILENCE_MS) {
        buffer_add_text(&v->debt.head, ": \n\n");
        if (v->debt.head.failed)
            v->state = VIEWER_OVER;
    }
    size_t size = debt_size(&v->debt);
    if (size > 0 && !v->blocked && !v->resting && now_ms >= pace_ms(v, size))
        send_turn(v, now_ms);
    if (v->stuck_ms != 0 && now_ms >= v->stuck_ms + STUCK_MS)
        v->state = VIEWER_OVER;
    if (debt_size(&v->debt) == 0)
        finish(v, now_ms);
}

void viewer_settle(struct viewer *v, long long now_ms)
{
    bool is_late = now_ms >= v->end_ms;
    if (v->state == VIEWER_ASKING && is_late && give_up(v, HTTP_TIMEOUT) != HTTP_MORE)
        viewer_tell(v, HTTP_TIMEOUT, NULL);
    if (v->state == VIEWER_DRAINING && is_late)
        v->state = VIEWER_OVER;
    if (debt_is_outdated(&v->debt) && !debt_follow_record(&v->debt))
        v->state = VIEWER_OVER;
    if (v->state == VIEWER_WATCHING || v->state == VIEWER_ANSWERED)
        settle_output(v, now_ms);
}

long long viewer_due_ms(const struct viewer *v)
{
    if (v->state == VIEWER_ASKING || v->state == VIEWER_DRAINING)
        return v->end_ms;
    if (debt_is_outdated(&v->debt))
        return 0;
    if (v->blocked || v->resting)
        return v->stuck_ms != 0 ? v->stuck_ms + STUCK_MS : LLONG_MAX;
    size_t size = debt_size(&v->debt);
    if (size == 0 && v->state == VIEWER_WATCHING && !v->ended)
        return v->sent_ms + SILENCE_MS;
    return pace_ms(v, size);
}

unsigned viewer_interest(const struct viewer *v)
{
    if (v->resting || v->state == VIEWER_OVER)
        return 0;
    if (v->state == VIEWER_ASKING || v->state == VIEWER_DRAINING)
        return EVENT_READ;
    if (v->state == VIEWER_ANSWERED)
        return EVENT_WRITE;
    return (v->ended ? 0u : EVENT_READ) | (v->blocked ? EVENT_WRITE : 0u);
}

void viewer_close(struct viewer *v)
{
    net_close(v->source.fd);
    debt_free(&v->debt);
    free(v->in);
    v->state = VIEWER_ABSENT;
}
