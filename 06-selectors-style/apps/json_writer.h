/*
 * json_writer: writes JSON values into a buffer, one after the other.
 *
 * Inside an object every value has a name; in an array and at the top `name` is NULL.
 * Commas come by themselves. The buffer is one text: it is empty when the first value is
 * written, and buffer->failed tells at the end whether there was memory for all of it.
 */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H

#include "buffer.h"

/* Begins an object or an array: bracket is '{' or '['. */
void json_put_open(struct buffer *out, const char *name, char bracket);

/* Ends it: bracket is '}' or ']'. */
void json_put_close(struct buffer *out, char bracket);

/* A string of UTF-8, which is written as it is but for what RFC 8259, section 7, demands
   to be escaped: the quote, the backslash and control characters. */
void json_put_string(struct buffer *out, const char *name, const char *bytes,
                     size_t size);

/* The same for a C string. */
void json_put_text(struct buffer *out, const char *name, const char *text);

void json_put_integer(struct buffer *out, const char *name, long long number);

/* A finite number, in as few digits as give the same double when they are read back. */
void json_put_number(struct buffer *out, const char *name, double number);

/* An amount of money in cents, with two digits behind the point: 15050 is 150.50. */
void json_put_cents(struct buffer *out, const char *name, long long cents);

/* true or false. */
void json_put_flag(struct buffer *out, const char *name, bool flag);

/* A value that is written already. */
void json_put_raw(struct buffer *out, const char *name, const char *bytes, size_t size);

#endif
