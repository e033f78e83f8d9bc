/*
 * json_probe: reads JSON texts strictly, and writes back what was read, a line a text.
 *
 *     json_probe [-f] [-d DEPTH] [-m NAME] TEXT...
 *
 * In a TEXT, and in what is printed, \xHH stands for the byte with these two hexadecimal
 * digits; every other backslash is itself. One struct json reads all texts, DEPTH (16)
 * deep at most; with -f it begins each without memory. -m prints the value of the top
 * object's member NAME alone. Status 1: a text is wrong, stderr says why; 2: wrong
 * arguments; 3: the reader contradicts itself.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json_tree.h"

/* What an argument stands for and a NUL, in a piece of memory of just that size. */
static char *decode(const char *in, size_t *size)
{
    char *bytes = malloc(strlen(in) + 1), *out = bytes;
    if (bytes == NULL)
        json_tree_fail("no memory");
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
        json_tree_fail("no memory");
    return exact;
}

/* Prints a tree, a line; what is no printable ASCII as \xHH. */
static void print_tree(const struct json_value *tree)
{
    struct buffer out = {0};
    json_tree_put(&out, tree);
    for (size_t i = out.start; i < out.end; i++)
        printf(out.bytes[i] >= ' ' && out.bytes[i] <= '~' ? "%c" : "\\x%02x",
               (unsigned char)out.bytes[i]);
    puts("");
    buffer_free(&out);
}

/* Is the member's number the one that its value has, and 0 where it is none? */
static void compare_number(const struct json_value *object, const char *name,
                           const struct json_value *member)
{
    bool is_number = member != NULL && member->type == JSON_NUMBER;
    if (json_number(object, name) != (is_number ? member->number : 0))
        json_tree_fail("json_number tells another number than the tree");
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
    else {
        if (json->values->type == JSON_OBJECT) {
            tree = json_member(json->values, name);
            compare_number(json->values, name, tree);
        }
        if (tree == NULL)
            fprintf(stderr, "no such member\n");
    }
    if (tree != NULL)
        print_tree(tree);
    free(text);
    return tree != NULL;
}

int main(int argc, char **argv)
{
    struct json json = {.max_depth = 16};
    char *name = NULL, *end = "";
    bool is_fresh = false;
    int option, status = EXIT_SUCCESS;
    while ((option = getopt(argc, argv, "d:fm:")) != -1 && option != '?' && *end == '\0')
        if (option == 'd')
            json.max_depth = strtoul(optarg, &end, 10);
        else if (option == 'f')
            is_fresh = true;
        else
            name = optarg;
    if (option != -1 || *end != '\0' || optind == argc) {
        fprintf(stderr, "usage: json_probe [-f] [-d DEPTH] [-m NAME] TEXT...\n");
        return 2;
    }
    for (int i = optind; i < argc; i++) {
        if (is_fresh)
            json_free(&json);
        if (!probe(&json, argv[i], name))
            status = EXIT_FAILURE;
    }
    json_free(&json);
    return status;
}
