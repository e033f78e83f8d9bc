/*
 * errno_table: prints what a failed call means, as the servers decide it.
 *
 *     $ common/errno_table recv ECONNRESET
 *     recv        ECONNRESET       error    one connection  the peer reset the connection
 *
 *     errno_table [CALL [ERRNO]]     without arguments the whole table
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "io_status.h"

enum { EXIT_USAGE = 2, LAST_CALL = IO_CLOSE };

static void print_row(enum io_call call, const char *name, const struct io_status *status)
{
    printf("%-11s %-16s %-8s %-15s %s\n", io_call_name(call), name,
           io_verdict_name(status->verdict), io_verdict_action(status->verdict),
           status->reason);
}

/* A second name of an errno is the row of the first. */
static void print_call(enum io_call call)
{
    size_t count;
    const struct io_status *rows = io_status_rows(call, &count);
    for (size_t i = 0; i < count; i++)
        if (io_status(call, rows[i].error) == &rows[i])
            print_row(call, rows[i].name, &rows[i]);
}

static void print_all(void)
{
    printf("%-11s %-16s %-8s %-15s %s\n", "call", "errno", "verdict", "what to do",
           "why");
    for (int call = 0; call <= LAST_CALL; call++)
        print_call((enum io_call)call);
}

/* The number of an errno that stands in any call's table, or -1. */
static int errno_by_name(const char *name)
{
    for (int call = 0; call <= LAST_CALL; call++) {
        size_t count;
        const struct io_status *rows = io_status_rows((enum io_call)call, &count);
        for (size_t i = 0; i < count; i++)
            if (strcmp(rows[i].name, name) == 0)
                return rows[i].error;
    }
    return -1;
}

static int usage_error(const char *what, const char *text)
{
    warn("%s '%s'", what, text);
    fprintf(stderr, "usage: %s [CALL [ERRNO]]\n", die_program());
    return EXIT_USAGE;
}

static int unknown_call(const char *name)
{
    int status = usage_error("unknown call", name);
    fprintf(stderr, "calls:");
    for (int call = 0; call <= LAST_CALL; call++)
        fprintf(stderr, " %s", io_call_name((enum io_call)call));
    fprintf(stderr, "\n");
    return status;
}

static int print_for(const char *call_name, const char *error_name)
{
    enum io_call call;
    if (io_call_by_name(call_name, &call) == -1)
        return unknown_call(call_name);
    if (error_name == NULL) {
        print_call(call);
        return EXIT_SUCCESS;
    }
    int error = errno_by_name(error_name);
    if (error == -1)
        return usage_error("unknown errno", error_name);
    print_row(call, error_name, io_status(call, error));
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    die_set_program(argv[0]);
    if (argc > 1 && strcmp(argv[1], "-h") == 0) {
        printf("usage: %s [CALL [ERRNO]]\n", die_program());
        return EXIT_SUCCESS;
    }
    if (argc > 3)
        return usage_error("unexpected argument", argv[3]);
    int status = EXIT_SUCCESS;
    if (argc == 1)
        print_all();
    else
        status = print_for(argv[1], argv[2]);
    if (fflush(stdout) == EOF || ferror(stdout) != 0)
        die_errno("stdout");
    return status;
}
