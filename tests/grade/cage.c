/*
 * cage: runs a program that nobody trusts, and leaves nothing of it behind.
 *
 *     tests/grade/cage -p pid -f 10 -t 60 ./my_server 9004
 *     tests/grade/cage -r -t 20 bats tests/conformance.bats
 *
 * The program gets no input, a process group, and limits: time, memory, processes, the
 * size of a file. The first line of its output is passed on at once, the rest is read and
 * dropped, so that a server that logs is neither blocked nor ended by SIGPIPE. The first
 * 64 KiB of what it says on stderr are passed on. -f limits the time until that line.
 * With -r the program is one of ours: its input and output are left alone, and time is
 * the only limit.
 *
 * A second of a time limit is one in which the program could have had a processor: on a
 * machine with more work than processors it lasts longer. Only Linux tells how much.
 *
 * When the program ends, everything that it started is ended too, and the status is the
 * program's: 128 and the number of the signal if a signal ended it. SIGTERM, SIGINT and
 * SIGHUP, and the end of whoever started the cage, end the program. On Linux that reaches
 * what has left the process group as well.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum {
    EXIT_USAGE = 2,
    EXIT_CANNOT_RUN = 127,
    TICK_MS = 20,         /* how often the limits are looked at */
    FULL_LOOK_TICKS = 25, /* and how often everything that was started is looked at */
    LINE_SIZE = 4096,
    STDERR_SIZE = 65536,
    FILE_MIB = 64,
    CPU_S = 60,
    MOST_PATIENCE = 20, /* times a limit, on a machine under load */
    MORE_THREADS = 100  /* so many more in the whole system call for a look at once */
};

static struct {
    bool ours; /* -r */
    const char *folder, *pid_file;
    long line_s, limit_s, memory_mib, processes;
} options = {.limit_s = 60, .memory_mib = 1024, .processes = 1100};

static pid_t program;
static bool ended, stopped, line_came;
static int status;
static int wake_pipe[2];
static volatile sig_atomic_t asked_to_end; /* the signal */

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("cage: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static _Noreturn void give_up(const char *what)
{
    say("%s: %s", what, strerror(errno));
    if (program > 0)
        kill(-program, SIGKILL);
    exit(EXIT_CANNOT_RUN);
}

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what the program has started ---- */

struct process {
    pid_t pid, parent;
    char state; /* R: it wants a processor */
    bool inside;
};

static struct process *processes;
static size_t nprocesses;

#ifdef __linux__
static void add_process(const char *name)
{
    static size_t room;
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    /* The name of the program stands in brackets, and can hold any byte. */
    const char *behind = strrchr(text, ')');
    char state;
    int parent;
    if (behind == NULL || sscanf(behind, ") %c %d", &state, &parent) != 2)
        return;
    if (nprocesses == room) {
        room = 2 * room + 512;
        processes = realloc(processes, room * sizeof *processes);
        if (processes == NULL)
            give_up("the list of processes");
    }
    processes[nprocesses++] = (struct process){
        .pid = (pid_t)strtol(name, NULL, 10), .parent = (pid_t)parent, .state = state};
}

static int compare_pids(const void *a, const void *b)
{
    pid_t x = ((const struct process *)a)->pid, y = ((const struct process *)b)->pid;
    return (x > y) - (x < y);
}

static bool is_inside(pid_t pid)
{
    struct process key = {.pid = pid};
    const struct process *p =
        bsearch(&key, processes, nprocesses, sizeof key, compare_pids);
    return pid == getpid() || (p != NULL && p->inside);
}

/* Marks what descends from this process. Returns how many. */
static long find_descendants(void)
{
    DIR *folder = opendir("/proc");
    if (folder == NULL)
        return 0;
    nprocesses = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]))
            add_process(entry->d_name);
    closedir(folder);
    if (processes == NULL)
        return 0;
    qsort(processes, nprocesses, sizeof *processes, compare_pids);
    long count = 0, before = -1;
    while (count != before) {
        before = count;
        for (size_t i = 0; i < nprocesses; i++) {
            struct process *p = &processes[i];
            if (!p->inside && is_inside(p->parent)) {
                p->inside = true;
                count++;
            }
        }
    }
    return count;
}

static long resident_kib(pid_t pid)
{
    char path[64];
    long all, resident = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* The same, but a page that several share counts once in all of them together. */
static long share_kib(pid_t pid)
{
    char path[64], line[128];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return resident_kib(pid);
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "Pss: %ld", &kib) != 1)
        continue;
    fclose(file);
    return kib;
}

static long memory_kib(long (*of)(pid_t))
{
    long sum = 0;
    for (size_t i = 0; i < nprocesses; i++)
        sum += processes[i].inside ? of(processes[i].pid) : 0;
    return sum;
}

/* All threads of the whole system, and how many of them want a processor. It is cheap to
   ask, and a fork bomb shows in it. */
static long system_threads(long *running)
{
    long all = 0;
    FILE *file = fopen("/proc/loadavg", "r");
    *running = 0;
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %*s %*s %ld/%ld", running, &all) != 2)
        all = 0;
    fclose(file);
    return all;
}

/* The part of a processor that a program gets now beside all others. What it has started
   itself does not count, as far as the last look found it: or a program that starts many
   which spin would have no limit of time. */
static double fair_share(void)
{
    long running, processors = sysconf(_SC_NPROCESSORS_ONLN);
    system_threads(&running);
    for (size_t i = 0; i < nprocesses; i++)
        running -= processes[i].inside && processes[i].state == 'R';
    if (running < processors || processors <= 0)
        return 1;
    /* One at least is its own. */
    double share = (double)processors / (double)(running + 1);
    return share > 1.0 / MOST_PATIENCE ? share : 1.0 / MOST_PATIENCE;
}

/* Counts with the program stopped: what grows fast leaves no time to count it, and
   nothing of it can be looked at before it has had a processor. */
static long count_stopped(void)
{
    bool by_test = stopped;
    kill(-program, SIGSTOP);
    long count = find_descendants();
    if (!by_test && count <= options.processes)
        kill(-program, SIGCONT);
    return count;
}

/* NULL, or which limit is passed. */
static const char *limit_passed(void)
{
    static long threads_seen, ticks;
    long running, threads = system_threads(&running);
    long most_kib = options.memory_mib * 1024;
    if (resident_kib(program) > most_kib)
        return "it took too much memory";
    bool grown = ticks > 0 && threads > threads_seen + MORE_THREADS;
    if (ticks++ % FULL_LOOK_TICKS != 0 && !grown)
        return NULL;
    threads_seen = threads;
    if ((grown ? count_stopped() : find_descendants()) > options.processes)
        return "it started too many processes";
    if (memory_kib(resident_kib) > most_kib && memory_kib(share_kib) > most_kib)
        return "it took too much memory";
    return NULL;
}
#else
static long find_descendants(void)
{
    return 0;
}

static double fair_share(void)
{
    return 1;
}

static const char *limit_passed(void)
{
    return NULL;
}
#endif

/* Ends and reaps all of it. What a process started becomes ours when that process ends
   (PR_SET_CHILD_SUBREAPER), and so the last one is gone when there is no child left. */
static void end_everything(void)
{
    enum { ROUNDS = 2000 };
    kill(-program, SIGKILL);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t pid;
        int how;
        while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
            if (pid == program && !ended)
                status = how;
            ended = ended || pid == program;
        }
        if (pid == -1 && errno == ECHILD)
            return;
        long count = find_descendants();
        for (size_t i = 0; i < nprocesses && count > 0; i++)
            if (processes[i].inside)
                kill(processes[i].pid, SIGKILL);
        struct timespec pause = {.tv_nsec = 1000000};
        nanosleep(&pause, NULL);
    }
}

/* ---- the output ---- */

static void pass_on(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        size -= (size_t)n;
    }
}

/* The first line, in one piece. Returns false when nothing more will be passed on. */
static bool keep_line(const char *bytes, size_t size)
{
    static char line[LINE_SIZE];
    static size_t have;
    if (have == sizeof line)
        return false;
    size_t take = size < sizeof line - have ? size : sizeof line - have;
    const char *newline = memchr(bytes, '\n', take);
    if (newline != NULL)
        take = (size_t)(newline - bytes) + 1;
    memcpy(line + have, bytes, take);
    have += take;
    if (newline == NULL && have < sizeof line)
        return true;
    pass_on(STDOUT_FILENO, line, have);
    have = sizeof line;
    line_came = true;
    return false;
}

static void keep_words(const char *bytes, size_t size)
{
    static size_t left = STDERR_SIZE;
    size_t take = size < left ? size : left;
    pass_on(STDERR_FILENO, bytes, take);
    left -= take;
}

/* Reads once. Returns false at the end, or if there is nothing. */
static bool read_output(struct pollfd *p, bool is_stdout)
{
    char bytes[65536];
    ssize_t n = read(p->fd, bytes, sizeof bytes);
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        close(p->fd);
        p->fd = -1;
        /* Whoever waits for a line learns that none will come. */
        if (is_stdout && keep_line("", 0))
            close(STDOUT_FILENO);
        return false;
    }
    if (is_stdout)
        keep_line(bytes, (size_t)n);
    else
        keep_words(bytes, (size_t)n);
    return true;
}

/* ---- the run ---- */

static void handle_signal(int number)
{
    int saved_errno = errno;
    if (number != SIGCHLD)
        asked_to_end = number;
    ssize_t ignored = write(wake_pipe[1], "", 1);
    (void)ignored;
    errno = saved_errno;
}

static void reap(void)
{
    char bytes[64];
    while (read(wake_pipe[0], bytes, sizeof bytes) > 0)
        continue;
    pid_t pid;
    int how;
    while (!ended && (pid = waitpid(-1, &how, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        if (pid != program)
            continue;
        stopped = WIFSTOPPED(how);
        ended = WIFEXITED(how) || WIFSIGNALED(how);
        status = how;
    }
}

/* NULL, or which time is over. */
static const char *time_passed(void)
{
    static long before_ms;
    static double granted_ms;
    long now = now_ms();
    if (before_ms != 0)
        granted_ms += (double)(now - before_ms) * fair_share();
    before_ms = now;
    if (granted_ms > 1e3 * (double)options.limit_s)
        return "its time was over";
    if (options.line_s > 0 && !line_came && granted_ms > 1e3 * (double)options.line_s)
        return "it printed no line in time";
    return NULL;
}

/* Waits until the program has ended, or must. */
static void watch(struct pollfd fds[3])
{
    pid_t starter = getppid();
    long next_look_ms = 0;
    const char *passed = NULL;
    while (!ended && asked_to_end == 0 && getppid() == starter && passed == NULL) {
        poll(fds, 3, TICK_MS);
        reap();
        for (int i = 1; i < 3; i++)
            if (fds[i].fd != -1 && fds[i].revents != 0)
                read_output(&fds[i], i == 1);
        if (ended || now_ms() < next_look_ms)
            continue;
        next_look_ms = now_ms() + TICK_MS;
        passed = time_passed();
        if (passed == NULL && !options.ours)
            passed = limit_passed();
    }
    if (passed != NULL)
        say("ended the program: %s", passed);
}

static void limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == -1 || now.rlim_max < most)
        return;
    now.rlim_cur = now.rlim_max = most;
    setrlimit(resource, &now);
}

static void set_limits(void)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, CPU_S);
    limit(RLIMIT_FSIZE, (rlim_t)FILE_MIB << 20);
#ifdef __linux__
    /* Counts all of this user's threads; the superuser has no such limit. */
    long running;
    limit(RLIMIT_NPROC, (rlim_t)(system_threads(&running) + options.processes));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    FILE *file = fopen("/proc/self/oom_score_adj", "w");
    if (file != NULL) {
        fputs("1000", file); /* should memory run out, this one goes first */
        fclose(file);
    }
#elif defined(RLIMIT_AS)
    limit(RLIMIT_AS,
          (rlim_t)options.memory_mib << 22); /* a runtime asks for more than it uses */
#endif
}

static _Noreturn void become_program(char **command, int out[2], int err[2])
{
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    if (!options.ours) {
        int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(nothing);
        set_limits();
    }
    if (options.folder != NULL && chdir(options.folder) == -1)
        give_up(options.folder);
    execvp(command[0], command);
    give_up(command[0]);
}

static void make_pipe(int ends[2])
{
    if (pipe(ends) == -1)
        give_up("pipe");
    for (int i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void prepare(void)
{
    struct sigaction action;
    make_pipe(wake_pipe);
    fcntl(wake_pipe[1], F_SETFL, O_NONBLOCK);
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = handle_signal;
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
}

static void write_pid(void)
{
    if (options.pid_file == NULL)
        return;
    FILE *file = fopen(options.pid_file, "w");
    if (file == NULL || fprintf(file, "%ld\n", (long)program) < 0 || fclose(file) == EOF)
        give_up(options.pid_file);
}

/* Where the superuser runs it the cage goes before a thousand processes. */
static void go_first(void)
{
#ifdef __linux__
    struct sched_param least = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    if (sched_setscheduler(0, SCHED_FIFO, &least) == 0)
        return;
#endif
    setpriority(PRIO_PROCESS, 0, -10);
}

static void run(char **command)
{
    int out[2], err[2];
    make_pipe(out);
    make_pipe(err);
    program = fork();
    if (program == -1)
        give_up("fork");
    if (program == 0)
        become_program(command, out, err);
    setpgid(program, program); /* whoever of the two comes first */
    close(out[1]);
    close(err[1]);
    write_pid();
    go_first();
    struct pollfd fds[3] = {{.fd = wake_pipe[0], .events = POLLIN},
                            {.fd = options.ours ? -1 : out[0], .events = POLLIN},
                            {.fd = options.ours ? -1 : err[0], .events = POLLIN}};
    watch(fds);
    bool by_itself = ended;
    end_everything();
    for (int i = 1; i < 3; i++) /* the last words; a bound, for a pipe can be large */
        for (int pieces = 0; fds[i].fd != -1 && pieces < 32; pieces++)
            if (!read_output(&fds[i], i == 1))
                break;
    if (!by_itself && asked_to_end != 0)
        exit(128 + asked_to_end);
}

static long number(int letter)
{
    char *end;
    long value = strtol(optarg, &end, 10);
    if (*optarg == '\0' || *end != '\0' || value <= 0 || value > 1000000) {
        say("-%c: '%s' is not a number", letter, optarg);
        exit(EXIT_USAGE);
    }
    return value;
}

int main(int argc, char **argv)
{
    int letter;
    /* POSIX's getopt stops at the first word that is no option; "+" asks glibc's to. */
    while ((letter = getopt(argc, argv, "+C:f:m:n:p:rt:")) != -1) {
        if (letter == 'C')
            options.folder = optarg;
        else if (letter == 'f')
            options.line_s = number(letter);
        else if (letter == 'm')
            options.memory_mib = number(letter);
        else if (letter == 'n')
            options.processes = number(letter);
        else if (letter == 'p')
            options.pid_file = optarg;
        else if (letter == 'r')
            options.ours = true;
        else if (letter == 't')
            options.limit_s = number(letter);
        else
            optind = argc;
    }
    if (optind >= argc) {
        fputs("usage: cage [-r] [-C FOLDER] [-f SECONDS] [-m MIB] [-n PROCESSES] [-p "
              "PID_FILE] "
              "[-t SECONDS] COMMAND [ARGUMENT]...\n",
              stderr);
        return EXIT_USAGE;
    }
    prepare();
    run(argv + optind);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
