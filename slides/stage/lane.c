#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../06-selectors-style/selector.h"
#include "../../06-selectors-style/selector_change.h"
#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/net.h"
#include "gauge.h"
#include "record.h"

enum { MAX_COMMAND = 1024, EXIT_CANNOT_RUN = 127 };

double lane_time_ms(const struct lane *lane)
{
    if (lane->phase != LANE_PLAYS)
        return lane->stands_us / 1000;
    return (lane->before_us + clock_now_us() - lane->turn_us) / 1000;
}

void lane_tell(const struct lane *lane, const char *state, const char *text)
{
    struct buffer *out = record_begin("server", lane_time_ms(lane), lane->server.name);
    json_put_text(out, "state", state);
    record_put_words(out, "text", text);
    if (lane->port > 0)
        json_put_integer(out, "port", lane->port);
    record_end();
}

/* ---- starting ---- */

/* A port that was free a moment ago, for a server that takes none by itself. Systems give
   ports of 32768 or more to who asks for any: below them no other lane comes between. */
static int free_port(void)
{
    enum { FIRST_PORT = 20000, NPORTS = 12000, STEP = 97 };
    static long next;
    for (int i = 0; i < NPORTS; i++) {
        int port = FIRST_PORT + (int)((getpid() + next++) * STEP % NPORTS);
        int fd = net_listen("127.0.0.1", port);
        if (fd == -1)
            continue;
        net_close(fd);
        return port;
    }
    return 0;
}

/* "exec " and the command, with the port in its places. */
static void make_command(const struct lane *lane, char *command)
{
    const char *rest = lane->server.command, *place;
    int size = snprintf(command, MAX_COMMAND, "exec ");
    while ((place = strstr(rest, "{port}")) != NULL && size < MAX_COMMAND) {
        size += snprintf(command + size, (size_t)(MAX_COMMAND - size), "%.*s%d",
                         (int)(place - rest), rest, lane->port);
        rest = place + 6;
    }
    if (size < MAX_COMMAND)
        snprintf(command + size, (size_t)(MAX_COMMAND - size), "%s", rest);
}

static void limit_descriptors(size_t descriptors)
{
    struct rlimit limit;
    if (descriptors == 0 || getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return;
    limit.rlim_cur = descriptors;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* The alarm outlives exec: it ends the server even if the stage is killed. The group lets
   the stage end whatever the server starts itself. */
static _Noreturn void become_server(const struct lane *lane, int out, int told,
                                    size_t descriptors, unsigned limit_s)
{
    char command[MAX_COMMAND];
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setpgid(0, 0);
    alarm(limit_s);
    signal(SIGPIPE, SIG_DFL);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(told, STDERR_FILENO);
    limit_descriptors(descriptors);
    make_command(lane, command);
    if (lane->narrated)
        execl("common/narrate", "common/narrate", "-j", "-l", "40", "sh", "-c", command,
              NULL);
    else
        execl("/bin/sh", "sh", "-c", command, NULL);
    _exit(EXIT_CANNOT_RUN);
}

/* A pipe whose end to read from the selector watches. Returns the other end. */
static int open_pipe(struct source *source, enum source_kind kind,
                     struct selector *selector)
{
    int ends[2];
    if (pipe(ends) == -1)
        die_errno("cannot make a pipe for a server");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    *source = (struct source){.kind = kind, .fd = ends[0]};
    if (net_set_nonblocking(ends[0]) == -1 ||
        selector_register(selector, ends[0], EVENT_READ, source) == -1)
        die_errno("cannot wait for a server's words");
    return ends[1];
}

void lane_start(struct lane *lane, struct selector *selector, size_t descriptors,
                unsigned limit_s)
{
    int out = open_pipe(&lane->output, SOURCE_OUTPUT, selector);
    int told = open_pipe(&lane->told, SOURCE_TOLD, selector);
    lane->port = lane->is_yours ? free_port() : 0;
    lane->phase = LANE_STARTING;
    lane->crashed = false;
    lane->nsaid = 0;
    lane->offset_us = INFINITY;
    lane->figures = (struct lane_figures){.calls = -1,
                                          .wasted = -1,
                                          .descriptors = -1,
                                          .memory_kib = -1,
                                          .first_memory_kib = -1};
    lane->start_us = clock_now_us();
    lane->pid = fork();
    if (lane->pid == -1)
        die_errno("cannot start a server");
    if (lane->pid == 0)
        become_server(lane, out, told, descriptors, limit_s);
    setpgid(lane->pid, lane->pid); /* here too: whoever comes first */
    close(out);
    close(told);
    lane->port = 0;
    lane_tell(lane, "starts", "");
}

/* ---- the end ---- */

void lane_close_pipe(struct source *source, struct selector *selector)
{
    if (source->fd == -1)
        return;
    selector_change(selector, selector_unregister(selector, source->fd));
    net_close(source->fd);
    source->fd = -1;
}

double lane_age_ms(const struct lane *lane)
{
    return (clock_now_us() - lane->start_us) / 1000;
}

void lane_give_up(struct lane *lane, const char *why)
{
    lane_tell(lane, "says", why);
    lane_stop(lane);
}

/* What is in a pipe when its writer has ended. */
static void read_rest(struct lane *lane, struct source *source, struct selector *selector)
{
    enum { MOST_READS = 64 };
    for (int i = 0; i < MOST_READS && source->fd != -1; i++)
        if (!lane_read(lane, source, selector))
            break;
    lane_close_pipe(source, selector);
}

static const char *how_it_ended(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == EXIT_CANNOT_RUN)
        snprintf(text, size, "cannot be run");
    else
        snprintf(text, size, "ended with status %d", WEXITSTATUS(status));
    return text;
}

void lane_watch_end(struct lane *lane, struct selector *selector)
{
    char text[80];
    int status;
    if (lane->pid == 0 || waitpid(lane->pid, &status, WNOHANG) != lane->pid)
        return;
    kill(-lane->pid, SIGKILL); /* what it may have started */
    lane->pid = 0;
    read_rest(lane, &lane->output, selector);
    read_rest(lane, &lane->told, selector);
    how_it_ended(status, text, sizeof text);
    lane->crashed = lane->phase != LANE_STOPPING;
    lane_tell(lane, lane->crashed ? "crashed" : "stopped", text);
    if (lane->phase != LANE_PLAYS) /* one that crashes in a scene plays to its end */
        lane->phase = LANE_OVER;
}

void lane_stop(struct lane *lane)
{
    bool again = lane->phase == LANE_STOPPING;
    if (lane->phase == LANE_PLAYS) /* the lane's own time stands still from now on */
        lane->stands_us = lane->before_us + clock_now_us() - lane->turn_us;
    lane->phase = lane->pid != 0 ? LANE_STOPPING : LANE_OVER;
    if (!again) /* the scene ended then, for whoever still waits */
        lane->stop_us = clock_now_us();
    if (lane->pid != 0)
        kill(-lane->pid, again ? SIGKILL : SIGTERM);
}

/* ---- samples ---- */

static double more(double a, double b)
{
    return a > b ? a : b;
}

static void put_if_known(struct buffer *out, const char *name, double value)
{
    if (value >= 0 && isfinite(value))
        json_put_number(out, name, value);
}

static double tenths(double value)
{
    return (double)(long long)(value * 10 + 0.5) / 10;
}

void lane_sample(struct lane *lane)
{
    struct lane_figures *f = &lane->figures;
    double now_us = clock_now_us(),
           cpu_us = lane->pid != 0 ? gauge_cpu_us(lane->pid) : -1;
    double descriptors = lane->pid != 0 ? (double)gauge_descriptors(lane->pid) : -1;
    double memory_kib = lane->pid != 0 ? (double)gauge_memory_kib(lane->pid) : -1;
    double share = -1;
    if (cpu_us >= 0 && lane->sampled_cpu_us >= 0 && lane->sample_us > 0 &&
        now_us > lane->sample_us)
        share = 100 * (cpu_us - lane->sampled_cpu_us) / (now_us - lane->sample_us);
    if (f->first_memory_kib < 0)
        f->first_memory_kib = memory_kib;
    f->descriptors = more(f->descriptors, descriptors);
    f->memory_kib = more(f->memory_kib, memory_kib);
    lane->sample_us = now_us;
    lane->sampled_cpu_us = cpu_us;
    struct buffer *out = record_begin("sample", lane_time_ms(lane), lane->server.name);
    put_if_known(out, "cpu", share < 0 ? -1 : tenths(share));
    put_if_known(out, "cpu_ms", cpu_us < 0 ? -1 : tenths(cpu_us / 1000));
    put_if_known(out, "calls", f->calls);
    put_if_known(out, "wasted", f->wasted);
    put_if_known(out, "descriptors", descriptors);
    put_if_known(out, "memory", memory_kib);
    record_end();
}

/* ---- all away ---- */

void lane_clear(struct lane *lane, struct selector *selector)
{
    for (size_t i = 0; i < lane->ncasts; i++) {
        for (size_t j = 0; j < lane->casts[i].count; j++)
            actor_free(&lane->casts[i].actors[j], selector);
        free(lane->casts[i].actors);
    }
    lane->ncasts = 0;
    lane_close_pipe(&lane->output, selector);
    lane_close_pipe(&lane->told, selector);
    buffer_free(&lane->output_in);
    buffer_free(&lane->told_in);
    if (lane->pid == 0)
        return;
    kill(-lane->pid, SIGKILL);
    while (waitpid(lane->pid, NULL, 0) == -1 && errno == EINTR)
        continue;
    lane->pid = 0;
}
