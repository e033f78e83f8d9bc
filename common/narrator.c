#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#include "narrator.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "narrator_real.h"

struct narrator narrator;

static void say(const char *format, ...)
{
    struct text text = {.size = 0};
    va_list arguments;
    text_add(&text, narrator.style.json ? "{\"note\":\"" : "narrate: ");
    va_start(arguments, format);
    text_add_list(&text, format, arguments);
    va_end(arguments);
    text_add(&text, narrator.style.json ? "\"}\n" : "\n");
    narrator_write(text.bytes, text.size);
}

/* An environment variable that narrate has set. */
static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "";
}

/* strtok writes into what it takes apart, and the program still reads its environment. */
static void read_faults(void)
{
    char problem[128], *plans = strdup(setting("NARRATE_FAULTS"));
    char *plan = plans != NULL ? strtok(plans, " ") : NULL;
    for (; plan != NULL && narrator.nfaults < MAX_FAULTS; plan = strtok(NULL, " "))
        if (fault_parse(plan, &narrator.faults[narrator.nfaults], problem,
                        sizeof problem))
            narrator.nfaults++;
    free(plans);
}

static void read_quiet(void)
{
    enum narrated call;
    char *names = strdup(setting("NARRATE_QUIET"));
    char *name = names != NULL ? strtok(names, ",") : NULL;
    for (; name != NULL; name = strtok(NULL, ","))
        if (narrated_by_name(name, &call) == 0)
            narrator.quiet[call] = true;
    free(names);
}

static void open_out(const char *path)
{
    int fd = STDERR_FILENO;
    if (*path != '\0')
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    narrator_write_to(fd);
    if (fd > STDERR_FILENO)
        real.close(fd);
}

static void after_fork(void)
{
    narrator.own_pid = getpid();
    note_forget_repeats();
}

static void read_settings(void)
{
    const char *flags = setting("NARRATE_FLAGS");
    narrator.tells = strchr(flags, 'n') == NULL;
    narrator.tallies = strchr(flags, 'c') != NULL;
    narrator.style.json = strchr(flags, 'j') != NULL;
    narrator.style.coloured = strchr(flags, 'k') != NULL;
    open_out(setting("NARRATE_OUT"));
    read_quiet();
    read_faults();
    atomic_store(&narrator.shared->random, strtoul(setting("NARRATE_SEED"), NULL, 10));
    narrator.limit = strtoul(setting("NARRATE_LIMIT"), NULL, 10);
}

/* Without narrate, or without memory, the narrator only passes calls on. */
static void narrate(void)
{
    size_t size = sizeof *narrator.shared + tally_size();
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return;
    narrator.root_pid = narrator.own_pid = getpid();
    narrator.start_ns = narrator_now_ns();
    narrator.shared = memory;
    narrator.shared->tally = (struct tally *)(void *)(narrator.shared + 1);
    read_settings();
    pthread_atfork(NULL, NULL, after_fork);
    /* If it cannot, a program that ends with quick_exit has no tally. */
    (void)at_quick_exit(narrator_end);
}

__attribute__((constructor)) static void narrator_load(void)
{
    int saved_errno = errno;
    real_resolve();
    if (getenv("NARRATE_FLAGS") != NULL)
        narrate();
    errno = saved_errno;
}

/* A plan that never struck has tested nothing: that must not go unnoticed. */
static void say_what_never_struck(void)
{
    for (size_t i = 0; i < narrator.nfaults; i++)
        if (atomic_load(&narrator.shared->counts[i].struck) == 0)
            say("%s never struck: %s was called %lu times", narrator.faults[i].text,
                narrated_name(narrator.faults[i].call),
                atomic_load(&narrator.shared->counts[i].seen));
}

/* The shell that starts the program, say, has no sockets: nobody wants its tally. But the
   process that narrate itself became always says what never struck. */
static bool has_to_report(void)
{
    const char *first = getenv("NARRATE_PID");
    return atomic_load(&narrator.shared->ncalls) > 0 ||
           (first != NULL && strtol(first, NULL, 10) == (long)narrator.root_pid);
}

void narrator_end(void)
{
    static atomic_flag done = ATOMIC_FLAG_INIT;
    if (narrator.shared == NULL || getpid() != narrator.root_pid ||
        atomic_flag_test_and_set(&done) || !has_to_report())
        return;
    note_say_repeats();
    limit_say(narrator_now_ns());
    if (narrator.tallies)
        tally_write(narrator.shared->tally, narrator.style.json);
    say_what_never_struck();
}

__attribute__((destructor)) static void narrator_unload(void)
{
    narrator_end();
}
