/* utf8: which bytes are a character (RFC 3629). */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length in bytes, 1 to 4, of the character that begins at `bytes`, of which `size`
 * may be looked at. 0 if it is none: a broken or cut sequence, a longer form than needed,
 * half of a surrogate pair, a number over U+10FFFF.
 */
size_t utf8_length(const char *bytes, size_t size);

/* Writes a character, U+0000 to U+10FFFF, into out[4]. Returns its length in bytes. */
size_t utf8_encode(uint32_t character, char *out);

#endif
