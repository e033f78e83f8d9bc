#include <stdio.h>
#include <string.h>

#include "scene_lines.h"

static void take_measure(struct words *w, struct scene *scene, struct measure *m)
{
    *m = (struct measure){.growth = words_take_if(w, "growth")};
    if (m->growth)
        words_take_this(w, "of");
    const char *name = words_take(w, "a measure");
    if (name == NULL)
        return;
    if (measure_by_name(name, &m->what) == -1) {
        words_wrong(w, "there is no measure '%s'", name);
        return;
    }
    if (m->growth && scene->nsizes < 2)
        words_wrong(w, "growth needs a line 'sizes' with two sizes or more");
    if (!measure_has_actor(m->what))
        return;
    words_take_this(w, "of");
    m->actor = scene_take_actor(w, scene);
    if (m->what == MEASURE_HEARS)
        m->text = words_take(w, "what is heard");
}

void scene_take_comparison(struct words *w, struct scene *scene, struct comparison *c)
{
    take_measure(w, scene, &c->measure);
    c->over = words_take_if(w, "over");
    if (!c->over)
        words_take_this(w, "under");
    c->limit = words_take_real(w, "the limit");
}

void scene_add_column(struct words *w, struct scene *scene)
{
    struct column *column = &scene->columns[scene->ncolumns];
    if (scene->ncolumns == SCENE_MAX_COLUMNS) {
        words_wrong(w, "over %d columns", SCENE_MAX_COLUMNS);
        return;
    }
    column->head = words_take(w, "the column's head");
    take_measure(w, scene, &column->measure);
    scene->ncolumns++;
}

void scene_add_expectation(struct words *w, struct scene *scene, const char *line)
{
    struct expectation *e = &scene->expectations[scene->nexpectations];
    if (scene->nexpectations == SCENE_MAX_EXPECTATIONS) {
        words_wrong(w, "over %d expectations", SCENE_MAX_EXPECTATIONS);
        return;
    }
    *e = (struct expectation){.where = WHERE_AT, .text = line};
    scene_take_comparison(w, scene, &e->comparison);
    if (words_take_if(w, "everywhere")) {
        e->where = WHERE_EVERYWHERE;
    } else if (words_take_if(w, "elsewhere")) {
        e->where = WHERE_ELSEWHERE;
    } else {
        words_take_this(w, "at");
        while (w->next < w->count && e->nlanes < SCENE_MAX_LANES)
            e->lanes[e->nlanes++] = words_take(w, NULL);
        if (e->nlanes == 0)
            words_wrong(w, "a lane is missing: at 01-blocking");
    }
    scene->nexpectations++;
}

static bool has_lane(const struct scene *scene, const char *name)
{
    for (size_t i = 0; i < scene->nlanes; i++)
        if (strcmp(scene->lanes[i].name, name) == 0)
            return true;
    return false;
}

const char *scene_wrong_lane(const struct scene *scene)
{
    static char problem[120];
    for (size_t k = 0; k < scene->nexpectations; k++) {
        const struct expectation *e = &scene->expectations[k];
        for (size_t i = 0; i < e->nlanes; i++) {
            if (has_lane(scene, e->lanes[i]))
                continue;
            snprintf(problem, sizeof problem,
                     "an expectation names '%.40s', and no lane is called so",
                     e->lanes[i]);
            return problem;
        }
    }
    return NULL;
}
