/*
 * options: a command line, an argument a line, is understood as a plain reading of POSIX
 * understands it (XBD 12.2); what is wrong gives a line that says so and the usage; and
 * -h gives the help.
 *
 * options_parse ends the program where something is wrong, and on -h. So options.c is
 * built for this with another name for exit, and fuzz_exit leads back here.
 */
#include "../../common/options.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

_Noreturn void fuzz_exit(int status);

enum { MAX_ARGUMENTS = 32, DEFAULT_PORT = 9003, UNDERSTOOD = -1, USAGE = 2 };

/* What was read from a command line; after UNDERSTOOD also what it says. */
struct reading {
    int status;
    const char *address, *text;
    long port, max_clients, number, other;
    bool flag;
};

static struct reading seen;

static const struct option more[] = {
    {'o', "OTHER", "another number", .number = &seen.other, .most = 999999999},
    {0},
};
static const struct option extra[] = {
    {'f', NULL, "a flag", .flag = &seen.flag},
    {'n', "NUMBER", "a number", .number = &seen.number, .least = 5, .most = 500},
    {'t', "TEXT", "a text", .text = &seen.text},
    {.more = more},
};

/* ---- what options.c makes of it ---- */

static jmp_buf back;

void fuzz_exit(int status)
{
    seen.status = status;
    longjmp(back, 1);
}

static void begin_getopt(void)
{
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) ||                 \
    defined(__OpenBSD__) || defined(__DragonFly__)
    extern int optreset;
    optreset = 1;
    optind = 1;
#else
    optind = 0;
#endif
}

static void parse(int argc, char **argv)
{
    begin_getopt();
    if (setjmp(back) != 0)
        return;
    struct options options = options_parse(argc, argv, DEFAULT_PORT, extra);
    seen.address = options.address;
    seen.port = options.port;
    seen.max_clients = (long)options.max_clients;
}

/* ---- what it prints ---- */

enum { SAID_SIZE = 64 * 1024 };

static FILE *said_file;
static char said[SAID_SIZE];

static void parse_and_listen(int argc, char **argv)
{
    int out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
    if (said_file == NULL)
        said_file = tmpfile();
    fuzz_need(out != -1 && error != -1 && said_file != NULL,
              "there is a file to print to");
    fflush(stdout);
    dup2(fileno(said_file), STDOUT_FILENO);
    dup2(fileno(said_file), STDERR_FILENO);
    parse(argc, argv);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close(out);
    close(error);
    rewind(said_file);
    said[fread(said, 1, SAID_SIZE - 1, said_file)] = '\0';
    fuzz_need(ftruncate(fileno(said_file), 0) == 0, "there is a file to print to");
    rewind(said_file);
}

static void check_said(int status)
{
    const char *usage = "usage: server [-a ADDRESS] [-p PORT] [-m CLIENTS] [-h] [-f] "
                        "[-n NUMBER] [-t TEXT] [-o OTHER]\n";
    const char *second = strchr(said, '\n');
    if (status == UNDERSTOOD)
        fuzz_need(said[0] == '\0', "what is understood is not talked about");
    if (status == EXIT_SUCCESS)
        fuzz_need(strncmp(said, usage, strlen(usage)) == 0 &&
                      strstr(said, "\n  -o OTHER") != NULL,
                  "the help begins with the usage, and lists all options");
    if (status == USAGE)
        fuzz_need(strncmp(said, "server: ", 8) == 0 && second != NULL &&
                      strcmp(second + 1, usage) == 0,
                  "what is wrong gives a line that says so, and the usage");
}

/* ---- what it ought to make of it ---- */

static bool is_number(const char *value, long least, long most, long *number)
{
    size_t size = strlen(value);
    *number = 0;
    for (size_t i = 0; i < size && i < 10; i++)
        *number = *number * 10 + (value[i] - '0');
    return size > 0 && size < 10 && strspn(value, "0123456789") == size &&
           *number >= least && *number <= most;
}

static void take(struct reading *r, char letter, const char *value)
{
    bool is_fine = value != NULL;
    if (is_fine && letter == 'a')
        r->address = value;
    if (is_fine && letter == 't')
        r->text = value;
    if (is_fine && letter == 'p')
        is_fine = is_number(value, 0, 65535, &r->port);
    if (is_fine && letter == 'm')
        is_fine = is_number(value, 1, 1000000, &r->max_clients);
    if (is_fine && letter == 'n')
        is_fine = is_number(value, 5, 500, &r->number);
    if (is_fine && letter == 'o')
        is_fine = is_number(value, 0, 999999999, &r->other);
    if (!is_fine)
        r->status = USAGE;
}

/* One argument with options; returns the index of the last one that belongs to it. */
static int read_argument(struct reading *r, int i, int argc, char **argv)
{
    for (const char *letter = argv[i] + 1; *letter != '\0'; letter++) {
        if (*letter == 'f') {
            r->flag = true;
            continue;
        }
        if (*letter == 'h' || strchr("apmnto", *letter) == NULL) {
            r->status = *letter == 'h' ? EXIT_SUCCESS : USAGE;
            return i;
        }
        bool is_behind = letter[1] != '\0';
        i += !is_behind;
        take(r, *letter, is_behind ? letter + 1 : i < argc ? argv[i] : NULL);
        return i;
    }
    return i;
}

static struct reading read_plainly(int argc, char **argv)
{
    struct reading r = {.status = UNDERSTOOD, .port = DEFAULT_PORT, .number = -1};
    int i = 1;
    while (i < argc && r.status == UNDERSTOOD && argv[i][0] == '-' &&
           argv[i][1] != '\0') {
        bool is_last = strcmp(argv[i], "--") == 0;
        if (!is_last)
            i = read_argument(&r, i, argc, argv);
        i++;
        if (is_last)
            break;
    }
    if (r.status == UNDERSTOOD && i < argc)
        r.status = USAGE;
    return r;
}

/* Surely an address. There are others: fe80::1%lo. */
static bool is_plain_address(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static void compare(const struct reading *expected)
{
    bool may_be_refused =
        expected->status == UNDERSTOOD && !is_plain_address(expected->address);
    if (may_be_refused && seen.status == USAGE)
        return;
    fuzz_need(seen.status == expected->status,
              "it is understood, or not, as it should be");
    if (expected->status != UNDERSTOOD)
        return;
    fuzz_need(strcmp(seen.address, expected->address) == 0,
              "the address is the last one");
    fuzz_need(seen.text == expected->text, "the text is the last one");
    fuzz_need(seen.port == expected->port && seen.max_clients == expected->max_clients &&
                  seen.number == expected->number && seen.other == expected->other,
              "the numbers are the last ones");
    fuzz_need(seen.flag == expected->flag, "the flag is set if it is there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* These were the defaults before the line that was read last time. */
    char *argv[MAX_ARGUMENTS + 1] = {"fuzz/server", "-a127.0.0.1", "-m1000"};
    char *text = fuzz_copy(data, size);
    int argc = 3;
    for (char *at = text; at < text + size && argc < MAX_ARGUMENTS;) {
        argv[argc++] = at;
        at += strcspn(at, "\n");
        *at++ = '\0';
    }
    setenv("POSIXLY_CORRECT", "1", 1); /* or GNU's getopt looks behind operands too */
    seen = (struct reading){.status = UNDERSTOOD, .number = -1};
    struct reading expected = read_plainly(argc, argv);
    parse_and_listen(argc, argv);
    check_said(seen.status);
    compare(&expected);
    free(text);
    return 0;
}
