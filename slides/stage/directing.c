#include "directing.h"

#include <stdlib.h>
#include <string.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "cast.h"
#include "load.h"
#include "record.h"

/* ---- one client ---- */

static void flood(struct actor *a)
{
    enum {
        AT_ONCE = 64 * 1024,
        MOST_KEPT = 16 * 1024 * 1024 /* for a server that sends nothing back */
    };
    if (outbox_is_sent(&a->out) && buffer_size(&a->out.bytes) < MOST_KEPT)
        actor_fill(a, AT_ONCE);
}

static bool is_flooding(const struct cast *cast)
{
    return cast->flood_until_us > clock_now_us();
}

void directing_serve(struct actor *a, unsigned events, struct selector *selector)
{
    cast_take_news(a, actor_serve(a, events));
    if (a->is_lines)
        cast_take_lines(a);
    if (is_flooding(a->cast))
        flood(a);
    actor_settle(a, selector);
}

static void say(struct actor *a, const char *text, bool is_whole)
{
    bool was_connected = a->state == ACTOR_CONNECTED;
    actor_send(a, text, strlen(text), is_whole && !a->is_lines);
    if (a->is_lines && is_whole)
        actor_send(a, "\n", 1, true);
    if (was_connected && a->state == ACTOR_WAITING)
        cast_tell_state(a);
}

/* ---- steps ---- */

static void connect_actor(struct actor *a)
{
    if (actor_is_on(a) || a->state == ACTOR_CONNECTING)
        return;
    actor_connect(a, a->cast->lane->port);
    cast_tell_state(a);
}

static void set_reading(struct actor *a, bool reads)
{
    a->reads = reads;
    if (a->cast->count == 1)
        cast_tell_client(a, reads ? "reads" : "silent", "");
}

static void ask(struct actor *a, const struct step *step)
{
    if (step->deed == DEED_SEND)
        actor_fill(a, step->size);
    if (step->deed == DEED_PING)
        actor_ping(a, step->size);
    if (step->deed == DEED_FLOOD)
        flood(a);
    cast_tell_state(a);
}

static void leave(struct actor *a, bool resets, struct selector *selector)
{
    actor_leave(a, selector, resets);
    cast_tell_state(a);
}

/* What has a timer happens in tick. */
static void do_deed(struct actor *a, const struct step *step, struct selector *selector)
{
    enum deed deed = step->deed;
    if (deed == DEED_CONNECT)
        connect_actor(a);
    if (!actor_is_on(a) && a->state != ACTOR_CONNECTING)
        return;
    if (deed == DEED_SAY || deed == DEED_BEGIN) {
        if (deed == DEED_SAY)
            a->until = step->until;
        say(a, step->text, deed == DEED_SAY);
    }
    if (deed == DEED_SEND || deed == DEED_PING || deed == DEED_FLOOD)
        ask(a, step);
    if (deed == DEED_STOP_READING || deed == DEED_READ_AGAIN)
        set_reading(a, deed == DEED_READ_AGAIN);
    if (deed == DEED_FINISH)
        actor_finish(a);
    if (deed == DEED_CLOSE || deed == DEED_RESET)
        leave(a, deed == DEED_RESET, selector);
}

static void start_timers(struct cast *cast, const struct step *step, double now_us)
{
    cast->timer_us = 0;
    cast->talks = step->deed == DEED_TALK;
    if (step->deed == DEED_TALK || step->deed == DEED_DRIBBLE || step->deed == DEED_PING)
        for (size_t i = 0; i < cast->count; i++)
            cast->actors[i].until = NULL; /* any line is an answer to these */
    if (step->deed == DEED_TALK || step->deed == DEED_DRIBBLE) {
        cast->timer_us = now_us;
        cast->period_us = step->period_ms * 1000;
        cast->dribble = step->text;
    }
    if (step->deed == DEED_FLOOD)
        cast->flood_until_us = now_us + step->period_ms * 1000;
    if (step->deed == DEED_PING) {
        cast->pings = true;
        cast->is_costed = false;
        cast->cost_us = cast_server_cpu_us(cast);
        cast->nanswers = cast_count_answers(cast);
    }
}

static void carry_out(struct lane *lane, const struct step *step,
                      struct selector *selector)
{
    struct cast *cast = &lane->casts[step->actor];
    double now_us = clock_now_us();
    struct buffer *out = cast_begin(cast, "act");
    json_put_text(out, "text", step->line);
    record_end();
    if (step->deed == DEED_SAY || step->deed == DEED_BEGIN)
        cast_note_said(lane, step->text);
    start_timers(cast, step, now_us);
    for (size_t i = 0; i < cast->count; i++) {
        do_deed(&cast->actors[i], step, selector);
        actor_settle(&cast->actors[i], selector);
    }
}

/* ---- what goes on ---- */

static void tick(struct cast *cast, struct selector *selector)
{
    char byte[2] = {cast->talks ? '\0' : *cast->dribble, '\0'};
    cast->timer_us += cast->period_us;
    if (!cast->talks && *++cast->dribble == '\0')
        cast->timer_us = 0;
    for (size_t i = 0; i < cast->count; i++) {
        struct actor *a = &cast->actors[i];
        if (!actor_is_on(a))
            continue;
        if (!cast->talks)
            actor_send(a, byte, 1, !a->is_lines || *byte == '\n');
        else if (a->state == ACTOR_CONNECTED)
            say(a, "hello", true);
        actor_settle(a, selector);
    }
}

/* Is everything done that was begun? */
static bool is_settled(const struct lane *lane)
{
    for (size_t i = 0; i < lane->ncasts; i++) {
        const struct cast *cast = &lane->casts[i];
        if (cast->timer_us > 0 && !cast->talks)
            return false;
        if (is_flooding(cast))
            return false;
        for (size_t j = 0; j < cast->count; j++)
            if (cast->actors[j].state == ACTOR_CONNECTING ||
                (cast->actors[j].state == ACTOR_WAITING && cast->actors[j].reads))
                return false;
    }
    return true;
}

static double step_due_us(const struct lane *lane)
{
    const struct step *step = &lane->scene->steps[lane->step];
    if (step->when == STEP_AT)
        return lane->turn_us + step->due_ms * 1000;
    if (step->when == STEP_AFTER)
        return lane->step_us + step->due_ms * 1000;
    return lane->is_settled ? lane->step_us
                            : lane->step_us + lane->scene->patience_ms * 1000;
}

bool directing_go_on(struct lane *lane, struct selector *selector)
{
    double now_us = clock_now_us();
    for (size_t i = 0; i < lane->ncasts; i++)
        while (lane->casts[i].timer_us > 0 && lane->casts[i].timer_us <= now_us)
            tick(&lane->casts[i], selector);
    for (;;) {
        const struct step *step = &lane->scene->steps[lane->step];
        lane->is_settled = step->when == STEP_THEN && is_settled(lane);
        double due_us = step_due_us(lane);
        if (due_us > now_us)
            break;
        if (step->when == STEP_AT)
            load_note_late((now_us - due_us) / 1000);
        lane->step_us = step->when == STEP_THEN ? now_us : due_us;
        if (step->deed == DEED_END)
            return true;
        carry_out(lane, step, selector);
        lane->step++;
    }
    for (size_t i = 0; i < lane->ncasts; i++)
        cast_tell_news(&lane->casts[i], now_us);
    return false;
}

double directing_due_us(const struct lane *lane)
{
    double due_us = step_due_us(lane);
    for (size_t i = 0; i < lane->ncasts; i++) {
        const struct cast *cast = &lane->casts[i];
        if (cast->timer_us > 0 && cast->timer_us < due_us)
            due_us = cast->timer_us;
        if (cast_due_us(cast) < due_us)
            due_us = cast_due_us(cast);
    }
    return due_us;
}

/* ---- beginning and end ---- */

void directing_begin(struct lane *lane, const struct scene *scene, size_t round)
{
    lane->scene = scene;
    lane->step = 0;
    lane->step_us = lane->turn_us;
    memset(lane->said_us, 0, sizeof lane->said_us);
    memset(lane->heard_us, 0, sizeof lane->heard_us);
    for (size_t i = 0; i < scene->nactors; i++) {
        struct cast *cast = &lane->casts[i];
        *cast = (struct cast){.lane = lane, .index = i};
        cast->count = scene_group_size(scene, i, round);
        cast->actors = calloc(cast->count, sizeof *cast->actors);
        if (cast->actors == NULL)
            die_errno("cannot hold %zu clients", cast->count);
        for (size_t j = 0; j < cast->count; j++) {
            cast->actors[j].cast = cast;
            cast->actors[j].is_lines = scene->is_lines;
        }
    }
    lane->ncasts = scene->nactors;
}

void directing_end(struct lane *lane, struct selector *selector)
{
    for (size_t i = 0; i < lane->ncasts; i++) {
        struct cast *cast = &lane->casts[i];
        if (cast->is_news)
            cast_tell_news(cast, cast_due_us(cast));
        for (size_t j = 0; j < cast->count; j++)
            actor_free(&cast->actors[j], selector);
    }
}
