/* selector_option: the option -s of the programs that wait with a selector. */
#ifndef SELECTOR_OPTION_H
#define SELECTOR_OPTION_H

#include "selector.h"

/*
 * selector_open for a program's main: `name` is what followed -s, or NULL for the best
 * backend. A wrong name is answered with the right ones and exit status 2; any other
 * failure ends the program too.
 */
struct selector *selector_option_open(const char *name);

#endif
