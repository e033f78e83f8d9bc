/*
 * matrix: every program against every fault that io_status knows.
 *
 *     tests/faults/matrix                        the whole matrix
 *     tests/faults/matrix 04-poll chat           these programs
 *     tests/faults/matrix -v -f accept:2:EMFILE 04-poll    one cell
 *
 * Prints a table, a row a program and a column a verdict, and each deviation with the
 * command line that shows it again. Status 0: no cell deviated; 1: one did; 2: wrong
 * arguments. Each program is played once without a fault first: that tells which calls
 * it makes. Runs from the root of the tree.
 */
#include "faults.h"

#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/options.h"

enum { EXIT_USAGE = 2, MAX_CELLS = 20000, MAX_JOBS = 64, MAX_CALLS = 16, MOST = 1 << 30 };

/* What a process that plays a cell tells. */
struct report {
    enum outcome outcome;
    char why[PROBLEM_SIZE];
};

struct job {
    pid_t pid; /* 0: the place is free */
    int from;  /* its report */
    size_t cell;
    char log_path[PATH_SIZE], error_path[PATH_SIZE];
};

static struct cell cells[MAX_CELLS];
static size_t ncells;
static unsigned counts[64][NCOLUMNS][NOUTCOMES];
static unsigned nexcepted;
static struct job jobs[MAX_JOBS];
static volatile sig_atomic_t started[MAX_JOBS]; /* the same pids, for the handler */
static size_t njobs;
static long seed = 1;
static bool verbose;
static char work[PATH_SIZE / 2];

/* ---- cells ---- */

static const struct exception *find_exception(const struct cell *cell)
{
    const char *error = strrchr(cell->plans[0], ':') + 1;
    for (size_t i = 0; i < nexceptions; i++)
        if (fnmatch(exceptions[i].program, cell->program->name, 0) == 0 &&
            fnmatch(exceptions[i].call, cell->call, 0) == 0 &&
            fnmatch(exceptions[i].error, error, 0) == 0 &&
            fnmatch(exceptions[i].which, cell->which, 0) == 0 &&
            (exceptions[i].verdict == -1 || exceptions[i].verdict == cell->column))
            return &exceptions[i];
    return NULL;
}

static struct cell *add_cell(const struct program *program, int column)
{
    if (ncells == MAX_CELLS) {
        fputs("matrix: too many cells\n", stderr);
        exit(EXIT_FAILURE);
    }
    struct cell *cell = &cells[ncells++];
    *cell = (struct cell){.program = program, .column = column, .seed = seed};
    return cell;
}

static void add_plan(struct cell *cell, const char *call, const char *which,
                     const char *what)
{
    char *plan = cell->plans[cell->nplans++];
    strcat(strcat(strcat(strcat(strcat(plan, call), ":"), which), ":"), what);
}

/* What the expectation depends on. */
static void name_cell(struct cell *cell, const char *call, const char *which)
{
    io_call_by_name(call, &cell->io_call);
    strcpy(cell->call, call);
    strcpy(cell->which, which);
    cell->exception = find_exception(cell);
}

static void add_fault(const struct program *program, const char *call, const char *which,
                      const struct io_status *status)
{
    struct cell *cell = add_cell(program, (int)status->verdict);
    cell->status = status;
    add_plan(cell, call, which, status->name);
    name_cell(cell, call, which);
}

/*
 * Which of a call's occurrences are struck. A call that is made once, as connect is, may
 * be made again after a fault. The first two of epoll_ctl are set-up, and so is a run
 * that begins with them. A program that asks everybody round and round makes every second
 * call for the same client: every seventh goes round too.
 */
static const char *const *whiches(const struct program *program, enum io_call call,
                                  size_t count)
{
    static const char *const often[] = {"1", "2", "3", "1/2", "2-21", NULL};
    static const char *const round[] = {"1", "2", "3", "1/7", "2-21", NULL};
    static const char *const control[] = {"1",   "2",    "3",    "4",
                                          "1/5", "3-22", "4-23", NULL};
    static const char *const once[] = {"1", "1-20", NULL};
    if (count <= 3)
        return once;
    if (call == IO_EPOLL_CTL)
        return control;
    return program->traits & BUSY ? round : often;
}

static void add_faults(const struct program *program, const struct call_count *count)
{
    enum io_call call;
    size_t nrows;
    if (io_call_by_name(count->call, &call) == -1)
        return;
    const struct io_status *rows = io_status_rows(call, &nrows);
    const char *const *which = whiches(program, call, count->count);
    for (size_t i = 0; i < nrows; i++) {
        if (strcmp(rows[i].name, "EWOULDBLOCK") == 0)
            continue; /* EAGAIN by another name */
        for (const char *const *w = which; *w != NULL; w++)
            add_fault(program, count->call, *w, &rows[i]);
    }
}

static void add_short(const struct program *program)
{
    for (int i = 0; i < 2; i++) {
        const char *call = i == 0 ? "recv" : "send";
        struct cell *cell = add_cell(program, COLUMN_SHORT);
        add_plan(cell, call, "*", "short=1");
        name_cell(cell, call, "*");
    }
}

/* What nobody may notice, all of it at once and by chance: the more likely the fewer
   calls there are. Edge-triggered, a short read would be a lie: see the exceptions. */
static void add_soak(const struct program *program)
{
    bool many = program->crowd != NULL;
    const char *seldom = many ? "p0.03" : "p0.3", *often = many ? "p0.05" : "p0.3";
    struct cell *cell = add_cell(program, COLUMN_SOAK);
    add_plan(cell, "recv", seldom, "EINTR");
    add_plan(cell, "send", seldom, "EINTR");
    add_plan(cell, "send", often, "short=1");
    if (!(program->traits & EDGE))
        add_plan(cell, "recv", often, "short=7");
    add_plan(cell, "recv", seldom, "delay=1");
    if (!(program->traits & IS_CLIENT)) {
        add_plan(cell, "accept", "1/3", "ECONNABORTED");
        add_plan(cell, "send", many ? "1/400" : "1/9", "ENOBUFS");
    }
    if (program->wait_call != NULL)
        add_plan(cell, program->wait_call, seldom, "EINTR");
}

/* ---- processes ---- */

static void end_groups(void)
{
    for (size_t i = 0; i < MAX_JOBS; i++)
        if (started[i] > 0)
            kill((pid_t)-started[i], SIGKILL);
}

static void remove_work(void)
{
    for (size_t i = 0; i < MAX_JOBS; i++) {
        unlink(jobs[i].log_path);
        unlink(jobs[i].error_path);
    }
    rmdir(work);
}

/* Calls nothing that a handler may not call. */
static void give_up(int signal_number)
{
    end_groups();
    remove_work();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static _Noreturn void play_cell(const struct cell *cell, const struct job *job, int to)
{
    struct report report = {.outcome = OUTCOME_DEVIATED};
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    alarm(CELL_LIMIT_S);
    report.outcome = judge_cell(cell, job->log_path, job->error_path, report.why);
    ssize_t ignored = write(to, &report, sizeof report);
    (void)ignored;
    _exit(EXIT_SUCCESS);
}

/* The group is made on both sides of fork: whoever comes first. */
static void start_job(struct job *job, size_t cell)
{
    int ends[2];
    if (pipe(ends) == -1 || (job->pid = fork()) == -1) {
        perror("matrix: fork");
        end_groups();
        exit(EXIT_FAILURE);
    }
    job->cell = cell;
    if (job->pid == 0) {
        setpgid(0, 0);
        close(ends[0]);
        play_cell(&cells[cell], job, ends[1]);
    }
    setpgid(job->pid, job->pid);
    started[job - jobs] = (sig_atomic_t)job->pid;
    close(ends[1]);
    job->from = ends[0];
}

/* Waits for any cell's end. Returns its place. */
static struct job *await_job(struct report *report)
{
    int status;
    pid_t pid;
    struct job *job = jobs;
    while ((pid = wait(&status)) == -1 && errno == EINTR)
        ;
    while (job->pid != pid)
        job++;
    kill(-pid, SIGKILL); /* what it may have left running */
    *report = (struct report){.outcome = OUTCOME_DEVIATED};
    if (read(job->from, report, sizeof *report) != (ssize_t)sizeof *report)
        snprintf(report->why, sizeof report->why, "it took over %d s", CELL_LIMIT_S);
    close(job->from);
    started[job - jobs] = 0;
    job->pid = 0;
    return job;
}

static void init_jobs(void)
{
    for (size_t i = 0; i < MAX_JOBS; i++) {
        snprintf(jobs[i].log_path, PATH_SIZE, "%s/%zu.log", work, i);
        snprintf(jobs[i].error_path, PATH_SIZE, "%s/%zu.err", work, i);
    }
}

/* ---- what is said ---- */

static const char *const columns[NCOLUMNS] = {"now",     "when ready", "later",
                                              "pending", "connection", "back off",
                                              "mistake", "short",      "soak"};

static void show_again(const struct cell *cell)
{
    printf("    tests/faults/matrix -v");
    if (cell->column == COLUMN_SOAK)
        printf(" -s %ld", cell->seed);
    for (size_t i = 0; i < cell->nplans; i++)
        printf(" -f %s", cell->plans[i]);
    printf(" %s\n", cell->program->name);
}

static void keep_result(const struct cell *cell, const struct report *report)
{
    static const char *const words[NOUTCOMES] = {"held", "DEVIATES", "NEVER STRUCK"};
    counts[cell->program - programs][cell->column][report->outcome]++;
    nexcepted += report->outcome == OUTCOME_HELD && cell->exception != NULL;
    if (report->outcome == OUTCOME_HELD && !verbose)
        return;
    printf("%-12s %-14s %s (%s)%s%s\n", words[report->outcome], cell->program->name,
           cell->plans[0], columns[cell->column], report->why[0] != '\0' ? ": " : "",
           report->why);
    if (cell->exception != NULL && verbose)
        printf("    excepted: %s\n", cell->exception->reason);
    if (report->outcome != OUTCOME_HELD)
        show_again(cell);
    fflush(stdout);
}

/* Plays all cells, so many at a time. */
static void play_all(void)
{
    size_t next = 0, nrunning = 0;
    struct report report;
    while (next < ncells || nrunning > 0) {
        while (next < ncells && nrunning < njobs) {
            struct job *job = jobs;
            while (job->pid != 0)
                job++;
            start_job(job, next++);
            nrunning++;
        }
        struct job *job = await_job(&report);
        nrunning--;
        keep_result(&cells[job->cell], &report);
    }
}

/* ---- the calls of a program ---- */

/* Plays the program without a fault. That it holds is the first thing to know. */
static bool profile(const struct program *program)
{
    struct call_count found[MAX_CALLS];
    struct report report;
    add_cell(program, 0)->which[0] = '*';
    struct cell *cell = &cells[ncells - 1];
    start_job(&jobs[0], ncells - 1);
    await_job(&report);
    ncells--;
    if (report.outcome != OUTCOME_HELD) {
        printf("%s does not hold without any fault: %s\n", cell->program->name,
               report.why);
        return false;
    }
    size_t nfound = trace_count(jobs[0].log_path, found, MAX_CALLS);
    for (size_t i = 0; i < nfound; i++) {
        if (verbose)
            printf("%s calls %s %zu times\n", program->name, found[i].call,
                   found[i].count);
        add_faults(program, &found[i]);
    }
    add_short(program);
    add_soak(program);
    return true;
}

static void print_table(void)
{
    static unsigned sums[NCOLUMNS + 1][2];
    printf("\n%-16s", "held/cells");
    for (int c = 0; c < NCOLUMNS; c++)
        printf(" %11s", columns[c]);
    printf("\n");
    for (size_t i = 0; i <= nprograms; i++) {
        unsigned row = 0;
        char line[16 * (NCOLUMNS + 1)] = "";
        for (int c = 0; c < NCOLUMNS; c++) {
            unsigned held = i < nprograms ? counts[i][c][OUTCOME_HELD] : sums[c][0];
            unsigned all = i < nprograms ? held + counts[i][c][OUTCOME_DEVIATED] +
                                               counts[i][c][OUTCOME_NOT_STRUCK]
                                         : sums[c][1];
            char text[24] = "-";
            if (all > 0)
                snprintf(text, sizeof text, "%u/%u", held, all);
            snprintf(line + strlen(line), sizeof line - strlen(line), " %11s", text);
            sums[c][0] += held;
            sums[c][1] += all;
            row += all;
        }
        if (row > 0)
            printf("%-16s%s\n", i < nprograms ? programs[i].name : "all", line);
    }
}

/* ---- the command line ---- */

static _Noreturn void usage(FILE *to)
{
    fputs("usage: matrix [-hlv] [-j JOBS] [-s SEED] [-f PLAN]... [PROGRAM]...\n", to);
    exit(to == stdout ? EXIT_SUCCESS : EXIT_USAGE);
}

static void list(void)
{
    for (size_t i = 0; i < nprograms; i++)
        printf("%s\n", programs[i].name);
    printf("\nExcepted:\n");
    for (size_t i = 0; i < nexceptions; i++)
        printf("%s %s:%s:%s (%s)\n    %s\n", exceptions[i].program, exceptions[i].call,
               exceptions[i].which, exceptions[i].error,
               exceptions[i].verdict == -1 ? "any" : columns[exceptions[i].verdict],
               exceptions[i].reason);
}

/* One cell with these plans. Its expectation is that of the first one's errno. */
static void add_chosen(const struct program *program, char **plans, size_t nplans)
{
    struct cell *cell = add_cell(program, nplans > 1 ? COLUMN_SOAK : COLUMN_SHORT);
    char error[24] = "";
    size_t nrows;
    for (size_t i = 0; i < nplans; i++)
        snprintf(cell->plans[cell->nplans++], sizeof cell->plans[0], "%s", plans[i]);
    if (nplans > 1 ||
        sscanf(plans[0], "%15[^:]:%15[^:]:%23s", cell->call, cell->which, error) != 3 ||
        io_call_by_name(cell->call, &cell->io_call) == -1)
        return;
    const struct io_status *rows = io_status_rows(cell->io_call, &nrows);
    for (size_t i = 0; i < nrows; i++)
        if (strcmp(rows[i].name, error) == 0) {
            cell->status = &rows[i];
            cell->column = (int)rows[i].verdict;
        }
    cell->exception = find_exception(cell);
}

/* CALL:WHICH:WHAT; the narrator reads the rest. */
static bool is_plan(const char *text)
{
    const char *which = strchr(text, ':');
    return which != NULL && strchr(which + 1, ':') != NULL && strlen(text) < 48;
}

static bool is_chosen(const struct program *program, char **names)
{
    if (*names == NULL)
        return true;
    for (; *names != NULL; names++)
        if (fnmatch(*names, program->name, 0) == 0)
            return true;
    return false;
}

static unsigned count_of(enum outcome outcome)
{
    unsigned sum = 0;
    for (size_t i = 0; i < nprograms; i++)
        for (int c = 0; c < NCOLUMNS; c++)
            sum += counts[i][c][outcome];
    return sum;
}

static void prepare(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(work, sizeof work, "%s/faults.XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(work) == NULL) {
        perror(work);
        exit(EXIT_FAILURE);
    }
    init_jobs();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, give_up);
    signal(SIGTERM, give_up);
    signal(SIGHUP, give_up);
}

struct choice {
    char *plans[MAX_PLANS];
    size_t nplans;
};

static void choose(struct choice *choice, int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "f:hj:ls:v")) != -1) {
        long most = letter == 'j' ? MAX_JOBS : MOST;
        bool counts_something = letter == 'j' || letter == 's';
        long value = counts_something ? options_number(optarg, 1, most) : 0;
        if (letter == 'l') {
            list();
            exit(EXIT_SUCCESS);
        }
        if (letter == 'h' || letter == '?' || value == -1)
            usage(letter == 'h' ? stdout : stderr);
        if (letter == 'f' && (choice->nplans == MAX_PLANS || !is_plan(optarg)))
            usage(stderr);
        if (letter == 'f')
            choice->plans[choice->nplans++] = optarg;
        if (letter == 'j')
            njobs = (size_t)value;
        if (letter == 's')
            seed = value;
        verbose = verbose || letter == 'v';
    }
}

/* The status to exit with. */
static int conclude(bool keeps_work)
{
    unsigned ndeviated = count_of(OUTCOME_DEVIATED),
             nmissed = count_of(OUTCOME_NOT_STRUCK);
    print_table();
    printf("%zu cells: %u deviate, %u never struck, %u held by an exception\n", ncells,
           ndeviated, nmissed, nexcepted);
    if (keeps_work)
        printf("what the narrator wrote is in %s\n", work);
    else
        remove_work();
    return ncells > 0 && ndeviated + nmissed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct choice choice = {.nplans = 0};
    bool runs = true;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    njobs = processors > 0 && processors < MAX_JOBS ? (size_t)processors : 1;
    choose(&choice, argc, argv);
    prepare();
    for (size_t i = 0; i < nprograms; i++) {
        if (!is_chosen(&programs[i], argv + optind))
            continue;
        if (choice.nplans > 0)
            add_chosen(&programs[i], choice.plans, choice.nplans);
        else
            runs = profile(&programs[i]) && runs;
    }
    play_all();
    int status = conclude(verbose && choice.nplans > 0);
    return runs ? status : EXIT_FAILURE;
}
