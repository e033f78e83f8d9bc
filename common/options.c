#include "options.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"

enum { EXIT_USAGE = 2, MAX_CLIENTS = 1000000, MAX_NAP_MS = 1000, MAX_IDLE_S = 86400 };

struct option {
    char letter;
    const char *value; /* what follows it, NULL for nothing */
    const char *help;
};

static const struct option common_options[] = {
    {'a', "ADDRESS", "the numeric address to listen on (127.0.0.1)"},
    {'p', "PORT", "the port, 0 for any free one"},
    {'m', "CLIENTS", "how many clients at once, further ones wait (1000)"},
    {'h', NULL, "this help"},
};

static const struct option extra_options[] = {
    {'n', "MILLISECONDS", "nap so long after a round in which nothing happened (0)"},
    {'e', NULL, "edge-triggered instead of level-triggered"},
    {'s', "NAME", "the backend to wait with, instead of the best one here"},
    {'i', "SECONDS", "close clients that were silent for so long (0: never)"},
};

enum {
    COMMON_COUNT = sizeof common_options / sizeof common_options[0],
    EXTRA_COUNT = sizeof extra_options / sizeof extra_options[0]
};

/* The lesson's options in a row: the common ones, then its own. NULL past the last. */
static const struct option *option_at(size_t i, const char *extra)
{
    if (i < COMMON_COUNT)
        return &common_options[i];
    i -= COMMON_COUNT;
    if (i >= strlen(extra))
        return NULL;
    for (size_t k = 0; k < EXTRA_COUNT; k++)
        if (extra_options[k].letter == extra[i])
            return &extra_options[k];
    return NULL;
}

static void print_usage(FILE *out, const char *extra)
{
    const struct option *o;
    fprintf(out, "usage: %s", die_program());
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++)
        fprintf(out, o->value != NULL ? " [-%c %s]" : " [-%c]", o->letter, o->value);
    fputc('\n', out);
}

static void print_help(int default_port, const char *extra)
{
    const struct option *o;
    print_usage(stdout, extra);
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++) {
        printf("  -%c %-13s %s", o->letter, o->value != NULL ? o->value : "", o->help);
        if (o->letter == 'p')
            printf(" (%d)", default_port);
        putchar('\n');
    }
}

static _Noreturn void usage_error(const char *extra, const char *message,
                                  const char *text)
{
    warn(message, text);
    print_usage(stderr, extra);
    exit(EXIT_USAGE);
}

long options_number(const char *text, long least, long most)
{
    if (text[0] == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
        return -1;
    long number = strtol(text, NULL, 10);
    return number >= least && number <= most ? number : -1;
}

static bool is_numeric_address(const char *text)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found;
    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

static void set_option(struct options *options, int letter, const char *text,
                       const char *extra)
{
    long number = 0;
    switch (letter) {
    case 'a':
        if (!is_numeric_address(text))
            usage_error(extra, "-a: '%s' is not a numeric address like 127.0.0.1 or ::1",
                        text);
        options->address = text;
        break;
    case 'p':
        if ((number = options_number(text, 0, 65535)) == -1)
            usage_error(extra, "-p: '%s' is not a port, 0 to 65535", text);
        options->port = (int)number;
        break;
    case 'm':
        if ((number = options_number(text, 1, MAX_CLIENTS)) == -1)
            usage_error(extra, "-m: '%s' is not a number of clients, 1 to 1000000", text);
        options->max_clients = (size_t)number;
        break;
    case 'n':
        if ((number = options_number(text, 0, MAX_NAP_MS)) == -1)
            usage_error(extra, "-n: '%s' is not a number of milliseconds, 0 to 1000",
                        text);
        options->nap_ms = (int)number;
        break;
    case 'e':
        options->edge_triggered = true;
        break;
    case 's':
        options->selector = text;
        break;
    case 'i':
        if ((number = options_number(text, 0, MAX_IDLE_S)) == -1)
            usage_error(extra, "-i: '%s' is not a number of seconds, 0 to 86400", text);
        options->idle_s = (int)number;
        break;
    }
}

/* The letters in the form that getopt(3) wants; the ':' first makes it silent. */
static void getopt_letters(char *letters, const char *extra)
{
    const struct option *o;
    *letters++ = ':';
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++) {
        *letters++ = o->letter;
        if (o->value != NULL)
            *letters++ = ':';
    }
    *letters = '\0';
}

struct options options_parse(int argc, char **argv, int default_port, const char *extra)
{
    struct options options = {
        .address = "127.0.0.1", .port = default_port, .max_clients = 1000};
    char letters[2 * (COMMON_COUNT + EXTRA_COUNT) + 2];
    die_set_program(argv[0]);
    getopt_letters(letters, extra);

    int letter;
    while ((letter = getopt(argc, argv, letters)) != -1) {
        char unknown[] = {(char)optopt, '\0'};
        if (letter == ':')
            usage_error(extra, "-%s: its value is missing", unknown);
        if (letter == '?')
            usage_error(extra, "-%s: there is no such option", unknown);
        if (letter == 'h') {
            print_help(default_port, extra);
            exit(EXIT_SUCCESS);
        }
        set_option(&options, letter, optarg, extra);
    }
    if (optind < argc)
        usage_error(extra, "'%s': unexpected argument", argv[optind]);
    return options;
}
