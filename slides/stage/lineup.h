/* lineup: which servers play in a scene. */
#ifndef LINEUP_H
#define LINEUP_H

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

#endif
