/* figures: what came of a scene, as numbers, a table and a sentence. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stddef.h>

#include "lane.h"
#include "scene.h"

/*
 * At the end of a lane's turn: keeps the values of all measures of the scene in
 * lane->values[round]. NAN is for what could not be measured, infinity for never.
 */
void figures_keep(struct lane *lane, const struct scene *scene, size_t round);

/* The same for a lane whose server could not be started. */
void figures_keep_nothing(struct lane *lane, const struct scene *scene);

/* The value that counts of measure i (see scene_measure): of the last size, or how much
   it has grown up to there. */
double figures_value(const struct scene *scene, const struct lane *lane, size_t i);

/* When all lanes are over, at a time in milliseconds: the table, */
void figures_tell_table(const struct scene *scene, const struct lane *lanes,
                        size_t nlanes, double t_ms);

/* the sentence, */
void figures_tell_conclusion(const struct scene *scene, const struct lane *lanes,
                             size_t nlanes, double t_ms);

/* and how the expectations came out. Returns the number of those that did not. */
size_t figures_tell_checks(const struct scene *scene, const struct lane *lanes,
                           size_t nlanes, double t_ms);

#endif
