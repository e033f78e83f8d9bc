/*
 * pattern: the bytes that clients send and compare.
 *
 * A stream without an end that begins anew after PATTERN_SIZE bytes. That is a prime: no
 * message has the same bytes as the last.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { PATTERN_SIZE = 65521 };

/* xorshift32: the next number that looks like chance. Never 0, if seed is not. */
uint32_t pattern_next(uint32_t *seed);

/* Makes the stream. Once, before it is used. */
void pattern_init(void);

/* The PATTERN_SIZE bytes of the stream from a position on. */
const char *pattern_at(size_t position);

/* The first of `size` bytes that is another than the stream has from a position on, or
   `size`: they are equal. At most PATTERN_SIZE bytes. */
size_t pattern_differs(const char *bytes, size_t size, size_t position);

#endif
