/*
 * buffer: bytes that are added behind and taken in front, in one piece of memory.
 *
 * Input waits in one until a message is whole, output until the kernel takes it, and a
 * message is written into one. An empty buffer owns no memory until something is added.
 */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes;
    size_t start, end; /* bytes[start, end) are held */
    size_t capacity;
    bool failed; /* there was no memory for some addition: what is held has a hole */
};

/* The number of bytes held, and the first of them: never NULL. */
size_t buffer_size(const struct buffer *b);
char *buffer_first(const struct buffer *b);

/*
 * Adds bytes behind. Memory grows with what arrives, never with what was promised.
 * Without memory nothing is added and b->failed is set, so that many additions need one
 * check.
 */
void buffer_add(struct buffer *b, const void *bytes, size_t size);

/* The same for a C string, and for what printf would print: 63 bytes at most. */
void buffer_add_text(struct buffer *b, const char *text);
void buffer_add_format(struct buffer *b, const char *format, ...);

/*
 * Takes `size` bytes from the front, no more than are held. Returns where they stand:
 * they stay there until the next buffer_add, buffer_clear or buffer_free.
 */
char *buffer_take(struct buffer *b, size_t size);

/* Empties the buffer and forgets a failure, but keeps the memory for what comes next. */
void buffer_clear(struct buffer *b);

/* Empties the buffer and gives its memory back. */
void buffer_free(struct buffer *b);

#endif
