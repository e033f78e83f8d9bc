#include "pattern.h"

#include <string.h>

/* The stream, twice, so that a part that begins anywhere lies in one piece. */
static char stream[2 * PATTERN_SIZE];

uint32_t pattern_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Every byte value comes. */
void pattern_init(void)
{
    uint32_t seed = 2463534242u;
    for (size_t i = 0; i < PATTERN_SIZE; i++)
        stream[i] = stream[PATTERN_SIZE + i] = (char)(pattern_next(&seed) >> 11);
}

const char *pattern_at(size_t position)
{
    return stream + position % PATTERN_SIZE;
}

size_t pattern_differs(const char *bytes, size_t size, size_t position)
{
    const char *expected = pattern_at(position);
    if (memcmp(bytes, expected, size) == 0)
        return size;
    size_t at = 0;
    while (bytes[at] == expected[at])
        at++;
    return at;
}
