/*
 * The limit of lines in a tenth of a second. The tenths are counted from the beginning of
 * the program, in all its threads and processes alike.
 */
#include "narrator.h"

enum { SLICE_NS = 100000000, COUNT_BITS = 32 };

static unsigned long long slice_at(long long time_ns)
{
    return (unsigned long long)(time_ns - narrator.start_ns) / SLICE_NS;
}

/* A slice and the lines in it are one number. So both change in one step, and one caller
   alone begins a slice. The clock is read behind that number: its time is in that slice
   or a later one. What was left out is said before the time that the caller gets. */
static bool take(atomic_ullong *lines, long long *time_ns, bool says)
{
    for (;;) {
        unsigned long long before = atomic_load(lines);
        *time_ns = narrator_now_ns();
        unsigned long long slice = slice_at(*time_ns);
        if (slice > before >> COUNT_BITS) {
            if (atomic_compare_exchange_strong(lines, &before, slice << COUNT_BITS) &&
                says)
                limit_say(*time_ns);
        } else if ((before & UINT32_MAX) >= narrator.limit) {
            return false;
        } else if (atomic_compare_exchange_strong(lines, &before, before + 1)) {
            return true;
        }
    }
}

bool limit_take_line(long long *time_ns)
{
    return take(&narrator.shared->lines, time_ns, true);
}

bool limit_take_late(void)
{
    long long time_ns;
    return take(&narrator.shared->late_lines, &time_ns, false);
}

void limit_leave_out(bool would_block)
{
    atomic_fetch_add(&narrator.shared->left_out[would_block], 1);
}

void limit_say(long long time_ns)
{
    struct text text = {.size = 0};
    unsigned long wasted = atomic_exchange(&narrator.shared->left_out[true], 0),
                  left_out = atomic_exchange(&narrator.shared->left_out[false], 0);
    left_out += wasted;
    if (left_out == 0)
        return;
    if (narrator.style.json)
        text_add(&text, "{\"t\":%.6f,\"left_out\":%lu,\"wasted\":%lu}\n",
                 narrator_seconds(time_ns), left_out, wasted);
    else
        text_add(&text,
                 "%21s  ... and %lu more calls in this tenth of a second, "
                 "%lu of them would have blocked\n",
                 "", left_out, wasted);
    narrator_write(text.bytes, text.size);
}
