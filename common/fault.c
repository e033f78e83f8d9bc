#include "fault.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno_name.h"

enum { MAX_DELAY_MS = 60000 };

struct problem {
    char *text;
    size_t size;
};

static bool wrong(const struct problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, problem->size, format, arguments);
    va_end(arguments);
    return false;
}

/* A whole number from 1, at the start of a text. Returns where it ends, or NULL. */
static const char *read_count(const char *text, unsigned long *count)
{
    char *end;
    if (*text < '0' || *text > '9' || strspn(text, "0123456789") > 9)
        return NULL;
    *count = strtoul(text, &end, 10);
    return *count > 0 ? end : NULL;
}

static bool is_end(const char *text)
{
    return text != NULL && *text == '\0';
}

/* "3", "2-5", "4+", "*", "1/10" or "p0.01". */
static bool read_which(struct fault *f, const char *text)
{
    char *end;
    f->first = f->every = 1;
    f->last = ULONG_MAX;
    if (strcmp(text, "*") == 0)
        return true;
    if (text[0] == 'p') {
        /* strtod takes more: signs, exponents, and hexadecimal digits. */
        f->chance = strtod(text + 1, &end);
        return strspn(text + 1, "0123456789.") == strlen(text + 1) && *end == '\0' &&
               f->chance > 0 && f->chance <= 1;
    }
    if (strncmp(text, "1/", 2) == 0) {
        f->first = 0;
        return is_end(read_count(text + 2, &f->every));
    }
    const char *rest = read_count(text, &f->first);
    if (rest != NULL && strcmp(rest, "+") == 0)
        return true;
    f->last = f->first;
    if (rest != NULL && *rest == '-')
        rest = read_count(rest + 1, &f->last);
    return is_end(rest) && f->last >= f->first;
}

static bool read_number(const char *text, long most, long *value)
{
    unsigned long count;
    if (!is_end(read_count(text, &count)) || count > (unsigned long)most)
        return false;
    *value = (long)count;
    return true;
}

static bool read_what(struct fault *f, const char *text, const struct problem *problem)
{
    enum narrated_way way = narrated_way(f->call);
    const char *name = narrated_name(f->call);
    if (strncmp(text, "short=", 6) == 0) {
        f->kind = FAULT_SHORT;
        if (way != NARRATED_IN && way != NARRATED_OUT)
            return wrong(problem, "%s transfers no bytes", name);
        return read_number(text + 6, LONG_MAX, &f->value) ||
               wrong(problem, "'%s': short=N takes a number of bytes from 1", text);
    }
    if (strncmp(text, "delay=", 6) == 0) {
        f->kind = FAULT_DELAY;
        return read_number(text + 6, MAX_DELAY_MS, &f->value) ||
               wrong(problem, "'%s': delay=MS takes 1 to %d ms", text, MAX_DELAY_MS);
    }
    if (strcmp(text, "eof") == 0) {
        f->kind = FAULT_EOF;
        return way == NARRATED_IN || wrong(problem, "%s receives nothing", name);
    }
    f->kind = FAULT_ERRNO;
    f->value = errno_by_name(text);
    if (f->value == -1)
        return wrong(problem, "'%s' is no errno, nor short=N, delay=MS or eof", text);
    if (!narrated_can_fail(f->call, (int)f->value))
        return wrong(problem, "%s does not fail with %s", name, text);
    return true;
}

bool fault_parse(const char *text, struct fault *fault, char *problem_text, size_t size)
{
    const struct problem problem = {problem_text, size};
    char copy[sizeof fault->text];
    *fault = (struct fault){.kind = FAULT_ERRNO};
    if (strlen(text) >= sizeof copy)
        return wrong(&problem, "it is too long");
    strcpy(fault->text, text);
    strcpy(copy, text);
    char *which = strchr(copy, ':'),
         *what = which != NULL ? strchr(which + 1, ':') : NULL;
    if (what == NULL)
        return wrong(&problem, "a plan is CALL:WHICH:WHAT, like recv:3:EINTR");
    *which++ = *what++ = '\0';
    if (narrated_by_name(copy, &fault->call) == -1)
        return wrong(&problem, "'%s' is no call that the narrator knows", copy);
    if (!read_which(fault, which))
        return wrong(&problem, "'%s' is not 3, 2-5, 4+, *, 1/10 or p0.01", which);
    return read_what(fault, what, &problem);
}

bool fault_strikes(const struct fault *fault, struct fault_count *count, uint64_t random)
{
    unsigned long number = atomic_fetch_add(&count->seen, 1) + 1;
    bool strikes = number >= fault->first && number <= fault->last &&
                   (number - fault->first) % fault->every == 0;
    if (fault->chance > 0)
        strikes = (double)(random >> 11) * 0x1p-53 < fault->chance;
    return strikes;
}
