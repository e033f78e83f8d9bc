/*
 * narrate: runs a program and tells, call by call, what it does with its sockets and how
 * it waits; and makes calls fail to order.
 *
 *     common/narrate 05-epoll/echo_server
 *     common/narrate -c -q fcntl,setsockopt 04-poll/echo_server -p 8000
 *     common/narrate -f send:1:short=1 -f accept:2-5:EMFILE 03-select/echo_server
 *     common/narrate -l 20 02-nonblocking-polling/echo_server
 *
 * With -l 20 the first 20 calls of each tenth of a second are told. Of the others those
 * that only say that they would block are left out and counted; what happens between
 * them is told all the same, up to 20 calls more. Failures that repeat themselves are
 * folded as ever: these are calls of the first 20, and are not left out.
 * In JSON {"t":0.3,"left_out":900,"wasted":890} says that since the last such object 900
 * calls were not told, and that 890 of them would have blocked.
 *
 * The work is done by narrator.so, which stands beside this program and is preloaded into
 * the other (LD_PRELOAD in ld.so(8)). So the other has to be linked dynamically.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fault.h"
#include "options.h"

enum { EXIT_USAGE = 2, EXIT_CANNOT_RUN = 127, PATH_SIZE = 4096, MOST = 999999999 };

static char faults[MAX_FAULTS * FAULT_TEXT_SIZE + 1]; /* a blank behind each */
static size_t nfaults;
static char flags[8];

static void print_usage(FILE *to)
{
    fprintf(to,
            "usage: %s [-chjn] [-l LINES] [-o FILE] [-q CALLS] [-s SEED] [-f PLAN]... "
            "PROGRAM [ARGUMENT]...\n",
            die_program());
}

static void print_help(void)
{
    print_usage(stdout);
    printf("  -c         a tally of the calls at the end\n"
           "  -f PLAN    make calls fail: CALL:WHICH:WHAT\n"
           "             WHICH: 3, 2-5, 4+, *, 1/10 (every tenth) or p0.01 (by chance)\n"
           "             WHAT: an errno, short=BYTES, delay=MS or eof\n"
           "  -h         this help\n"
           "  -j         JSON, an object a call\n"
           "  -l LINES   at most so many lines in a tenth of a second; what is left\n"
           "             out is counted\n"
           "  -n         no lines: for -c and -f alone\n"
           "  -o FILE    write to this file, not to stderr\n"
           "  -q CALLS   leave out these calls: fcntl,setsockopt\n"
           "  -s SEED    other chances for p0.01; the same seed, the same chances\n"
           "The calls:");
    for (int call = 0; call < NARRATED_COUNT; call++)
        printf(" %s", narrated_name((enum narrated)call));
    printf("\n");
}

static _Noreturn void exit_with_usage(void)
{
    print_usage(stderr);
    exit(EXIT_USAGE);
}

/* What a narrate around this one has set is not meant for this one. */
static void forget_settings(void)
{
    unsetenv("NARRATE_LIMIT");
    unsetenv("NARRATE_OUT");
    unsetenv("NARRATE_QUIET");
    unsetenv("NARRATE_SEED");
}

static void add_fault(const char *text)
{
    struct fault fault;
    char problem[128];
    if (!fault_parse(text, &fault, problem, sizeof problem)) {
        warn("-f %s: %s", text, problem);
        exit_with_usage();
    }
    if (nfaults++ == MAX_FAULTS) {
        warn("-f %s: there is room for %d plans", text, MAX_FAULTS);
        exit_with_usage();
    }
    strcat(strcat(faults, text), " ");
}

static void check_calls(const char *names)
{
    enum narrated call;
    char *copy = strdup(names);
    if (copy == NULL)
        die_errno("-q");
    for (char *name = strtok(copy, ","); name != NULL; name = strtok(NULL, ","))
        if (narrated_by_name(name, &call) == -1) {
            warn("-q: '%s' is no call that the narrator knows", name);
            exit_with_usage();
        }
    free(copy);
}

static void set(const char *name, const char *value)
{
    if (setenv(name, value, 1) == -1)
        die_errno("setenv");
}

/* The whole path, for the program may go to another folder. */
static void make_absolute(const char *path, char whole[2 * PATH_SIZE])
{
    char here[PATH_SIZE] = "";
    if (path[0] != '/' && getcwd(here, sizeof here) == NULL)
        die_errno("%s", path);
    snprintf(whole, (size_t)2 * PATH_SIZE, "%s%s%s", here, path[0] != '/' ? "/" : "",
             path);
}

static void set_out(const char *path)
{
    char whole[2 * PATH_SIZE];
    FILE *file = fopen(path, "w");
    if (file == NULL || fclose(file) == EOF)
        die_errno("%s", path);
    make_absolute(path, whole);
    set("NARRATE_OUT", whole);
}

static void set_number(int letter, const char *name, long least)
{
    if (options_number(optarg, least, MOST) == -1) {
        warn("-%c: '%s' is not a whole number from %ld to %d", letter, optarg, least,
             MOST);
        exit_with_usage();
    }
    set(name, optarg);
}

static void set_flag(int letter)
{
    size_t size = strlen(flags);
    if (strchr(flags, letter) != NULL)
        return;
    flags[size] = (char)letter;
    flags[size + 1] = '\0';
}

static void read_option(int letter)
{
    switch (letter) {
    case 'c':
    case 'j':
    case 'n':
        set_flag(letter);
        break;
    case 'f':
        add_fault(optarg);
        break;
    case 'h':
        print_help();
        exit(EXIT_SUCCESS);
    case 'l':
        set_number(letter, "NARRATE_LIMIT", 1);
        break;
    case 'o':
        set_out(optarg);
        break;
    case 'q':
        check_calls(optarg);
        set("NARRATE_QUIET", optarg);
        break;
    case 's':
        set_number(letter, "NARRATE_SEED", 0);
        break;
    default:
        exit_with_usage();
    }
}

/* narrator.so stands beside narrate. Linux knows where that is; elsewhere argv[0] tells,
   unless narrate was found by PATH. */
static void find_library(const char *argv0, char path[3 * PATH_SIZE])
{
    char own[2 * PATH_SIZE];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length > 0)
        own[length] = '\0';
    else if (strchr(argv0, '/') != NULL)
        make_absolute(argv0, own);
    else
        die("cannot find out where narrator.so is: call narrate by its path");
    *strrchr(own, '/') = '\0';
    snprintf(path, (size_t)3 * PATH_SIZE, "%s/narrator.so", own);
    if (strpbrk(path, " :") != NULL)
        die("%s: LD_PRELOAD cannot hold a path with a blank or a colon", path);
    if (access(path, R_OK) == -1)
        die("%s is not there: it is built on systems whose programs are ELF files", path);
}

static void preload(const char *library)
{
    const char *before = getenv("LD_PRELOAD");
    char both[4 * PATH_SIZE];
    snprintf(both, sizeof both, "%s%s%s", library, before != NULL ? " " : "",
             before != NULL ? before : "");
    set("LD_PRELOAD", both);
}

/* Without PT_INTERP in its program headers an ELF file asks for no dynamic linker, and so
   for no library (elf(5)). What is no ELF file is a script: its interpreter counts. */
static bool is_static(FILE *file)
{
    enum { ELF_SIZE = 64, PT_INTERP = 3, CLASS = 4, CLASS_64 = 2 };
    unsigned char elf[ELF_SIZE] = {0};
    uint64_t offset64;
    uint32_t offset32, type;
    uint16_t size, count;
    if (fread(elf, 1, sizeof elf, file) < 52 || memcmp(elf, "\177ELF", 4) != 0)
        return false;
    bool is_64 = elf[CLASS] == CLASS_64;
    memcpy(&offset64, elf + 32, sizeof offset64);
    memcpy(&offset32, elf + 28, sizeof offset32);
    memcpy(&size, elf + (is_64 ? 54 : 42), sizeof size);
    memcpy(&count, elf + (is_64 ? 56 : 44), sizeof count);
    long offset = is_64 ? (long)offset64 : (long)offset32;
    for (uint16_t i = 0; i < count; i++)
        if (fseek(file, offset + (long)i * size, SEEK_SET) == -1 ||
            fread(&type, sizeof type, 1, file) != 1 || type == PT_INTERP)
            return false;
    return true;
}

/* Only where the path is given: what PATH finds is hardly ever static. */
static void refuse_static(const char *path)
{
    FILE *file = strchr(path, '/') != NULL ? fopen(path, "r") : NULL;
    if (file == NULL)
        return;
    if (is_static(file))
        die("%s is linked statically: nothing can be preloaded into it", path);
    fclose(file);
}

static void set_pid(void)
{
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    set("NARRATE_PID", pid);
}

int main(int argc, char **argv)
{
    char library[3 * PATH_SIZE];
    int letter;
    die_set_program(argv[0]);
    forget_settings();
    /* The + makes GNU getopt stop at the program, as POSIX has it; others ignore it. */
    while ((letter = getopt(argc, argv, "+cf:hjl:no:q:s:")) != -1)
        read_option(letter);
    if (optind == argc)
        exit_with_usage();
    refuse_static(argv[optind]);
    find_library(argv[0], library);
    if (getenv("NO_COLOR") == NULL && getenv("NARRATE_OUT") == NULL &&
        isatty(STDERR_FILENO))
        set_flag('k');
    set("NARRATE_FLAGS", flags);
    set("NARRATE_FAULTS", faults);
    set_pid();
    preload(library);
    execvp(argv[optind], argv + optind);
    warn("%s: %s", argv[optind], strerror(errno));
    return EXIT_CANNOT_RUN;
}
