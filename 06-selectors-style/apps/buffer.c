#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_CAPACITY = 64, FORMAT_SIZE = 64 };

size_t buffer_size(const struct buffer *b)
{
    return b->end - b->start;
}

char *buffer_first(const struct buffer *b)
{
    static char nothing[1];
    return b->bytes != NULL ? b->bytes + b->start : nothing;
}

static bool grow(struct buffer *b, size_t needed)
{
    size_t capacity = b->capacity > 0 ? b->capacity : LEAST_CAPACITY;
    while (capacity < needed && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    char *bytes = capacity < needed ? NULL : realloc(b->bytes, capacity);
    if (bytes == NULL)
        return false;
    b->bytes = bytes;
    b->capacity = capacity;
    return true;
}

/* Room for `size` more bytes: what is held moves to the front before memory grows. */
static bool reserve(struct buffer *b, size_t size)
{
    if (size <= b->capacity - b->end)
        return true;
    size_t held = buffer_size(b);
    if (size > SIZE_MAX - held)
        return false;
    if (b->start > 0) {
        memmove(b->bytes, buffer_first(b), held);
        b->start = 0;
        b->end = held;
    }
    return held + size <= b->capacity || grow(b, held + size);
}

void buffer_add(struct buffer *b, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    if (b->failed || !reserve(b, size)) {
        b->failed = true;
        return;
    }
    memcpy(b->bytes + b->end, bytes, size);
    b->end += size;
}

void buffer_add_text(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void buffer_add_format(struct buffer *b, const char *format, ...)
{
    char text[FORMAT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_add_text(b, text);
}

char *buffer_take(struct buffer *b, size_t size)
{
    char *first = buffer_first(b);
    b->start += size;
    return first;
}

void buffer_clear(struct buffer *b)
{
    b->start = b->end = 0;
    b->failed = false;
}

void buffer_free(struct buffer *b)
{
    free(b->bytes);
    *b = (struct buffer){0};
}
