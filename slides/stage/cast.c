#include "cast.h"

#include <math.h>
#include <string.h>

#include "../../common/clock.h"
#include "gauge.h"
#include "record.h"

enum { GROUP_MS = 20, BYTES_MS = 50 };

/* ---- telling ---- */

struct buffer *cast_begin(const struct cast *cast, const char *kind)
{
    const struct lane *lane = cast->lane;
    struct buffer *out = record_begin(kind, lane_time_ms(lane), lane->server.name);
    json_put_text(out, "client", lane->scene->actors[cast->index].name);
    return out;
}

void cast_tell_client(const struct actor *a, const char *state, const char *text)
{
    struct buffer *out = cast_begin(a->cast, "client");
    json_put_text(out, "state", state);
    if (*text != '\0')
        json_put_text(out, "text", text);
    record_end();
}

static void tell_served(const struct actor *a)
{
    struct buffer *out = cast_begin(a->cast, "client");
    json_put_text(out, "state", "served");
    json_put_number(out, "ms", (double)(long long)a->last_us / 1000);
    record_end();
}

static void tell_group(const struct cast *cast)
{
    unsigned counts[ACTOR_NSTATES] = {0};
    for (size_t i = 0; i < cast->count; i++)
        counts[cast->actors[i].state]++;
    struct buffer *out = cast_begin(cast, "group");
    json_put_integer(out, "connecting", counts[ACTOR_CONNECTING]);
    json_put_integer(out, "connected", counts[ACTOR_CONNECTED]);
    json_put_integer(out, "waiting", counts[ACTOR_WAITING]);
    json_put_integer(out, "left", counts[ACTOR_LEFT]);
    json_put_integer(out, "ended", counts[ACTOR_ENDED] + counts[ACTOR_FAILED]);
    json_put_integer(out, "answers", (long long)cast_count_answers(cast));
    record_end();
}

static void tell_bytes(const struct cast *cast)
{
    struct buffer *out = cast_begin(cast, "bytes");
    json_put_integer(out, "sent", (long long)cast->actors->nsent);
    json_put_integer(out, "heard", (long long)cast->actors->nheard);
    record_end();
}

double cast_due_us(const struct cast *cast)
{
    if (!cast->is_news)
        return INFINITY;
    return cast->told_us + 1000.0 * (cast->count > 1 ? GROUP_MS : BYTES_MS);
}

/* What changes often is told once in a while. */
void cast_tell_news(struct cast *cast, double now_us)
{
    if (now_us < cast_due_us(cast))
        return;
    cast->is_news = false;
    cast->told_us = now_us;
    if (cast->count > 1)
        tell_group(cast);
    else
        tell_bytes(cast);
}

void cast_tell_state(const struct actor *a)
{
    static const char *const names[ACTOR_NSTATES] = {
        "absent", "connecting", "connected", "waiting", "left", "ended", "failed"};
    if (a->cast->count > 1)
        a->cast->is_news = true;
    else
        cast_tell_client(a, names[a->state], a->why);
}

/* ---- what came of it ---- */

double cast_count_answers(const struct cast *cast)
{
    double sum = 0;
    for (size_t i = 0; i < cast->count; i++)
        sum += (double)cast->actors[i].nanswers;
    return sum;
}

double cast_server_cpu_us(const struct cast *cast)
{
    return cast->lane->pid != 0 ? gauge_cpu_us(cast->lane->pid) : -1;
}

/* The last of a cast has got the answer to its last ping: what did they cost? */
static void end_pings(struct cast *cast)
{
    double cpu_us = cast_server_cpu_us(cast);
    for (size_t i = 0; i < cast->count; i++)
        if (cast->actors[i].state == ACTOR_WAITING)
            return;
    cast->pings = false;
    cast->is_costed = true;
    cast->nanswers = cast_count_answers(cast) - cast->nanswers;
    cast->cost_us = cpu_us < 0 || cast->cost_us < 0 ? -1 : cpu_us - cast->cost_us;
}

void cast_take_news(struct actor *a, enum actor_news news)
{
    struct cast *cast = a->cast;
    if (news == ACTOR_NOTHING)
        return;
    if (news == ACTOR_CHANGED)
        cast_tell_state(a);
    else
        cast->is_news = true;
    if (news == ACTOR_SERVED && cast->count == 1)
        tell_served(a);
    if ((news == ACTOR_SERVED || news == ACTOR_CHANGED) && cast->pings)
        end_pings(cast);
}

/* Whoever was to hear this text has heard it. */
static void note_heard(const struct actor *a, const char *text)
{
    struct lane *lane = a->cast->lane;
    const struct measure *m;
    for (size_t i = 0; (m = scene_measure(lane->scene, i)) != NULL; i++)
        if (m->what == MEASURE_HEARS && m->actor == a->cast->index &&
            lane->heard_us[i] == 0 && lane->said_us[i] > 0 &&
            strstr(text, m->text) != NULL)
            lane->heard_us[i] = clock_now_us();
}

void cast_note_said(struct lane *lane, const char *text)
{
    const struct measure *m;
    for (size_t i = 0; (m = scene_measure(lane->scene, i)) != NULL; i++)
        if (m->what == MEASURE_HEARS && lane->said_us[i] == 0 &&
            strstr(text, m->text) != NULL)
            lane->said_us[i] = clock_now_us();
}

void cast_take_lines(struct actor *a)
{
    enum { MOST_SHOWN = 240 };
    enum actor_news news;
    size_t size;
    const char *line;
    bool was_on = actor_is_on(a);
    while ((line = actor_line(a, &news, &size)) != NULL) {
        note_heard(a, line);
        if (a->cast->count == 1) {
            struct buffer *out = cast_begin(a->cast, "hears");
            record_put_words(out, "text", size <= MOST_SHOWN ? line : "(a long line)");
            record_end();
        }
        cast_take_news(a, news);
    }
    if (was_on && !actor_is_on(a))
        cast_tell_state(a);
}
