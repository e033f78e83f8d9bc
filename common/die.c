#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { WAIT_NAP_MS = 10 };

static const char *program = "echo_server";

void die_set_program(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    program = slash != NULL ? slash + 1 : argv0;
}

const char *die_program(void)
{
    return program;
}

/* Writes the whole line with one call, so that lines of several programs do not mix. */
static void print_line(const char *format, va_list arguments, const char *reason)
{
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    if (reason != NULL)
        fprintf(stderr, "%s: %s: %s\n", program, text, reason);
    else
        fprintf(stderr, "%s: %s\n", program, text);
}

void warn(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments, NULL);
    va_end(arguments);
}

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments, NULL);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

void die_errno(const char *format, ...)
{
    const char *reason = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments, reason);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

void die_mistake(enum io_call call, int error)
{
    const struct io_status *status = io_status(call, error);
    die("%s: %s (%s): a mistake in the program: %s", io_call_name(call), status->name,
        strerror(error), status->reason);
}

int die_unless_retry(enum io_call call)
{
    int error = errno;
    switch (io_verdict(call, error)) {
    case IO_RETRY_NOW:
        return 0;
    case IO_RETRY_LATER:
    case IO_ERROR_BACK_OFF:
        clock_nap(WAIT_NAP_MS);
        return 0;
    default:
        die_mistake(call, error);
    }
}
