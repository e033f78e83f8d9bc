/*
 * narrator: a library that is preloaded into a program, tells what its socket calls and
 * waits do, and makes them fail to order. common/narrate loads it.
 *
 * The program must not be able to tell that it is there: errno, results and signals are
 * as they were. So each call is wrapped like this:
 *
 *     struct note n;
 *     note_begin(&n, NARRATED_RECV, fd);
 *     NOTE_CALL(&n, real.recv(fd, buffer, note_limit(&n, size), flags));
 *     note_argument(&n, "%zu", size);
 *     return note_end(&n);
 *
 * What a line says is built in the note, on the caller's stack, and leaves in one
 * write(2): threads and signal handlers need no lock.
 */
#ifndef NARRATOR_H
#define NARRATOR_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"
#include "narrated.h"

enum { NO_FD = INT_MIN, NOTE_TEXT_SIZE = 720, NARRATOR_LINE_SIZE = 4096 };

struct text {
    bool closed; /* nobody wants it: nothing is added */
    size_t size;
    char bytes[NOTE_TEXT_SIZE];
};

/* One call, from before it to after it. */
struct note {
    enum narrated call;
    int fd;                    /* NO_FD: it has none */
    bool counts;               /* it concerns a socket or a wait set */
    bool refused;              /* a fault took its place: it is not made */
    bool left_out;             /* it is over the limit of lines */
    const struct fault *fault; /* that struck it, or NULL */
    size_t limit;              /* of bytes to transfer */
    int saved_errno;           /* what the caller had */
    long long start_ns, took_ns;
    long result;
    int error;                   /* errno if the result is -1, else 0 */
    struct text arguments, more; /* between the brackets, and behind the result */
};

struct line_style {
    bool json, coloured;
    int pid, thread; /* 0: the first one, which is not shown */
};

/* ---- narrator.c: the settings, the beginning and the end ---- */

/* In memory that forked children share. */
struct shared {
    struct fault_count counts[MAX_FAULTS];
    atomic_ulong random, ncalls;
    atomic_ullong lines, late_lines; /* a tenth of a second, and how many in it */
    atomic_ulong left_out[2];        /* not told: [1] would have blocked, [0] not */
    struct tally *tally;             /* behind this struct */
};

extern struct narrator {
    struct shared *shared; /* NULL: nothing is told, counted or struck */
    struct fault faults[MAX_FAULTS];
    size_t nfaults;
    bool quiet[NARRATED_COUNT];
    bool tells, tallies;
    unsigned long limit; /* of lines in a tenth of a second; 0: none */
    struct line_style style;
    long long start_ns;
    pid_t root_pid, own_pid; /* own_pid is not that of a vfork child */
} narrator;

/* Writes the tally, if it is wanted, and what never struck: once, in one process. */
void narrator_end(void);

/* ---- narrator_out.c ---- */

/* From now on the narrator writes to a copy of this descriptor. */
void narrator_write_to(int fd);

/* Writes whole lines, in one piece each. */
void narrator_write(const char *line, size_t size);

/* Prints behind the `size` bytes that are there. What does not fit into `room` bytes is
   cut off. Returns the new size. */
size_t text_print(char *bytes, size_t size, size_t room, const char *format,
                  va_list arguments);

void text_clear(struct text *text, bool closed);
void text_add(struct text *text, const char *format, ...);
void text_add_list(struct text *text, const char *format, va_list arguments);

/* ---- narrator_note.c: a call's course ---- */

long long narrator_now_ns(void);

/* Seconds since the program began. */
double narrator_seconds(long long time_ns);

/* Begins: counts the call, lets a fault strike, waits if that is a delay. */
void note_begin(struct note *n, enum narrated call, int fd);

/* The same for a call that may also be on a file: then it is passed over. */
void note_begin_if_socket(struct note *n, enum narrated call, int fd);

/* How many of `size` bytes may be transferred. */
size_t note_limit(const struct note *n, size_t size);

/* Makes the call, unless a fault takes its place, and keeps result and errno. */
#define NOTE_CALL(n, call)                                                               \
    do {                                                                                 \
        errno = (n)->saved_errno;                                                        \
        if (!(n)->refused)                                                               \
            (n)->result = (long)(call);                                                  \
        note_made(n, errno);                                                             \
    } while (0)
void note_made(struct note *n, int error);

/* Where the next argument is to be added, behind a comma if it is not the first. What
   comes behind the result is added to n->more. Both are closed if nobody wants them. */
struct text *note_next_argument(struct note *n);

/* Adds an argument as printf would print it. */
void note_argument(struct note *n, const char *format, ...);

/* In a new process: what this one has passed over is told by its parent. */
void note_forget_repeats(void);

/* How often the same failures came again, if that was not told yet. */
void note_say_repeats(void);

/* Tells about the call, sets errno, and returns the result. */
long note_end(struct note *n);

/* ---- narrator_limit.c: at most so many lines in a tenth of a second ---- */

/* Is there room for a line about a call that begins now? Sets the time. The first call of
   a tenth of a second says before it what was left out. */
bool limit_take_line(long long *time_ns);

/* The same for a call that is over the limit, but has done something, or has failed for
   another reason than that it would block. Such lines are as many again at most: a
   program that fails in a loop must not write without end. */
bool limit_take_late(void);

/* Counts a call that is not told. */
void limit_leave_out(bool would_block);

/* How many calls were left out, if that was not told yet. */
void limit_say(long long time_ns);

/* ---- narrator_line.c ---- */

/* Writes a line about a call into NARRATOR_LINE_SIZE bytes. Returns its size. */
size_t line_write(char *line, const struct note *n, const struct line_style *style);

/* ---- narrator_decode.c: arguments and results by their names ---- */

struct sockaddr;
struct pollfd;
struct iovec;

void decode_address(struct text *out, const struct sockaddr *address, size_t length);
void decode_bytes(struct text *out, const void *bytes, long size);
void decode_message_flags(struct text *out, int flags);
void decode_socket(struct text *out, int domain, int type, int protocol);
void decode_accept_flags(struct text *out, int flags);
void decode_option(struct text *out, int level, int option);
void decode_fcntl(struct text *out, int command, long argument);
void decode_shutdown(struct text *out, int how);
void decode_poll(struct text *out, const struct pollfd *fds, unsigned long count,
                 bool ready);
void decode_epoll_events(struct text *out, unsigned events);

/* ---- narrator_tally.c ---- */

/* In memory that forked children share. */
struct tally;
size_t tally_size(void);
void tally_count(struct tally *tally, const struct note *n);

/* A wake-up was of use: something that is no socket was read or written. */
void tally_use_wakeup(void);

void tally_write(const struct tally *tally, bool json);

#endif
