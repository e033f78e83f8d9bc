/*
 * fault: a plan that is read is kept as it was given; written anew from what was
 * understood it is the same plan; it strikes the calls that it names; and whatever else
 * is refused with a reason.
 */
#include "../../common/fault.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/errno_name.h"
#include "fuzz.h"

enum { PROBLEM_SIZE = 128, CALLS = 40 };

/* A smaller one may need more digits than a plan has room for. */
static const double LEAST_CHANCE = 1e-12;

static void write_which(const struct fault *f, char *text, size_t size)
{
    if (f->chance > 0)
        snprintf(text, size, "p%.17f", f->chance);
    else if (f->every > 1)
        snprintf(text, size, "1/%lu", f->every);
    else if (f->last == ULONG_MAX)
        snprintf(text, size, "%lu+", f->first > 0 ? f->first : 1);
    else
        snprintf(text, size, "%lu-%lu", f->first, f->last);
}

static void write_what(const struct fault *f, char *text, size_t size)
{
    if (f->kind == FAULT_SHORT)
        snprintf(text, size, "short=%ld", f->value);
    else if (f->kind == FAULT_DELAY)
        snprintf(text, size, "delay=%ld", f->value);
    else
        snprintf(text, size, "%s",
                 f->kind == FAULT_EOF ? "eof" : errno_name((int)f->value));
}

static void check_written_anew(const struct fault *f)
{
    char which[48], what[32], text[128], problem[PROBLEM_SIZE];
    struct fault again;
    write_which(f, which, sizeof which);
    write_what(f, what, sizeof what);
    snprintf(text, sizeof text, "%s:%s:%s", narrated_name(f->call), which, what);
    fuzz_need(fault_parse(text, &again, problem, sizeof problem),
              "a plan that is written anew is read");
    fuzz_need(again.call == f->call && again.kind == f->kind && again.value == f->value,
              "a plan that is written anew does the same");
    double more = again.chance - f->chance;
    fuzz_need(f->chance > 0 ? more < 1e-16 && more > -1e-16
                            : again.last == f->last && again.every == f->every,
              "a plan that is written anew strikes as often");
}

/* Does it strike the call of this number? By what stands in fault.h, in other words. */
static bool is_meant(const struct fault *f, unsigned long number)
{
    if (f->every > 1)
        return number % f->every == 0;
    return number >= f->first && number <= f->last;
}

static void check_strikes(const struct fault *f)
{
    struct fault_count count = {0};
    for (unsigned long number = 1; number <= CALLS; number++)
        fuzz_need(fault_strikes(f, &count, 0) == is_meant(f, number),
                  "a plan strikes what it names");
    fuzz_need(count.seen == CALLS, "every call is counted");
}

/* By chance: of numbers that are spread evenly it strikes its share. */
static void check_chance(const struct fault *f)
{
    struct fault_count count = {0};
    int strikes = 0;
    for (uint64_t number = 0; number < CALLS; number++)
        strikes += fault_strikes(f, &count, number * (UINT64_MAX / CALLS));
    double more = strikes - f->chance * CALLS;
    fuzz_need(more > -1.01 && more < 1.01, "a plan by chance strikes its share");
    const char *which = strchr(f->text, ':') + 2;
    fuzz_need(strspn(which, "0123456789.") == strcspn(which, ":"),
              "a chance is written with digits and a point");
}

/* A good plan with numbers from the input. */
static void check_good(const uint8_t *data)
{
    char text[96], problem[PROBLEM_SIZE];
    struct fault fault;
    enum narrated call = (enum narrated)(data[0] % NARRATED_COUNT);
    unsigned long first = data[1] + 1u, last = first + data[2];
    snprintf(text, sizeof text, "%s:%lu-%lu:delay=%d", narrated_name(call), first, last,
             data[3] + 1);
    fuzz_need(fault_parse(text, &fault, problem, sizeof problem), "a good plan is read");
    fuzz_need(fault.call == call && fault.first == first && fault.last == last &&
                  fault.kind == FAULT_DELAY && fault.value == data[3] + 1,
              "a good plan means what it says");
}

/* What narrate prints is one line. */
static void check_problem(const char *problem)
{
    size_t size = 0;
    while (size < PROBLEM_SIZE && problem[size] != '\0')
        size++;
    fuzz_need(size > 0 && size < PROBLEM_SIZE, "what is refused has a reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char problem[PROBLEM_SIZE], *text = fuzz_copy(data, size);
    struct fault fault;
    memset(problem, '?', sizeof problem);
    if (fault_parse(text, &fault, problem, sizeof problem)) {
        fuzz_need(strcmp(fault.text, text) == 0, "a plan is kept as it was given");
        if (fault.chance > 0)
            check_chance(&fault);
        else
            check_strikes(&fault);
        if (fault.chance == 0 || fault.chance > LEAST_CHANCE)
            check_written_anew(&fault);
    } else {
        check_problem(problem);
    }
    if (size >= 4)
        check_good(data);
    free(text);
    return 0;
}
