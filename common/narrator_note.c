#include "narrator.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "narrator_real.h"

enum { MAX_REPEATED = 32 };

static atomic_int nthreads;
static _Thread_local int thread_number;

long long narrator_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

double narrator_seconds(long long time_ns)
{
    return (double)(time_ns - narrator.start_ns) / 1e9;
}

/* splitmix64 (Steele, Lea and Flood, 2014), on a counter that all threads share. */
static uint64_t next_random(void)
{
    uint64_t z = atomic_fetch_add(&narrator.shared->random, 0x9e3779b97f4a7c15) +
                 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void delay(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        continue;
}

/* Does the operation take place although the call fails with this errno? connect goes on
   by itself, and close has closed. */
static bool goes_on(const struct note *n)
{
    if (n->call == NARRATED_CLOSE)
        return n->fault->value != EBADF;
    return n->call == NARRATED_CONNECT &&
           io_verdict(IO_CONNECT, (int)n->fault->value) == IO_PENDING;
}

static bool ends_call(const struct fault *fault)
{
    return fault != NULL && (fault->kind == FAULT_ERRNO || fault->kind == FAULT_EOF);
}

/* Several plans may strike one call. The first that gives it a result is the one told; a
   second has no effect, and has not struck. */
static void strike(struct note *n, const struct fault *fault, struct fault_count *count)
{
    if (ends_call(n->fault) && ends_call(fault))
        return;
    atomic_fetch_add(&count->struck, 1);
    if (fault->kind == FAULT_DELAY)
        delay(fault->value);
    if (fault->kind == FAULT_SHORT)
        n->limit = (size_t)fault->value;
    if (ends_call(n->fault))
        return;
    n->fault = fault;
    n->refused = ends_call(fault) && (fault->kind == FAULT_EOF || !goes_on(n));
}

static void begin_texts(struct note *n, bool is_told)
{
    text_clear(&n->arguments, !is_told);
    text_clear(&n->more, !is_told);
    if (n->fd != NO_FD)
        note_argument(n, "%d", n->fd);
}

/* `counts` is false for a call that is passed over: it is made, and that is all. */
static void begin(struct note *n, enum narrated call, int fd, bool counts)
{
    bool is_told = counts && narrator.tells && !narrator.quiet[call];
    n->call = call;
    n->fd = fd;
    n->counts = counts;
    n->refused = n->left_out = false;
    n->fault = NULL;
    n->limit = SIZE_MAX;
    n->result = -1;
    n->error = 0;
    n->start_ns = n->took_ns = 0;
    if (!counts) {
        begin_texts(n, false);
        return;
    }
    atomic_fetch_add(&narrator.shared->ncalls, 1);
    for (size_t i = 0; i < narrator.nfaults; i++)
        if (narrator.faults[i].call == call &&
            fault_strikes(&narrator.faults[i], &narrator.shared->counts[i],
                          narrator.faults[i].chance > 0 ? next_random() : 0))
            strike(n, &narrator.faults[i], &narrator.shared->counts[i]);
    if (is_told && narrator.limit > 0)
        n->left_out =
            !limit_take_line(&n->start_ns) && (n->fault == NULL || !limit_take_late());
    else
        n->start_ns = narrator_now_ns();
    begin_texts(n, is_told && !n->left_out);
}

void note_begin(struct note *n, enum narrated call, int fd)
{
    n->saved_errno = errno;
    real_resolve();
    begin(n, call, fd, narrator.shared != NULL);
}

/* An epoll set is a file of no type (fstat(2)), and Linux shows in /proc what it is. */
static bool is_wait_set(int fd)
{
    char path[32], target[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(path, target, sizeof target - 1);
    return size > 0 && memcmp(target, "anon_inode:[eventpoll]", 22) == 0;
}

static bool is_socket(int fd)
{
    struct stat status;
    if (fstat(fd, &status) == -1)
        return false;
    if (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode) ||
        S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode))
        return false;
    return S_ISSOCK(status.st_mode) || is_wait_set(fd);
}

void note_begin_if_socket(struct note *n, enum narrated call, int fd)
{
    n->saved_errno = errno;
    real_resolve();
    begin(n, call, fd, narrator.shared != NULL && is_socket(fd));
}

size_t note_limit(const struct note *n, size_t size)
{
    return size < n->limit ? size : n->limit;
}

static bool would_block(const struct note *n)
{
    return n->error == EAGAIN || n->error == EWOULDBLOCK;
}

/* A call over the limit is told all the same, unless it would only have blocked; its text
   begins now. select has overwritten its sets when it succeeds. */
static void begin_late(struct note *n)
{
    bool is_select = n->call == NARRATED_SELECT || n->call == NARRATED_PSELECT;
    if (would_block(n) || (is_select && n->error == 0) || !limit_take_late())
        return;
    n->left_out = false;
    begin_texts(n, true);
}

void note_made(struct note *n, int error)
{
    n->error = 0;
    if (!n->counts) {
        n->error = error; /* the caller's, whatever the result */
        return;
    }
    n->took_ns = narrator_now_ns() - n->start_ns;
    if (ends_call(n->fault)) {
        n->result = n->fault->kind == FAULT_EOF ? 0 : -1;
        n->error = n->fault->kind == FAULT_EOF ? 0 : (int)n->fault->value;
    } else if (n->result == -1) {
        n->error = error;
    } else {
        n->saved_errno = error; /* what a call that succeeds leaves there */
    }
    if (n->left_out)
        begin_late(n);
}

struct text *note_next_argument(struct note *n)
{
    if (n->arguments.size > 0)
        text_add(&n->arguments, ", ");
    return &n->arguments;
}

void note_argument(struct note *n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_add_list(note_next_argument(n), format, arguments);
    va_end(arguments);
}

/* A program that asks again and again gets the same answers: each is told once, until a
   call succeeds. What was passed over is counted. */
static _Thread_local struct {
    struct {
        enum narrated call;
        int fd;
    } told[MAX_REPEATED];
    size_t ntold;
    unsigned long passed_over;
} repeats;

static bool is_repeated(const struct note *n)
{
    if (!would_block(n))
        return false;
    for (size_t i = 0; i < repeats.ntold; i++)
        if (repeats.told[i].call == n->call && repeats.told[i].fd == n->fd)
            return n->fault == NULL;
    if (repeats.ntold < MAX_REPEATED) {
        repeats.told[repeats.ntold].call = n->call;
        repeats.told[repeats.ntold++].fd = n->fd;
    }
    return false;
}

void note_forget_repeats(void)
{
    repeats.ntold = 0;
    repeats.passed_over = 0;
}

void note_say_repeats(void)
{
    struct text text = {.size = 0};
    if (repeats.passed_over > 0) {
        text_add(&text, "%21s  ... and %lu times more the same failures\n", "",
                 repeats.passed_over);
        narrator_write(text.bytes, text.size);
    }
    repeats.passed_over = 0;
}

static void tell(const struct note *n)
{
    char line[NARRATOR_LINE_SIZE];
    struct line_style here = narrator.style;
    if (thread_number == 0)
        thread_number = atomic_fetch_add(&nthreads, 1) + 1;
    if (!narrator.style.json && is_repeated(n)) {
        repeats.passed_over++;
        return;
    }
    if (!narrator.style.json && n->error == 0) {
        note_say_repeats();
        note_forget_repeats();
    }
    here.pid = narrator.style.json || narrator.own_pid != narrator.root_pid
                   ? (int)narrator.own_pid
                   : 0;
    here.thread = narrator.style.json || thread_number > 1 ? thread_number : 0;
    narrator_write(line, line_write(line, n, &here));
}

long note_end(struct note *n)
{
    if (!n->counts) {
        if (n->result > 0)
            tally_use_wakeup();
        errno = n->error;
        return n->result;
    }
    if (n->left_out)
        limit_leave_out(would_block(n));
    else if (!n->arguments.closed)
        tell(n);
    if (narrator.tallies)
        tally_count(narrator.shared->tally, n);
    errno = n->error != 0 ? n->error : n->saved_errno;
    return n->result;
}
