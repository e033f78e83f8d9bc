/*
 * json: what is read and written is read again as the same; what is wrong has a reason
 * and a place; and white space around a text changes nothing.
 */
#include <stdlib.h>
#include <string.h>

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
