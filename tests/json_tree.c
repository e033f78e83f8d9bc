#include "json_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../06-selectors-style/apps/json_writer.h"

enum { EXIT_CONTRADICTION = 3 };

/* A container that is not closed yet. */
struct level {
    const struct json_value *end;
    size_t missing; /* elements or members that were not seen yet */
    char bracket;   /* the one that closes it */
};

void json_tree_fail(const char *what)
{
    fprintf(stderr, "json: %s\n", what);
    exit(EXIT_CONTRADICTION);
}

static void need(bool condition, const char *what)
{
    if (!condition)
        json_tree_fail(what);
}

/* json_writer takes names that need no escapes. So this one is escaped before. */
static const char *escape_name(struct buffer *escaped, const struct json_value *name)
{
    need(name->type == JSON_STRING, "a member's name is no string");
    buffer_clear(escaped);
    json_put_string(escaped, NULL, name->text, name->size);
    need(!escaped->failed, "no memory");
    escaped->bytes[escaped->end - 1] = '\0';
    return escaped->bytes + 1;
}

/* Has it at most the 15 digits that json_put_number writes without an exponent? */
static bool is_integer(double number)
{
    return number > -1e15 && number < 1e15 && number != 0 &&
           number == (double)(long long)number;
}

static void put_value(struct buffer *out, const char *name, const struct json_value *v)
{
    const char *word = v->type == JSON_NULL ? "null" : v->number < 0 ? "-1e999" : "1e999";
    if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
        json_put_open(out, name, v->type == JSON_ARRAY ? '[' : '{');
    else if (v->type == JSON_STRING)
        json_put_string(out, name, v->text, v->size);
    else if (v->type == JSON_TRUE || v->type == JSON_FALSE)
        json_put_flag(out, name, v->type == JSON_TRUE);
    else if (v->type == JSON_NUMBER && is_integer(v->number))
        json_put_integer(out, name, (long long)v->number);
    else if (v->type == JSON_NUMBER && v->number - v->number == 0)
        json_put_number(out, name, v->number);
    else
        json_put_raw(out, name, word, strlen(word));
}

/* The levels are in memory, not on the stack: a deep tree is nothing special. */
void json_tree_put(struct buffer *out, const struct json_value *tree)
{
    struct level *levels = calloc(tree->span + 1, sizeof *levels), *top = levels;
    struct buffer escaped = {0};
    const char *name = NULL;
    if (levels == NULL)
        json_tree_fail("no memory");
    *top = (struct level){.end = NULL, .missing = 1};
    for (const struct json_value *v = tree; v < tree + tree->span; v++) {
        if (top->bracket == '}' && name == NULL) {
            name = escape_name(&escaped, v);
            continue;
        }
        put_value(out, name, v);
        name = NULL;
        top->missing--;
        if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
            *++top = (struct level){v + v->span, v->count, "]}"[v->type == JSON_OBJECT]};
        for (; top->end == v + 1; top--) {
            need(top->missing == 0, "a container's count is not that of its values");
            json_put_close(out, top->bracket);
        }
    }
    need(top == levels && top->missing == 0 && name == NULL, "a value's span is wrong");
    need(!out->failed, "no memory");
    buffer_free(&escaped);
    free(levels);
}
