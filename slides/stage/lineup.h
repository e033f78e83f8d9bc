/* lineup: which servers play in a scene. */
#ifndef LINEUP_H
#define LINEUP_H

#include <stdbool.h>
#include <stddef.h>

#include "lane.h"
#include "scene.h"

/*
 * Prepares the lanes of a scene, and one more for a command of the student's own if it is
 * not NULL and the scene is about echo servers. There is room for SCENE_MAX_LANES + 1.
 * Returns their number.
 */
size_t lineup_set(struct lane *lanes, const struct scene *scene, const char *yours);

/* Tells that the scene begins, and who plays in it. */
void lineup_tell(const struct scene *scene, const struct lane *lanes, size_t nlanes);

/*
 * The stage itself needs a descriptor for each client, and raises its own limit. If there
 * are not enough, returns false after writing why to `problem`, which has room for
 * SCENE_PROBLEM_SIZE bytes.
 */
bool lineup_has_descriptors(const struct scene *scene, size_t nlanes, char *problem);

/* How many a server may open: what the scene says, else what was allowed before the
   stage raised the limit. 0 is as many as the stage. */
size_t lineup_descriptors(const struct scene *scene);

#endif
