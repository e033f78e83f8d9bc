#include "narrator.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "narrator_real.h"

enum { LEAST_OUT_FD = 600 };

static int out_fd = -1;
static bool out_is_pipe;
static dev_t out_device;
static ino_t out_inode;

void text_add_list(struct text *text, const char *format, va_list arguments)
{
    size_t left = sizeof text->bytes - text->size;
    int size = vsnprintf(text->bytes + text->size, left, format, arguments);
    if (size > 0)
        text->size += (size_t)size < left ? (size_t)size : left - 1;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
}

/* High up, so that the numbers of the program's own descriptors are as they were. */
void narrator_write_to(int fd)
{
    struct stat status;
    struct rlimit limit;
    int least = LEAST_OUT_FD;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= LEAST_OUT_FD)
        least = (int)limit.rlim_cur - 1;
    out_fd = fcntl(fd, F_DUPFD_CLOEXEC, least);
    if (out_fd == -1 || fstat(out_fd, &status) == -1)
        return;
    out_device = status.st_dev;
    out_inode = status.st_ino;
    out_is_pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
}

/* The program may have closed our descriptor, and its number may be another file's. */
static bool out_is_ours(void)
{
    struct stat status;
    return out_fd != -1 && fstat(out_fd, &status) == 0 && status.st_dev == out_device &&
           status.st_ino == out_inode;
}

/* A pipe without a reader must not kill the program: SIGPIPE is held back, and taken away
   if it came by this write. */
static void write_to_pipe(const char *line, size_t size)
{
    sigset_t sigpipe, before, pending;
    const struct timespec at_once = {0};
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    sigpending(&pending);
    if (real.write(out_fd, line, size) == -1 && errno == EPIPE &&
        !sigismember(&pending, SIGPIPE))
        sigtimedwait(&sigpipe, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void narrator_write(const char *line, size_t size)
{
    if (!out_is_ours())
        return;
    if (out_is_pipe)
        write_to_pipe(line, size);
    else if (real.write(out_fd, line, size) == -1)
        return; /* a full disk is no reason to disturb the program */
}
