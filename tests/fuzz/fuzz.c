#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PIECE = 12 };

void fuzz_need(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: a promise is broken: %s\n", promise);
    abort();
}

char *fuzz_copy(const void *bytes, size_t size)
{
    char *copy = malloc(size + 1);
    fuzz_need(copy != NULL, "there is memory");
    if (size > 0)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

/* A linear congruence; its high bits are the better ones. */
size_t fuzz_piece(uint32_t *state, size_t left)
{
    *state = *state * 1664525u + 1013904223u;
    size_t size = 1 + (*state >> 16) % LONGEST_PIECE;
    return size < left ? size : left;
}
