#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    START_MS = 5000,
    STOP_MS = 3000,
    REST_MS = 20,
    REST_TRIES = 10,
    MOST_CPU_PERCENT = 40,
    EXIT_NO_PROGRAM = 127
};

double run_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void run_fail(struct run *r, const char *format, ...)
{
    va_list arguments;
    if (r->problem[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(r->problem, sizeof r->problem, format, arguments);
    va_end(arguments);
}

bool run_goes_on(const struct run *r)
{
    return r->problem[0] == '\0' && !r->refuses;
}

bool run_has_ended(const struct run *r)
{
    siginfo_t info = {.si_pid = 0};
    int options = WEXITED | WNOHANG | WNOWAIT; /* run_stop will want its status */
    return waitid(P_PID, (id_t)r->pid, &info, options) == 0 && info.si_pid == r->pid;
}

/* ---- the beginning ---- */

/* Writes the narrator's command line and the program's, with the port in its place. */
static void make_command(const struct run *r, const char **words, char *port)
{
    static char seed[24];
    const struct cell *cell = r->cell;
    snprintf(port, 8, "%d", r->port);
    snprintf(seed, sizeof seed, "%ld", cell->seed);
    *words++ = "common/narrate";
    *words++ = cell->column >= COLUMN_SHORT ? "-n" : "-j";
    *words++ = "-s";
    *words++ = seed;
    *words++ = "-o";
    *words++ = r->log_path;
    for (size_t i = 0; i < cell->nplans; i++) {
        *words++ = "-f";
        *words++ = cell->plans[i];
    }
    for (const char *const *word = cell->program->command; *word != NULL; word++)
        *words++ = strcmp(*word, "{port}") == 0 ? port : *word;
    *words = NULL;
}

/* The alarm outlives exec: it ends the program even if everybody else was killed. */
static _Noreturn void become_program(const struct run *r, int in, int out)
{
    const char *words[2 * MAX_PLANS + MAX_WORDS + 12];
    char port[8];
    int error_fd = open(r->error_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    make_command(r, words, port);
    signal(SIGPIPE, SIG_DFL);
    alarm(CELL_LIMIT_S);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(error_fd, STDERR_FILENO);
    for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
        close(fd);
    execv(words[0], (char *const *)words);
    perror(words[0]);
    _exit(EXIT_NO_PROGRAM);
}

/* Reads the first line, "listening on ADDRESS:PORT". */
static void read_port(struct run *r)
{
    char line[128] = "";
    size_t size = 0;
    double deadline_ms = run_now_ms() + START_MS;
    struct pollfd p = {.fd = r->out, .events = POLLIN};
    while (size < sizeof line - 1 && (size == 0 || line[size - 1] != '\n')) {
        double left_ms = deadline_ms - run_now_ms();
        if (left_ms <= 0 ||
            (poll(&p, 1, (int)left_ms + 1) == 1 && read(r->out, line + size, 1) != 1)) {
            r->refuses = true;
            return;
        }
        size += p.revents != 0;
    }
    line[size] = '\0';
    const char *colon = strrchr(line, ':');
    r->port = colon != NULL ? (int)strtol(colon + 1, NULL, 10) : 0;
    if (r->port == 0)
        run_fail(r, "the first line is '%s'", line);
}

void run_start(struct run *r)
{
    int in[2], out[2];
    if (pipe(in) == -1 || pipe(out) == -1) {
        run_fail(r, "pipe: %s", strerror(errno));
        return;
    }
    r->pid = fork();
    if (r->pid == 0)
        become_program(r, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    r->in = in[1];
    r->out = out[0];
    if (r->pid == -1)
        run_fail(r, "fork: %s", strerror(errno));
    else if (!(r->cell->program->traits & IS_CLIENT))
        read_port(r);
}

/* ---- the moment of rest ---- */

/* CPU time in milliseconds, of all its threads; -1 where that cannot be known. */
static double cpu_ms(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) == -1)
        return -1;
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

/* A moment after the last word a server may still be tidying up: one quiet moment of
   several is enough. */
void run_rest(struct run *r)
{
    double percent = 100;
    if (!run_goes_on(r) || r->cell->program->traits & BUSY)
        return;
    for (int i = 0; i < REST_TRIES && percent > MOST_CPU_PERCENT; i++) {
        double began_ms = run_now_ms(), cpu_began_ms = cpu_ms(r->pid);
        poll(NULL, 0, REST_MS);
        double took_ms = run_now_ms() - began_ms;
        percent = 100 * (cpu_ms(r->pid) - cpu_began_ms) / took_ms;
    }
    if (percent > MOST_CPU_PERCENT)
        run_fail(r, "it burns CPU while nobody says anything: %.0f %%", percent);
}

/* ---- the end ---- */

/* Its stdout ends with it. What it may still write there is passed over. */
static void await_exit(struct run *r)
{
    char bytes[4096];
    double deadline_ms = run_now_ms() + STOP_MS;
    struct pollfd p = {.fd = r->out, .events = POLLIN};
    for (;;) {
        double left_ms = deadline_ms - run_now_ms();
        int nready = poll(&p, 1, left_ms > 0 ? (int)left_ms + 1 : 0);
        if (nready == 1 && read(r->out, bytes, sizeof bytes) <= 0)
            break;
        if (left_ms <= 0) {
            run_fail(r, "it still runs %d ms after it was asked to end", STOP_MS);
            kill(r->pid, SIGKILL);
            break;
        }
    }
    while (waitpid(r->pid, &r->status, 0) == -1 && errno == EINTR)
        ;
}

void run_stop(struct run *r)
{
    if (r->pid <= 0)
        return;
    if (!(r->cell->program->traits & IS_CLIENT))
        kill(r->pid, SIGTERM);
    for (size_t i = 0; i < r->npersons; i++)
        person_await_end(r, &r->persons[i]);
    await_exit(r);
}
