/* scene_lines: what the lines of a scene's text add to it. Each takes words; what is
   wrong with them is noted in w->problem. */
#ifndef SCENE_LINES_H
#define SCENE_LINES_H

#include "scene.h"
#include "words.h"

/* Takes a client's name, "crowd", "crowd*900" or "crowd*n"; returns its index. */
size_t scene_take_actor(struct words *w, struct scene *scene);

/* Takes a step. `line` is what is shown of it: all that stands behind the name. */
void scene_add_step(struct words *w, struct scene *scene, const char *line);

/* Takes a measure and its limit: wait of bob over 1000. */
void scene_take_comparison(struct words *w, struct scene *scene, struct comparison *c);

/* Takes a column. */
void scene_add_column(struct words *w, struct scene *scene);

/* Takes an expectation. `line` is what is shown of it. */
void scene_add_expectation(struct words *w, struct scene *scene, const char *line);

/* After all lines: what is wrong with the lanes that expectations name; NULL if nothing
   is. The text is valid until the next call. */
const char *scene_wrong_lane(const struct scene *scene);

#endif
