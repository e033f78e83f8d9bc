#include <math.h>
#include <string.h>

#include "figures.h"
#include "load.h"
#include "record.h"

/* Values that differ by less than this say nothing: chance explains it, or the stage
   itself was late. */
static double floor_of(const struct measure *m)
{
    bool is_time = m->what == MEASURE_WAIT || m->what == MEASURE_HEARS;
    double floor = measure_floor(m), late_ms = 2 * load_late_ms();
    return is_time && late_ms > floor ? late_ms : floor;
}

/* Where more is better, only the most is best. */
static const char *mark_of_more(double value, double most)
{
    return value == most ? "best" : 2 * value <= most ? "worst" : "";
}

/*
 * Best and worst are told apart only if the worst is at least twice the best and lies
 * further from it than the floor. Who is within a factor of two of one of them, or within
 * the floor of the best, is marked like it. Never is the worst of all.
 */
static const char *mark_of(const struct measure *m, double value, double least,
                           double most)
{
    double floor = floor_of(m);
    if (measure_is_neutral(m) || isnan(value) || isinf(least))
        return "";
    if (isinf(value))
        return "worst";
    if (most - least < floor || most < 2 * least)
        return "";
    if (measure_more_is_better(m))
        return mark_of_more(value, most);
    if (value < 2 * least || value - least < floor)
        return "best";
    return 2 * value > most ? "worst" : "";
}

/* A column of the table: a measure in one round, or its growth. */
struct figure {
    size_t i, round;
    double least, most; /* over all lanes, without never */
};

static double figure_value(const struct scene *scene, const struct figure *figure,
                           const struct lane *lane)
{
    if (scene_measure(scene, figure->i)->growth)
        return figures_value(scene, lane, figure->i);
    return lane->values[figure->round][figure->i];
}

static void put_cell(struct buffer *out, const struct scene *scene,
                     const struct figure *figure, const struct lane *lane)
{
    const struct measure *m = scene_measure(scene, figure->i);
    double value = figure_value(scene, figure, lane);
    char text[MEASURE_TEXT_SIZE];
    json_put_open(out, NULL, '{');
    json_put_text(out, "text", measure_text(m, value, text));
    if (isfinite(value))
        json_put_number(out, "value", value);
    else
        json_put_raw(out, "value", "null", 4);
    json_put_text(out, "mark", mark_of(m, value, figure->least, figure->most));
    json_put_close(out, '}');
}

/* The head with the size in place of {n}, and the unit behind it. */
static void put_head(struct buffer *out, const struct scene *scene,
                     const struct figure *figure)
{
    static struct buffer head;
    const struct column *column = &scene->columns[figure->i];
    const char *place = strstr(column->head, "{n}"),
               *unit = measure_unit(&column->measure);
    buffer_clear(&head);
    if (place != NULL && scene->nsizes > 0) {
        buffer_add(&head, column->head, (size_t)(place - column->head));
        buffer_add_format(&head, "%zu", scene->sizes[figure->round]);
        buffer_add_text(&head, place + 3);
    } else {
        buffer_add_text(&head, column->head);
    }
    if (*unit != '\0') {
        buffer_add_text(&head, ", ");
        buffer_add_text(&head, unit);
    }
    json_put_string(out, NULL, buffer_first(&head), buffer_size(&head));
    buffer_free(&head);
}

static void find_range(struct figure *figure, const struct scene *scene,
                       const struct lane *lanes, size_t nlanes)
{
    figure->least = INFINITY;
    figure->most = -INFINITY;
    for (size_t i = 0; i < nlanes; i++) {
        double value = figure_value(scene, figure, &lanes[i]);
        if (value < figure->least)
            figure->least = value;
        if (value > figure->most && isfinite(value))
            figure->most = value;
    }
}

/* Each column once, but one that is no growth once a size. */
static size_t list_figures(struct figure *list, const struct scene *scene,
                           const struct lane *lanes, size_t nlanes)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->ncolumns; i++) {
        size_t rounds = scene->columns[i].measure.growth ? 1 : scene_rounds(scene);
        for (size_t round = 0; round < rounds; round++) {
            list[count] = (struct figure){.i = i, .round = round};
            find_range(&list[count++], scene, lanes, nlanes);
        }
    }
    return count;
}

void figures_tell_table(const struct scene *scene, const struct lane *lanes,
                        size_t nlanes, double t_ms)
{
    struct figure list[SCENE_MAX_COLUMNS * SCENE_MAX_SIZES];
    size_t count = list_figures(list, scene, lanes, nlanes);
    struct buffer *out = record_begin("table", t_ms, NULL);
    json_put_open(out, "columns", '[');
    for (size_t i = 0; i < count; i++)
        put_head(out, scene, &list[i]);
    json_put_close(out, ']');
    json_put_open(out, "rows", '[');
    for (size_t i = 0; i < nlanes; i++) {
        json_put_open(out, NULL, '{');
        json_put_text(out, "lane", lanes[i].server.name);
        json_put_open(out, "cells", '[');
        for (size_t j = 0; j < count; j++)
            put_cell(out, scene, &list[j], &lanes[i]);
        json_put_close(out, ']');
        json_put_close(out, '}');
    }
    json_put_close(out, ']');
    record_end();
}
