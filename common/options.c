#include "options.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "die.h"

enum { EXIT_USAGE = 2, MAX_CLIENTS = 1000000, MAX_OPTIONS = 16 };

static const char *address = "127.0.0.1";
static long port, max_clients = 1000;

static const struct option common_options[] = {
    {'a', "ADDRESS", "the numeric address to listen on", .text = &address},
    {'p', "PORT", "the port, 0 for any free one", .number = &port, .most = 65535},
    {'m', "CLIENTS", "how many clients at once, further ones wait",
     .number = &max_clients, .least = 1, .most = MAX_CLIENTS},
    {'h', NULL, "this help", .flag = NULL},
};

enum { COMMON_COUNT = sizeof common_options / sizeof common_options[0] };

/* All options in a row: the common ones, then the program's. NULL past the last. */
static const struct option *option_at(size_t i, const struct option *extra)
{
    if (i < COMMON_COUNT)
        return &common_options[i];
    const struct option *o = extra;
    for (size_t left = i - COMMON_COUNT; o != NULL; left--, o++) {
        while (o != NULL && o->letter == '\0')
            o = o->more;
        if (left == 0 || o == NULL)
            break;
    }
    return o;
}

static const struct option *find_option(int letter, const struct option *extra)
{
    const struct option *o;
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++)
        if (o->letter == letter)
            break;
    return o;
}

static void print_usage(FILE *out, const struct option *extra)
{
    const struct option *o;
    fprintf(out, "usage: %s", die_program());
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++)
        fprintf(out, o->value != NULL ? " [-%c %s]" : " [-%c]", o->letter, o->value);
    fputc('\n', out);
}

static void print_help(const struct option *extra)
{
    const struct option *o;
    print_usage(stdout, extra);
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++) {
        printf("  -%c %-13s %s", o->letter, o->value != NULL ? o->value : "", o->help);
        if (o->number != NULL && *o->number != -1)
            printf(" (%ld)", *o->number);
        if (o->text != NULL && *o->text != NULL)
            printf(" (%s)", *o->text);
        putchar('\n');
    }
}

static _Noreturn void exit_with_usage(const struct option *extra)
{
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

static void set_option(const struct option *o, const char *value,
                       const struct option *extra)
{
    if (o->flag != NULL)
        *o->flag = true;
    if (o->text != NULL)
        *o->text = value;
    if (o->number == NULL)
        return;
    long number = options_number(value, o->least, o->most);
    if (number == -1) {
        warn("-%c: '%s' is not a whole number from %ld to %ld", o->letter, value,
             o->least, o->most);
        exit_with_usage(extra);
    }
    *o->number = number;
}

/* The letters in the form that getopt(3) wants. */
static void getopt_letters(char *letters, const struct option *extra)
{
    const struct option *o;
    for (size_t i = 0; (o = option_at(i, extra)) != NULL; i++) {
        *letters++ = o->letter;
        if (o->value != NULL)
            *letters++ = ':';
    }
}

static void read_options(int argc, char **argv, const struct option *extra)
{
    char letters[2 * MAX_OPTIONS + 2] = ":"; /* which makes it silent */
    getopt_letters(letters + 1, extra);
    int letter;
    while ((letter = getopt(argc, argv, letters)) != -1) {
        if (letter == ':' || letter == '?') {
            warn(letter == ':' ? "-%c: its value is missing"
                               : "-%c: there is no such option",
                 optopt);
            exit_with_usage(extra);
        }
        if (letter == 'h') {
            print_help(extra);
            exit(EXIT_SUCCESS);
        }
        set_option(find_option(letter, extra), optarg, extra);
    }
}

struct options options_parse(int argc, char **argv, int default_port,
                             const struct option *extra)
{
    die_set_program(argv[0]);
    port = default_port;
    read_options(argc, argv, extra);
    if (optind < argc) {
        warn("'%s': unexpected argument", argv[optind]);
        exit_with_usage(extra);
    }
    if (!is_numeric_address(address)) {
        warn("-a: '%s' is not a numeric address like 127.0.0.1 or ::1", address);
        exit_with_usage(extra);
    }
    return (struct options){
        .address = address, .port = (int)port, .max_clients = (size_t)max_clients};
}
