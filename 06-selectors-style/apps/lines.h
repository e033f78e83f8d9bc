/* lines: from bytes to lines, wherever TCP cut them. */
#ifndef LINES_H
#define LINES_H

#include "buffer.h"

enum lines_result {
    LINES_NONE,    /* no whole line is there: wait for more bytes */
    LINES_LINE,    /* here is one */
    LINES_TOO_LONG /* a line, whole or not, is longer than the limit */
};

/* A line without its end, and a NUL behind it; it may hold NULs too. */
struct line {
    char *text;
    size_t size;
};

/*
 * Takes the next line that is not empty from the buffer. A line ends with "\n"; a "\r"
 * before it belongs to the end. The text stays where it is until the next buffer_add,
 * buffer_clear or buffer_free. With LINES_TOO_LONG nothing is taken: there is no telling
 * where the next line begins.
 */
enum lines_result lines_next(struct buffer *in, size_t max_size, struct line *line);

#endif
