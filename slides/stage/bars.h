/* bars: the lanes of a scene as bars of letters that grow with time, for a terminal. */
#ifndef BARS_H
#define BARS_H

#include <stdbool.h>

struct json_value;

/* Takes an event of the record; `scene` begins new bars. Returns whether they are others
   than before. */
bool bars_take(const struct json_value *event);

/* Draws them, over those that were drawn before. */
void bars_draw(void);

#endif
