#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "die.h"

static volatile sig_atomic_t requested;
static int stop_pipe[2] = {-1, -1};

static void request_stop(int signal_number)
{
    (void)signal_number;
    int saved_errno = errno;
    requested = 1;
    /* A full pipe is readable already, so a write that fails loses nothing. */
    ssize_t ignored = write(stop_pipe[1], "", 1);
    (void)ignored;
    errno = saved_errno;
}

static void exit_at_once(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_SUCCESS);
}

static void handle_stop_signals(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

int stop_init(void)
{
    if (pipe(stop_pipe) == -1)
        die_errno("pipe");
    for (int i = 0; i < 2; i++) {
        fcntl(stop_pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(stop_pipe[i], F_SETFD, FD_CLOEXEC);
    }
    handle_stop_signals(request_stop);
    return stop_pipe[0];
}

bool stop_requested(void)
{
    return requested != 0;
}

void stop_exit_at_once(void)
{
    handle_stop_signals(exit_at_once);
}
