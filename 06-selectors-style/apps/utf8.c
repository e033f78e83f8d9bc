#include "utf8.h"

#include <stdbool.h>

static bool is_within(unsigned char byte, unsigned least, unsigned most)
{
    return byte >= least && byte <= most;
}

/*
 * The first byte tells the length. The second byte's range is narrower behind some first
 * bytes: that is what shuts out longer forms than needed (E0, F0), surrogates (ED) and
 * numbers over U+10FFFF (F4). RFC 3629, section 4.
 */
size_t utf8_length(const char *bytes, size_t size)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (size == 0)
        return 0;
    if (b[0] < 0x80)
        return 1;
    size_t length = b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    if (!is_within(b[0], 0xC2, 0xF4) || size < length)
        return 0;
    unsigned least = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    unsigned most = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
    if (!is_within(b[1], least, most))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_within(b[i], 0x80, 0xBF))
            return 0;
    return length;
}

size_t utf8_encode(uint32_t character, char *out)
{
    size_t length = character < 0x80      ? 1
                    : character < 0x800   ? 2
                    : character < 0x10000 ? 3
                                          : 4;
    static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char)(marks[length] | character);
    return length;
}
