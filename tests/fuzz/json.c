/*
 * json: what is read and written is read again as the same; what is wrong has a reason
 * and a place; and white space around a text changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "../../06-selectors-style/apps/json_writer.h"
#include "../../06-selectors-style/apps/utf8.h"
#include "../json_tree.h"
#include "fuzz.h"

enum { MAX_DEPTH = 16 };

/* Reads a text in a copy, as it is changed by that, and writes it to `out`. */
static bool read_and_write(struct json *json, const char *bytes, size_t size,
                           struct buffer *out)
{
    char *text = fuzz_copy(bytes, size);
    bool is_good = json_read(json, text, size);
    buffer_clear(out);
    if (is_good)
        json_tree_put(out, json->values);
    else
        fuzz_need(json->error != NULL && json->error_at <= size,
                  "what is wrong has a reason and a place");
    free(text);
    return is_good;
}

static bool is_same(const struct buffer *a, const struct buffer *b)
{
    return buffer_size(a) == buffer_size(b) &&
           memcmp(buffer_first(a), buffer_first(b), buffer_size(a)) == 0;
}

/* Each name of an object's members finds a member of that name: its last one. */
static void check_members(const char *bytes, size_t size, struct json *json)
{
    char *text = fuzz_copy(bytes, size);
    fuzz_need(json_read(json, text, size), "a text is read twice");
    const struct json_value *object = json->values, *member = object + 1;
    for (size_t i = 0; object->type == JSON_OBJECT && i < object->count; i++) {
        char *name = fuzz_copy(member->text, member->size);
        const struct json_value *found = json_member(object, name);
        if (strlen(name) == member->size)
            fuzz_need(found > member && json_is_text(found - 1, name),
                      "a member is found by its name");
        free(name);
        member += 1 + member[1].span;
    }
    free(text);
}

/* The bytes as a string: if they are UTF-8, it is written and read as it is. */
static void check_string(struct json *json, const char *bytes, size_t size)
{
    struct buffer out = {0};
    size_t at = 0, length;
    while (at < size && (length = utf8_length(bytes + at, size - at)) > 0)
        at += length;
    json_put_string(&out, NULL, bytes, at);
    char *text = fuzz_copy(buffer_first(&out), buffer_size(&out));
    fuzz_need(json_read(json, text, buffer_size(&out)) && json->count == 1 &&
                  json->values[0].size == at &&
                  memcmp(json->values[0].text, bytes, at) == 0,
              "a string that is written is read again");
    free(text);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct json json = {.max_depth = MAX_DEPTH};
    struct buffer first = {0}, second = {0}, spaced = {0};
    bool is_good = read_and_write(&json, bytes, size, &first);
    if (is_good) {
        fuzz_need(
            read_and_write(&json, buffer_first(&first), buffer_size(&first), &second),
            "what is written is read again");
        fuzz_need(is_same(&first, &second), "what is written and read again is the same");
        check_members(bytes, size, &json);
    }
    if (size > 0)
        check_string(&json, bytes, size);
    buffer_add_text(&spaced, " \t\r\n");
    buffer_add(&spaced, bytes, size);
    buffer_add_text(&spaced, "\n\r\t ");
    fuzz_need(read_and_write(&json, buffer_first(&spaced), buffer_size(&spaced),
                             &second) == is_good &&
                  (!is_good || is_same(&first, &second)),
              "white space around a text changes nothing");
    buffer_free(&first);
    buffer_free(&second);
    buffer_free(&spaced);
    json_free(&json);
    return 0;
}
