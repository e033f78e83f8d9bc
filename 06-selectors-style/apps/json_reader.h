/*
 * json_reader: a strict reader of JSON texts (RFC 8259).
 *
 * A text becomes an array of values in the order in which they stand in it. A container
 * is followed by what it contains; `span` leads past all of that to the value beside it.
 * The names of an object's members are values too, each before its value. Nothing
 * recurses: how deep a text is nested costs no stack, and has a limit.
 */
#ifndef JSON_READER_H
#define JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_value {
    enum json_type type;
    size_t span;      /* this value and all that it contains; value + span is the next */
    size_t count;     /* an array's elements, an object's members */
    const char *text; /* a string's bytes, escapes undone, UTF-8; not ended by a NUL */
    size_t size;      /* their number; \u0000 is a byte like others */
    double number;    /* a number too large for a double is infinite here */
};

struct json {
    size_t max_depth;          /* the caller's: [[1]] is two deep */
    struct json_value *values; /* values[0] is the whole text */
    size_t count, capacity;
    const char *error; /* after a failure: what is wrong */
    size_t error_at;   /* and at which byte of the text */
};

/*
 * Reads a text of `size` bytes; text[size] has to be there and to be NUL. Strings are
 * unescaped in place, so the text is not what it was afterwards, and has to live as long
 * as the values. Returns true, or false with json->error set. Strict: one value and white
 * space around it, no comments, no trailing commas, valid UTF-8, no lone surrogates. The
 * values of the text before are forgotten; their memory serves again.
 */
bool json_read(struct json *json, char *text, size_t size);

/* Gives the memory back. */
void json_free(struct json *json);

/*
 * The value of an object's member with this name, or NULL. Where a name comes twice the
 * last one counts, as in most readers (RFC 8259, section 4).
 */
const struct json_value *json_member(const struct json_value *object, const char *name);

/* The number that an object's member of this name holds; 0 if there is no such number. */
double json_number(const struct json_value *object, const char *name);

/* Is this value a string with exactly this text? */
bool json_is_text(const struct json_value *value, const char *text);

#endif
