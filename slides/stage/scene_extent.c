/* How much a scene asks for: measures, rounds, clients, time. */
#include "scene.h"

const struct measure *scene_measure(const struct scene *scene, size_t i)
{
    if (i < scene->ncolumns)
        return &scene->columns[i].measure;
    i -= scene->ncolumns;
    if (i == 0)
        return &scene->conclusion.comparison.measure;
    return i - 1 < scene->nexpectations ? &scene->expectations[i - 1].comparison.measure
                                        : NULL;
}

size_t scene_rounds(const struct scene *scene)
{
    return scene->nsizes > 0 ? scene->nsizes : 1;
}

size_t scene_group_size(const struct scene *scene, size_t actor, size_t round)
{
    size_t count = scene->actors[actor].count;
    return count > 0 ? count : scene->sizes[round];
}

size_t scene_most_clients(const struct scene *scene)
{
    size_t most = 0;
    for (size_t round = 0; round < scene_rounds(scene); round++) {
        size_t count = 0;
        for (size_t i = 0; i < scene->nactors; i++)
            count += scene_group_size(scene, i, round);
        most = count > most ? count : most;
    }
    return most;
}

double scene_length_ms(const struct scene *scene)
{
    double length_ms = 0;
    for (size_t i = 0; i < scene->nsteps; i++) {
        const struct step *step = &scene->steps[i];
        if (step->when == STEP_AT)
            length_ms = step->due_ms;
        if (step->when == STEP_AFTER)
            length_ms += step->due_ms;
    }
    return length_ms * (double)scene_rounds(scene);
}

double scene_limit_ms(const struct scene *scene)
{
    double limit_ms = scene_length_ms(scene);
    for (size_t i = 0; i < scene->nsteps; i++)
        limit_ms += scene->steps[i].when == STEP_THEN ? scene->patience_ms : 0;
    return limit_ms;
}
