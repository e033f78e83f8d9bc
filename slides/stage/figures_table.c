#include <math.h>
#include <string.h>

#include "figures.h"
#include "record.h"

/*
 * Best and worst are told apart only if the worst is at least twice the best and lies
 * further from it than chance explains. Who is within a factor of two of one of them is
 * marked like it.
 */
static const char *mark_of(const struct measure *m, double value, double least,
                           double most)
{
    bool more = measure_more_is_better(m);
    if (measure_is_neutral(m) || isnan(value) || most == least ||
        most - least < measure_floor(m) || most < 2 * least)
        return "";
    if (value < 2 * least || value - least < measure_floor(m))
        return more ? "worst" : "best";
    if (isinf(value) || 2 * value > most)
        return more ? "best" : "worst";
    return "";
}

/* A column of the table: a measure in one round, or its growth. */
struct figure {
    size_t i, round;
    double least, most; /* over all lanes */
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
        if (value > figure->most)
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
