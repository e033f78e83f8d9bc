#include "lines.h"

#include <string.h>

/* The size of a line whose "\n" stands at bytes[size]. */
static size_t without_return(const char *bytes, size_t size)
{
    return size > 0 && bytes[size - 1] == '\r' ? size - 1 : size;
}

enum lines_result lines_next(struct buffer *in, size_t max_size, struct line *line)
{
    while (buffer_size(in) > 0) {
        char *first = buffer_first(in);
        char *newline = memchr(first, '\n', buffer_size(in));
        size_t whole = newline != NULL ? (size_t)(newline - first) : buffer_size(in);
        /* A line that is not whole has a last "\r" counted off too: "\n" may follow. */
        size_t size = without_return(first, whole);
        if (size > max_size)
            return LINES_TOO_LONG;
        if (newline == NULL)
            return LINES_NONE;
        buffer_take(in, whole + 1);
        if (size == 0)
            continue;
        first[size] = '\0';
        *line = (struct line){.text = first, .size = size};
        return LINES_LINE;
    }
    return LINES_NONE;
}
