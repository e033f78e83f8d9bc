#include "json_reader.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/*
 * A reader's place in a text. `open` is the innermost container that has not ended, and
 * while a container is open its span holds the index of the one around it: the way back
 * out needs no stack.
 */
struct reader {
    struct json *json;
    char *start, *next, *end;
    size_t open, depth;
};

enum { FIRST_CAPACITY = 64 };

static const size_t NONE = SIZE_MAX;

static bool fail(struct reader *r, const char *error)
{
    r->json->error = error;
    r->json->error_at = (size_t)(r->next - r->start);
    return false;
}

static void skip_space(struct reader *r)
{
    static const char space[] = {' ', '\t', '\n', '\r'};
    while (r->next < r->end && memchr(space, *r->next, sizeof space) != NULL)
        r->next++;
}

/* Moves past this byte, if it comes next. */
static bool skip(struct reader *r, char byte)
{
    if (r->next == r->end || *r->next != byte)
        return false;
    r->next++;
    return true;
}

/* Adds a value behind all others, which may move them. NULL without memory. */
static struct json_value *add_value(struct reader *r, enum json_type type)
{
    struct json *json = r->json;
    if (json->count == json->capacity) {
        size_t capacity = json->capacity > 0 ? 2 * json->capacity : FIRST_CAPACITY;
        struct json_value *values = realloc(json->values, capacity * sizeof *values);
        if (values == NULL) {
            fail(r, "no memory");
            return NULL;
        }
        json->values = values;
        json->capacity = capacity;
    }
    struct json_value *value = &json->values[json->count++];
    *value = (struct json_value){.type = type, .span = 1};
    return value;
}

/* ---- strings ---- */

/* Four hexadecimal digits, or -1. */
static long read_hex(struct reader *r)
{
    long code = 0;
    for (int i = 0; i < 4; i++) {
        if (r->next == r->end || !isxdigit((unsigned char)*r->next))
            return -1;
        int c = tolower((unsigned char)*r->next++);
        code = code * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return code;
}

/* What follows \u. A character over U+FFFF is two of them, a surrogate pair (RFC 8259,
   section 7). Half a pair is not a character, and cannot be written as UTF-8. */
static bool read_unicode(struct reader *r, char **out)
{
    long code = read_hex(r);
    if (code == -1)
        return fail(r, "\\u needs four hexadecimal digits");
    if (code >= 0xD800 && code <= 0xDFFF) {
        long low = -1;
        if (code < 0xDC00 && skip(r, '\\') && skip(r, 'u'))
            low = read_hex(r);
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(r, "half a surrogate pair");
        code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
    }
    *out += utf8_encode((uint32_t)code, *out);
    return true;
}

static bool read_escape(struct reader *r, char **out)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    r->next++;
    if (skip(r, 'u'))
        return read_unicode(r, out);
    const char *letter =
        r->next < r->end ? memchr(letters, *r->next, sizeof letters - 1) : NULL;
    if (letter == NULL)
        return fail(r, "there is no such escape");
    *(*out)++ = bytes[letter - letters];
    r->next++;
    return true;
}

/* Unescapes in place: no escape is shorter than what it stands for. */
static bool read_string(struct reader *r)
{
    struct json_value *value = add_value(r, JSON_STRING);
    if (value == NULL)
        return false;
    char *out = ++r->next;
    value->text = out;
    while (!skip(r, '"')) {
        size_t length = utf8_length(r->next, (size_t)(r->end - r->next));
        if (r->next == r->end)
            return fail(r, "a string does not end");
        if (length == 0)
            return fail(r, "not UTF-8");
        if ((unsigned char)*r->next < ' ')
            return fail(r, "a control character in a string");
        if (*r->next == '\\') {
            if (!read_escape(r, &out))
                return false;
            continue;
        }
        memmove(out, r->next, length);
        out += length;
        r->next += length;
    }
    value->size = (size_t)(out - value->text);
    return true;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct reader *r)
{
    char *first = r->next;
    while (r->next < r->end && *r->next >= '0' && *r->next <= '9')
        r->next++;
    return r->next > first;
}

/* RFC 8259, section 6. The grammar is checked here, because strtod takes more
   than that. */
static bool read_number(struct reader *r)
{
    char *first = r->next;
    skip(r, '-');
    if (!skip(r, '0') && !skip_digits(r))
        return fail(r, "a minus without a digit");
    if (skip(r, '.') && !skip_digits(r))
        return fail(r, "a point without a digit behind it");
    if (skip(r, 'e') || skip(r, 'E')) {
        if (!skip(r, '+'))
            skip(r, '-');
        if (!skip_digits(r))
            return fail(r, "an exponent without a digit");
    }
    struct json_value *value = add_value(r, JSON_NUMBER);
    if (value != NULL)
        value->number = strtod(first, NULL);
    return value != NULL;
}

static bool read_word(struct reader *r)
{
    static const struct {
        const char *word;
        enum json_type type;
    } words[] = {{"null", JSON_NULL}, {"false", JSON_FALSE}, {"true", JSON_TRUE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(r->end - r->next) < length ||
            memcmp(r->next, words[i].word, length) != 0)
            continue;
        r->next += length;
        return add_value(r, words[i].type) != NULL;
    }
    return fail(r, "a value is missing");
}

/* ---- containers ---- */

static bool open_container(struct reader *r, enum json_type type)
{
    if (r->depth == r->json->max_depth)
        return fail(r, "nested too deep");
    struct json_value *container = add_value(r, type);
    if (container == NULL)
        return false;
    r->next++;
    r->depth++;
    container->span = r->open;
    r->open = (size_t)(container - r->json->values);
    return true;
}

static void close_container(struct reader *r)
{
    struct json_value *container = &r->json->values[r->open];
    size_t around = container->span;
    container->span = r->json->count - r->open;
    r->open = around;
    r->depth--;
}

/* One whole value, or the beginning of a container. */
static bool read_value(struct reader *r)
{
    char first = r->next < r->end ? *r->next : '\0';
    if (first == '"')
        return read_string(r);
    if (first == '[' || first == '{')
        return open_container(r, first == '[' ? JSON_ARRAY : JSON_OBJECT);
    if (first == '-' || (first >= '0' && first <= '9'))
        return read_number(r);
    return read_word(r);
}

static bool read_name(struct reader *r)
{
    if (r->next == r->end || *r->next != '"')
        return fail(r, "a member's name is missing");
    if (!read_string(r))
        return false;
    skip_space(r);
    if (!skip(r, ':'))
        return fail(r, "a colon is missing");
    skip_space(r);
    return true;
}

/* The next element or member of the container that is open, or its end. */
static bool read_on(struct reader *r)
{
    struct json_value *container = &r->json->values[r->open];
    bool is_object = container->type == JSON_OBJECT;
    skip_space(r);
    if (skip(r, is_object ? '}' : ']')) {
        close_container(r);
        return true;
    }
    if (container->count > 0 && !skip(r, ','))
        return fail(r, is_object ? "a comma or } is missing" : "a comma or ] is missing");
    skip_space(r);
    container->count++;
    if (is_object && !read_name(r))
        return false;
    return read_value(r);
}

bool json_read(struct json *json, char *text, size_t size)
{
    struct reader r = {
        .json = json, .start = text, .next = text, .end = text + size, .open = NONE};
    json->count = 0;
    skip_space(&r);
    if (!read_value(&r))
        return false;
    while (r.open != NONE)
        if (!read_on(&r))
            return false;
    skip_space(&r);
    return r.next == r.end || fail(&r, "something stands behind the value");
}

void json_free(struct json *json)
{
    free(json->values);
    json->values = NULL;
    json->count = json->capacity = 0;
}

/* ---- looking things up ---- */

double json_number(const struct json_value *object, const char *name)
{
    const struct json_value *value = json_member(object, name);
    return value != NULL && value->type == JSON_NUMBER ? value->number : 0;
}

bool json_is_text(const struct json_value *value, const char *text)
{
    return value->type == JSON_STRING && value->size == strlen(text) &&
           memcmp(value->text, text, value->size) == 0;
}

const struct json_value *json_member(const struct json_value *object, const char *name)
{
    const struct json_value *found = NULL, *member = object + 1;
    for (size_t i = 0; i < object->count; i++) {
        const struct json_value *value = member + 1;
        if (json_is_text(member, name))
            found = value;
        member = value + value->span;
    }
    return found;
}
