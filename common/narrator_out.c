#include "narrator.h"

#include <fcntl.h>
#include <poll.h>
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
static bool out_may_signal;
static dev_t out_device;
static ino_t out_inode;

size_t text_print(char *bytes, size_t size, size_t room, const char *format,
                  va_list arguments)
{
    size_t left = room - size;
    int more = vsnprintf(bytes + size, left, format, arguments);
    if (more <= 0)
        return size;
    return size + ((size_t)more < left ? (size_t)more : left - 1);
}

void text_clear(struct text *text, bool closed)
{
    text->closed = closed;
    text->size = 0;
    text->bytes[0] = '\0';
}

void text_add_list(struct text *text, const char *format, va_list arguments)
{
    if (!text->closed)
        text->size =
            text_print(text->bytes, text->size, sizeof text->bytes, format, arguments);
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
    out_may_signal = !S_ISREG(status.st_mode) || getrlimit(RLIMIT_FSIZE, &limit) == -1 ||
                     limit.rlim_cur != RLIM_INFINITY;
}

/* The program may have closed our descriptor, and its number may be another file's. */
static bool out_is_ours(void)
{
    struct stat status;
    return out_fd != -1 && fstat(out_fd, &status) == 0 && status.st_dev == out_device &&
           status.st_ino == out_inode;
}

/* A pipe may be full for a moment, and a signal may come. What cannot be written within a
   second, or at all, is lost: that is no reason to disturb the program. */
static void write_all(const char *bytes, size_t size)
{
    enum { PATIENCE_MS = 1000 };
    while (size > 0) {
        ssize_t nwritten = real.write(out_fd, bytes, size);
        struct pollfd p = {.fd = out_fd, .events = POLLOUT};
        if (nwritten >= 0) {
            bytes += nwritten;
            size -= (size_t)nwritten;
        } else if (errno == EAGAIN && real.poll(&p, 1, PATIENCE_MS) == 1) {
            continue;
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* A pipe without a reader, and a file that is as long as it may be, must not kill the
   program: their signals are held back, and taken away if they came by this write. */
static void write_guarded(const char *bytes, size_t size)
{
    sigset_t ours, before, pending;
    const struct timespec at_once = {0};
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    sigaddset(&ours, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    sigpending(&pending);
    write_all(bytes, size);
    if (sigismember(&pending, SIGPIPE))
        sigdelset(&ours, SIGPIPE);
    if (sigismember(&pending, SIGXFSZ))
        sigdelset(&ours, SIGXFSZ);
    while (sigtimedwait(&ours, NULL, &at_once) > 0)
        continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void narrator_write(const char *line, size_t size)
{
    if (!out_is_ours())
        return;
    if (out_may_signal)
        write_guarded(line, size);
    else
        write_all(line, size);
}
