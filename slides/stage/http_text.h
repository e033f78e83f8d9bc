/* http_text: some bytes of a request, which stand where they were received. */
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* `size` bytes, without a NUL behind them; first is NULL if there is no such text. */
struct http_text {
    const char *first;
    size_t size;
};

/* Is this text the same as a C string? The second takes "A" and "a" for the same. */
bool http_text_is(struct http_text text, const char *other);
bool http_text_is_word(struct http_text text, const char *other);

/* What stands before the first such byte, or all; and what stands behind n bytes, which
   are no more than there are. */
struct http_text http_text_before(struct http_text text, char byte);
struct http_text http_text_behind(struct http_text text, size_t n);

/* Without the blanks and tabs at both ends: OWS (RFC 9110, section 5.6.3). */
struct http_text http_text_trim(struct http_text text);

/* How many bytes at the beginning are a token (RFC 9110, section 5.6.2). */
size_t http_text_token(struct http_text text);

/* Are all bytes visible ASCII, and is each '%' followed by two hexadecimal digits? */
bool http_text_is_visible(struct http_text text);

/* Is this a field's value: no control characters but tabs (RFC 9110, section 5.5)? */
bool http_text_is_value(struct http_text text);

/*
 * Decodes percent signs (RFC 3986, section 2.1) into a C string. The text is visible, as
 * above. Returns the length, or 0 if it is empty, does not fit into `size` bytes with its
 * NUL, or has control characters.
 */
size_t http_text_decode(struct http_text text, char *value, size_t size);

#endif
