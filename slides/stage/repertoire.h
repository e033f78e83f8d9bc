/* repertoire: the scenes that there are. */
#ifndef REPERTOIRE_H
#define REPERTOIRE_H

#include <stdbool.h>
#include <stddef.h>

enum { REPERTOIRE_MAX = 64 };

/*
 * Reads the names of all scenes, in the order in which they are played. One that cannot
 * be read is named on stderr and left out. Returns their number. The names live until the
 * next call.
 */
size_t repertoire_read(const char *names[REPERTOIRE_MAX]);

/* Is there a file of this name among the scenes, whatever is in it? */
bool repertoire_has_file(const char *name);

/* Those that were read, as JSON: [{"name":...,"title":...,"question":...}]. Valid until
   the next call. */
const char *repertoire_json(void);

/* Gives the memory back. */
void repertoire_close(void);

#endif
