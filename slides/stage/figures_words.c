#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figures.h"
#include "record.h"

enum { LIST_SIZE = (SCENE_MAX_LANES + 1) * (SCENE_NAME_SIZE + 4) };

/* ---- the sentence ---- */

/* What the sentence may speak of: the lanes for which the comparison holds, and the
   others. Those without a finite value are in neither part, and are named behind it. */
struct parts {
    char those[LIST_SIZE], others[LIST_SIZE], never[LIST_SIZE], unknown[LIST_SIZE];
    size_t nthose, nothers, nnever, nunknown;
    double least, most;      /* of those */
    double rest_least, rest; /* the least and the most of the others */
};

static bool holds(const struct comparison *c, double value)
{
    return c->over ? value > c->limit : value < c->limit;
}

static void add_name(char *list, size_t count, const char *name)
{
    size_t size = strlen(list);
    snprintf(list + size, LIST_SIZE - size, "%s%s", count > 0 ? ", " : "", name);
}

/* "a, b, c" becomes "a, b and c". */
static void end_list(char *list)
{
    char *last = strrchr(list, ','), rest[LIST_SIZE];
    if (last == NULL)
        return;
    strcpy(rest, last + 1);
    snprintf(last, LIST_SIZE - (size_t)(last - list), " and%s", rest);
}

static struct parts find_parts(const struct scene *scene, const struct lane *lanes,
                               size_t nlanes)
{
    const struct comparison *c = &scene->conclusion.comparison;
    struct parts p = {
        .least = INFINITY, .most = -INFINITY, .rest_least = INFINITY, .rest = -INFINITY};
    for (size_t i = 0; i < nlanes; i++) {
        double value = figures_value(scene, &lanes[i], scene->ncolumns);
        if (isnan(value)) {
            add_name(p.unknown, p.nunknown++, lanes[i].server.name);
            continue;
        }
        if (isinf(value)) {
            add_name(p.never, p.nnever++, lanes[i].server.name);
            continue;
        }
        if (!holds(c, value)) {
            add_name(p.others, p.nothers++, lanes[i].server.name);
            p.rest = value > p.rest ? value : p.rest;
            p.rest_least = value < p.rest_least ? value : p.rest_least;
            continue;
        }
        add_name(p.those, p.nthose++, lanes[i].server.name);
        p.least = value < p.least ? value : p.least;
        p.most = value > p.most ? value : p.most;
    }
    end_list(p.those);
    end_list(p.others);
    end_list(p.never);
    end_list(p.unknown);
    return p;
}

static const char *with_unit(const struct measure *m, double value, char *text)
{
    const char *unit = measure_unit(m);
    measure_text(m, value, text);
    if (isfinite(value) && *unit != '\0')
        snprintf(text + strlen(text), MEASURE_TEXT_SIZE - strlen(text), " %s", unit);
    return text;
}

/* "3 ms to 5 ms", or "3 ms" if both read the same. */
static const char *range_of(const struct measure *m, double least, double most,
                            char *text)
{
    char end[MEASURE_TEXT_SIZE];
    with_unit(m, least, text);
    with_unit(m, most, end);
    if (strcmp(text, end) != 0)
        strcat(strcat(text, " to "), end);
    return text;
}

/* What stands for {those} and the like; NULL for a word that is none of them. */
static const char *part_named(const struct scene *scene, const struct parts *p,
                              const char *name, size_t size, char *text)
{
    const struct measure *m = &scene->conclusion.comparison.measure;
    bool none = p->nthose == 0;
#define IS(word) (size == sizeof(word) - 1 && memcmp(name, word, size) == 0)
    if (IS("those"))
        return p->those;
    if (IS("others"))
        return p->others;
    if (IS("least"))
        return with_unit(m, none ? p->rest_least : p->least, text);
    if (IS("most"))
        return with_unit(m, none ? p->rest : p->most, text);
    if (IS("range"))
        return range_of(m, none ? p->rest_least : p->least, none ? p->rest : p->most,
                        text);
    if (IS("rest"))
        return with_unit(m, p->nothers == 0 ? p->most : p->rest, text);
#undef IS
    return NULL;
}

static void write_sentence(const struct scene *scene, const struct parts *p,
                           const char *pattern, struct buffer *out)
{
    char text[2 * MEASURE_TEXT_SIZE];
    while (*pattern != '\0') {
        const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL, *part = NULL;
        if (end != NULL)
            part = part_named(scene, p, pattern + 1, (size_t)(end - pattern - 1), text);
        if (part != NULL)
            buffer_add_text(out, part);
        else
            buffer_add(out, pattern, 1);
        pattern = part != NULL ? end + 1 : pattern + 1;
    }
}

static void add_exception(struct buffer *out, const char *names, const char *what)
{
    buffer_add_text(out, buffer_size(out) > 0 ? " At " : "At ");
    buffer_add_text(out, names);
    buffer_add_text(out, ": ");
    buffer_add_text(out, what);
    buffer_add_text(out, ".");
}

static const char *pattern_of(const struct scene *scene, const struct parts *p)
{
    if (p->nthose + p->nothers == 0)
        return p->nnever > 0 ? "" : "This could not be measured here.";
    if (p->nthose == 0)
        return scene->conclusion.none;
    return p->nothers == 0 ? scene->conclusion.all : scene->conclusion.some;
}

void figures_tell_conclusion(const struct scene *scene, const struct lane *lanes,
                             size_t nlanes, double t_ms)
{
    struct parts p = find_parts(scene, lanes, nlanes);
    struct buffer sentence = {0};
    write_sentence(scene, &p, pattern_of(scene, &p), &sentence);
    if (p.nnever > 0)
        add_exception(&sentence, p.never, "never");
    if (p.nunknown > 0 && p.nunknown < nlanes)
        add_exception(&sentence, p.unknown, "not measured");
    struct buffer *out = record_begin("conclusion", t_ms, NULL);
    json_put_string(out, "text", buffer_first(&sentence), buffer_size(&sentence));
    record_end();
    buffer_free(&sentence);
}

/* ---- what was expected ---- */

static bool names(const struct expectation *e, const char *lane)
{
    for (size_t i = 0; i < e->nlanes; i++)
        if (strcmp(e->lanes[i], lane) == 0)
            return true;
    return false;
}

/* Of an expectation "elsewhere": does another about the same measure name this lane? */
static bool is_named_before(const struct scene *scene, size_t k, const char *lane)
{
    const struct measure *m = &scene->expectations[k].comparison.measure;
    for (size_t i = 0; i < k; i++) {
        const struct measure *other = &scene->expectations[i].comparison.measure;
        if (other->what == m->what && other->actor == m->actor &&
            names(&scene->expectations[i], lane))
            return true;
    }
    return false;
}

/* Nobody has promised anything about a server that is not ours. */
static bool concerns(const struct scene *scene, size_t k, const struct lane *lane)
{
    const struct expectation *e = &scene->expectations[k];
    if (lane->is_yours)
        return false;
    if (e->where == WHERE_AT)
        return names(e, lane->server.name);
    return e->where == WHERE_EVERYWHERE || !is_named_before(scene, k, lane->server.name);
}

static bool tell_check(const struct scene *scene, size_t k, const struct lane *lane,
                       double t_ms)
{
    const struct expectation *e = &scene->expectations[k];
    double value = figures_value(scene, lane, scene->ncolumns + 1 + k);
    char text[MEASURE_TEXT_SIZE];
    bool held = holds(&e->comparison, value);
    if (isnan(value) && lane->turn_us > 0)
        return true; /* this system cannot measure it */
    struct buffer *out = record_begin("check", t_ms, lane->server.name);
    json_put_text(out, "text", e->text);
    json_put_flag(out, "held", held);
    json_put_text(out, "saw", with_unit(&e->comparison.measure, value, text));
    record_end();
    return held;
}

size_t figures_tell_checks(const struct scene *scene, const struct lane *lanes,
                           size_t nlanes, double t_ms)
{
    size_t nfailed = 0;
    for (size_t k = 0; k < scene->nexpectations; k++)
        for (size_t i = 0; i < nlanes; i++)
            if (concerns(scene, k, &lanes[i]) && !tell_check(scene, k, &lanes[i], t_ms))
                nfailed++;
    return nfailed;
}
