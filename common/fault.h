/*
 * fault: a plan of failures, "CALL:WHICH:WHAT".
 *
 *     recv:3:EINTR       the third recv fails with EINTR
 *     send:*:short=1     each send transfers one byte at most
 *     accept:2-5:EMFILE  the second to the fifth accept
 *     recv:4+:eof        from the fourth on: the end of input
 *     poll:1/10:delay=50 every tenth poll begins 50 ms late
 *     recv:p0.01:EAGAIN  one in a hundred, by chance
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "narrated.h"

enum { FAULT_TEXT_SIZE = 64, MAX_FAULTS = 16 /* that narrate takes at once */ };

enum fault_kind { FAULT_ERRNO, FAULT_SHORT, FAULT_DELAY, FAULT_EOF };

struct fault {
    char text[FAULT_TEXT_SIZE]; /* as it was given */
    enum narrated call;
    unsigned long first, last, every; /* which: of those from first to last every nth */
    double chance;                    /* over 0: by chance instead */
    enum fault_kind kind;
    long value; /* an errno, bytes, milliseconds */
};

/* How often a plan's call was made, and how often it struck. Atomic: threads share it. */
struct fault_count {
    atomic_ulong seen, struck;
};

/* Reads a plan. Returns true, or false and says in `problem` what is wrong with it. */
bool fault_parse(const char *text, struct fault *fault, char *problem, size_t size);

/* Counts a call of the plan's kind, and tells whether the plan is to strike it.
   `random` is any number, as even as possible, for plans by chance. */
bool fault_strikes(const struct fault *fault, struct fault_count *count, uint64_t random);

#endif
