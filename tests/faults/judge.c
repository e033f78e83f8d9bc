/* Holds what happened in a cell against the verdict of io_status. */
#include "faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000, LONG_PATIENCE_MS = 8000, HANGING_MS = 250, SAID_SIZE = 400 };

struct judge {
    const struct run *r;
    struct trace trace;
    char said[SAID_SIZE]; /* by the program, on stderr */
    char *why;            /* of PROBLEM_SIZE bytes */
};

static enum effect effect_of(const struct run *r)
{
    return r->cell->exception != NULL ? r->cell->exception->effect : EFFECT_NONE;
}

static bool deviates(struct judge *j, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(j->why, PROBLEM_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static void read_said(struct judge *j)
{
    FILE *file = fopen(j->r->error_path, "r");
    size_t size = file != NULL ? fread(j->said, 1, sizeof j->said - 1, file) : 0;
    j->said[size] = '\0';
    for (char *newline; (newline = strchr(j->said, '\n')) != NULL;)
        *newline = newline[1] != '\0' ? '|' : '\0';
    if (file != NULL)
        fclose(file);
}

/* ---- how the program ended ---- */

static bool ended_with(const struct judge *j, bool success)
{
    return WIFEXITED(j->r->status) && (WEXITSTATUS(j->r->status) == 0) == success;
}

static bool ended_loudly(const struct judge *j)
{
    return ended_with(j, false) && j->said[0] != '\0';
}

static bool deviates_in_status(struct judge *j, const char *expected)
{
    int status = j->r->status;
    bool exited = WIFEXITED(status);
    return deviates(j, "expected %s, saw %s %d, and it said '%.150s'", expected,
                    exited ? "status" : "signal",
                    exited ? WEXITSTATUS(status) : WTERMSIG(status), j->said);
}

static bool names_errno(const struct judge *j)
{
    const struct io_status *status = j->r->cell->status;
    return strstr(j->said, status->name) != NULL ||
           strstr(j->said, strerror(status->error)) != NULL;
}

static bool judge_mistake(struct judge *j)
{
    const struct cell *cell = j->r->cell;
    if (j->r->problem[0] != '\0')
        return deviates(j, "expected a loud end, saw that %s", j->r->problem);
    if (effect_of(j->r) == EFFECT_MAY_END && ended_loudly(j))
        return true;
    if (!ended_with(j, false))
        return deviates_in_status(j, "a loud end");
    bool names_call = strstr(j->said, io_call_name(cell->io_call)) != NULL ||
                      strstr(j->said, cell->call) != NULL;
    if (!names_call || !names_errno(j))
        return deviates_in_status(j, "that call and errno are named");
    return true;
}

/* ---- who was ended ---- */

static bool may_be_ended(const struct judge *j, size_t person)
{
    const struct io_status *status = j->r->cell->status;
    bool over = status != NULL && status->verdict == IO_ERROR_CONNECTION;
    return j->trace.struck[person] && (over || effect_of(j->r) == EFFECT_ENDS_STRUCK);
}

/* Without an errno each call is struck. */
static bool may_not_hang(const struct judge *j, size_t person)
{
    return j->r->cell->status != NULL && !j->trace.struck[person] &&
           !j->trace.struck_listener;
}

static bool judge_persons(struct judge *j)
{
    size_t nhung = 0;
    for (size_t i = 0; i < j->r->npersons; i++) {
        const struct person *p = &j->r->persons[i];
        nhung += p->hung;
        if (p->hung && may_not_hang(j, i))
            return deviates(j, "%s (connection %zu) hangs, and was not struck", p->name,
                            i);
        if (p->ended && !p->hung && !may_be_ended(j, i))
            return deviates(j, "%s (connection %zu) is ended, expected to be served",
                            p->name, i);
    }
    if (nhung > j->trace.nstrikes && j->r->cell->status != NULL)
        return deviates(j, "%zu hang after %zu faults", nhung, j->trace.nstrikes);
    return true;
}

/* After a fault that asks for a pause the call is not to come again at once. Those who
   rest together rest for as long as is left: so a few may be short. */
static bool judge_pauses(struct judge *j)
{
    const struct cell *cell = j->r->cell;
    bool asks = cell->status != NULL && (cell->status->verdict == IO_ERROR_BACK_OFF ||
                                         cell->status->verdict == IO_RETRY_LATER);
    if (!asks || cell->program->traits & BUSY || cell->io_call == IO_EPOLL_CTL)
        return true;
    if (2 * j->trace.nhasty > j->trace.npauses)
        return deviates(j,
                        "after %zu of %zu faults %s comes again within %d ms: it spins",
                        j->trace.nhasty, j->trace.npauses, cell->call, HASTE_MS);
    return true;
}

static bool judge_server(struct judge *j)
{
    if (effect_of(j->r) == EFFECT_MAY_END && ended_loudly(j))
        return true;
    if (WIFEXITED(j->r->status) && WEXITSTATUS(j->r->status) != 0)
        return deviates_in_status(j, "that it goes on serving");
    if (j->r->problem[0] != '\0')
        return deviates(j, "%s", j->r->problem);
    if (!ended_with(j, true))
        return deviates_in_status(j, "status 0 after SIGTERM");
    if (j->trace.went_on > 0)
        return deviates(j, "%zu calls on a connection after it was over",
                        j->trace.went_on);
    return judge_persons(j) && judge_pauses(j);
}

static bool judge_client(struct judge *j)
{
    const struct io_status *status = j->r->cell->status;
    enum effect effect = effect_of(j->r);
    bool over = status != NULL && status->verdict == IO_ERROR_CONNECTION;
    bool complete = ended_with(j, true) && j->r->complete && j->r->problem[0] == '\0';
    if (over && j->r->cell->io_call == IO_CLOSE && complete)
        return true;
    if (j->r->problem[0] != '\0')
        return deviates(j, "%s", j->r->problem);
    if ((over || effect == EFFECT_MAY_END) && ended_loudly(j))
        return true;
    if (over)
        return deviates_in_status(j, "an end with a message");
    if (!complete)
        return deviates_in_status(j, "that it shows everything, and status 0");
    return judge_pauses(j);
}

/* The narrator says so; where it writes a line a call, these say it too. */
static bool never_struck(struct judge *j)
{
    if (j->trace.never[0] != '\0')
        return !deviates(j, "%s", j->trace.never);
    if (j->r->cell->status != NULL && j->r->cell->nplans > 0 && j->trace.nstrikes == 0)
        return !deviates(j, "no call was struck");
    return false;
}

static enum outcome judge(struct judge *j)
{
    const struct cell *cell = j->r->cell;
    bool held;
    if (j->r->problem[0] == '\0' && never_struck(j))
        return OUTCOME_NOT_STRUCK;
    if (cell->status != NULL && cell->status->verdict == IO_ERROR_MISTAKE)
        held = judge_mistake(j);
    else if (cell->program->traits & IS_CLIENT)
        held = judge_client(j);
    else
        held = judge_server(j);
    return held ? OUTCOME_HELD : OUTCOME_DEVIATED;
}

/* ---- the cell ---- */

static void play(struct run *r)
{
    const struct program *program = r->cell->program;
    void (*conversation)(struct run *) = program->play;
    if (r->cell->column == COLUMN_SHORT && program->flow != NULL)
        conversation = program->flow;
    if (r->cell->column == COLUMN_SOAK && program->crowd != NULL)
        conversation = program->crowd;
    if (!(program->traits & IS_CLIENT))
        run_start(r);
    conversation(r);
    run_stop(r);
}

/* A run of faults that each ask for a pause takes as long as its pauses. */
static int patience_of(const struct cell *cell)
{
    if (cell->exception != NULL && cell->exception->effect == EFFECT_HANGS)
        return HANGING_MS;
    bool rests = cell->status == NULL || cell->status->verdict == IO_ERROR_BACK_OFF ||
                 cell->status->verdict == IO_RETRY_LATER;
    bool single = cell->which[0] != '\0' && cell->which[1] == '\0';
    return rests && !single ? LONG_PATIENCE_MS : PATIENCE_MS;
}

enum outcome judge_cell(const struct cell *cell, const char *log_path,
                        const char *error_path, char *why)
{
    static struct run run;
    struct judge j = {.r = &run, .why = why};
    unlink(log_path);
    run = (struct run){.cell = cell, .log_path = log_path, .error_path = error_path};
    run.in = run.out = -1;
    run.patience_ms = patience_of(cell);
    run.exact = cell->status == NULL || cell->status->verdict < IO_ERROR_CONNECTION;
    why[0] = '\0';
    play(&run);
    read_said(&j);
    trace_read(&run, &j.trace);
    return judge(&j);
}
