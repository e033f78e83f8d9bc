#include "figures.h"

#include <math.h>

#include "cast.h"

static double longest_wait_ms(const struct cast *cast)
{
    double end_us = cast->lane->stop_us;
    double longest_us = -1;
    for (size_t i = 0; i < cast->count; i++) {
        double wait_us = actor_wait_us(&cast->actors[i], end_us);
        longest_us = wait_us > longest_us ? wait_us : longest_us;
    }
    return longest_us < 0 ? NAN : longest_us / 1000;
}

static double count_of(const struct cast *cast, enum measure_what what)
{
    double sum = 0;
    for (size_t i = 0; i < cast->count; i++) {
        const struct actor *a = &cast->actors[i];
        if (what == MEASURE_SERVED)
            sum += a->nanswers > 0;
        if (what == MEASURE_ENDED)
            sum += a->state == ACTOR_ENDED || a->state == ACTOR_FAILED;
        if (what == MEASURE_KEPT)
            sum += a->nsent > a->nheard ? (double)(a->nsent - a->nheard) / 1024 : 0;
    }
    return sum;
}

static double cost_us(const struct cast *cast)
{
    if (!cast->is_costed)
        return cast->pings ? INFINITY : NAN;
    return cast->cost_us < 0 || cast->nanswers == 0 ? NAN
                                                    : cast->cost_us / cast->nanswers;
}

static double known(double value)
{
    return value < 0 ? NAN : value;
}

static double heard_ms(const struct lane *lane, size_t i)
{
    if (lane->said_us[i] == 0)
        return NAN;
    return lane->heard_us[i] == 0 ? INFINITY
                                  : (lane->heard_us[i] - lane->said_us[i]) / 1000;
}

static double value_of(const struct lane *lane, const struct measure *m, size_t i)
{
    const struct cast *cast = &lane->casts[m->actor];
    const struct lane_figures *f = &lane->figures;
    switch (m->what) {
    case MEASURE_WAIT:
        return longest_wait_ms(cast);
    case MEASURE_ANSWERS:
        return cast_count_answers(cast);
    case MEASURE_SERVED:
    case MEASURE_ENDED:
    case MEASURE_KEPT:
        return count_of(cast, m->what);
    case MEASURE_COST:
        return cost_us(cast);
    case MEASURE_HEARS:
        return heard_ms(lane, i);
    case MEASURE_CPU:
        return f->cpu_us < 0 ? NAN : 100 * f->cpu_us / f->played_us;
    case MEASURE_CALLS:
        return known(f->calls);
    case MEASURE_WASTED:
        return known(f->wasted);
    case MEASURE_DESCRIPTORS:
        return known(f->descriptors);
    case MEASURE_MEMORY:
        return f->first_memory_kib < 0 ? NAN : f->memory_kib - f->first_memory_kib;
    case MEASURE_ALIVE:
        return f->alive;
    }
    return NAN;
}

void figures_keep(struct lane *lane, const struct scene *scene, size_t round)
{
    const struct measure *m;
    for (size_t i = 0; (m = scene_measure(scene, i)) != NULL; i++)
        lane->values[round][i] = value_of(lane, m, i);
}

void figures_keep_nothing(struct lane *lane, const struct scene *scene)
{
    for (size_t round = 0; round < scene_rounds(scene); round++)
        for (size_t i = 0; scene_measure(scene, i) != NULL; i++)
            lane->values[round][i] = NAN;
}

double figures_value(const struct scene *scene, const struct lane *lane, size_t i)
{
    double last = lane->values[scene_rounds(scene) - 1][i];
    if (!scene_measure(scene, i)->growth || isinf(last))
        return last;
    return last / lane->values[0][i];
}
