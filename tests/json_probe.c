/*
 * json_probe: reads JSON texts strictly, and writes back what was read, a line a text.
 *
 *     json_probe [-d DEPTH] [-m NAME] TEXT...
 *
 * In a TEXT, and in what is printed, \xHH stands for the byte with these two hexadecimal
 * digits; every other backslash is itself. One struct json reads all texts, DEPTH (16)
 * deep at most. -m prints the value of the top object's member NAME alone. Status 1: a
 * text is wrong, stderr says why; 2: wrong arguments; 3: the reader contradicts itself.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../06-selectors-style/apps/json_reader.h"
#include "../06-selectors-style/apps/json_writer.h"

/* A container that is not closed yet. */
struct level {
    const struct json_value *end;
    size_t missing; /* elements or members that were not seen yet */
    char bracket;   /* the one that closes it */
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "json_probe: %s\n", what);
    exit(3);
}

static void need(bool condition, const char *what)
{
    if (!condition)
        fail(what);
}

/* What an argument stands for and a NUL, in a piece of memory of just that size. */
static char *decode(const char *in, size_t *size)
{
    char *bytes = malloc(strlen(in) + 1), *out = bytes;
    if (bytes == NULL)
        fail("no memory");
    while (*in != '\0') {
        char digits[3] = "";
        bool stands = *in == '\\' && sscanf(in, "\\x%2[0-9a-fA-F]", digits) == 1 &&
                      digits[1] != '\0';
        *out++ = stands ? (char)strtoul(digits, NULL, 16) : *in;
        in += stands ? 4 : 1;
    }
    *out = '\0';
    *size = (size_t)(out - bytes);
    char *exact = realloc(bytes, *size + 1);
    if (exact == NULL)
        fail("no memory");
    return exact;
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

static void put_value(struct buffer *out, const char *name, const struct json_value *v)
{
    static const char *const words[] = {"null", "false", "true", "infinite", "-infinite"};
    const char *word = words[v->type == JSON_NUMBER && v->number < 0 ? 4 : v->type % 4];
    if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
        json_put_open(out, name, v->type == JSON_ARRAY ? '[' : '{');
    else if (v->type == JSON_STRING)
        json_put_string(out, name, v->text, v->size);
    else if (v->type == JSON_NUMBER && v->number - v->number == 0)
        json_put_number(out, name, v->number);
    else
        json_put_raw(out, name, word, strlen(word));
}

/* The levels are in memory, not on the stack: a deep tree is nothing special. */
static void print_tree(const struct json_value *tree)
{
    struct level *levels = calloc(tree->span + 1, sizeof *levels), *top = levels;
    struct buffer out = {0}, escaped = {0};
    const char *name = NULL;
    if (levels == NULL)
        fail("no memory");
    *top = (struct level){.end = NULL, .missing = 1};
    for (const struct json_value *v = tree; v < tree + tree->span; v++) {
        if (top->bracket == '}' && name == NULL) {
            name = escape_name(&escaped, v);
            continue;
        }
        put_value(&out, name, v);
        name = NULL;
        top->missing--;
        if (v->type == JSON_ARRAY || v->type == JSON_OBJECT)
            *++top = (struct level){v + v->span, v->count, "]}"[v->type == JSON_OBJECT]};
        for (; top->end == v + 1; top--) {
            need(top->missing == 0, "a container's count is not that of its values");
            json_put_close(&out, top->bracket);
        }
    }
    need(top == levels && top->missing == 0 && name == NULL, "a value's span is wrong");
    need(!out.failed, "no memory");
    for (size_t i = out.start; i < out.end; i++)
        printf(out.bytes[i] >= ' ' && out.bytes[i] <= '~' ? "%c" : "\\x%02x",
               (unsigned char)out.bytes[i]);
    puts("");
    buffer_free(&escaped);
    buffer_free(&out);
    free(levels);
}

/* Reads a text and prints it, or its member `name`. False, with a word, if it cannot. */
static bool probe(struct json *json, const char *argument, const char *name)
{
    size_t size;
    char *text = decode(argument, &size);
    const struct json_value *tree = NULL;
    if (!json_read(json, text, size))
        fprintf(stderr, "byte %zu: %s\n", json->error_at, json->error);
    else if (name == NULL)
        tree = json->values;
    else if (json->values->type != JSON_OBJECT ||
             (tree = json_member(json->values, name)) == NULL)
        fprintf(stderr, "no such member\n");
    if (tree != NULL)
        print_tree(tree);
    free(text);
    return tree != NULL;
}

int main(int argc, char **argv)
{
    struct json json = {.max_depth = 16};
    char *name = NULL, *end = "";
    int option, status = EXIT_SUCCESS;
    while ((option = getopt(argc, argv, "d:m:")) != -1 && option != '?' && *end == '\0')
        if (option == 'd')
            json.max_depth = strtoul(optarg, &end, 10);
        else
            name = optarg;
    if (option != -1 || *end != '\0' || optind == argc) {
        fprintf(stderr, "usage: json_probe [-d DEPTH] [-m NAME] TEXT...\n");
        return 2;
    }
    for (int i = optind; i < argc; i++)
        if (!probe(&json, argv[i], name))
            status = EXIT_FAILURE;
    json_free(&json);
    return status;
}
