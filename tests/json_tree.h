/* json_tree: writes back what json_reader has read. */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include "../06-selectors-style/apps/buffer.h"
#include "../06-selectors-style/apps/json_reader.h"

/*
 * Writes a value and all that it contains; `out` is empty. An infinite number becomes
 * 1e999. A tree that contradicts itself ends the program, as below.
 */
void json_tree_put(struct buffer *out, const struct json_value *tree);

/* Ends the program with status 3, and a word on stderr. */
_Noreturn void json_tree_fail(const char *what);

#endif
