#include "gauge.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double us_of(const struct timespec *time)
{
    return (double)time->tv_sec * 1e6 + (double)time->tv_nsec / 1e3;
}

double gauge_cpu_us(pid_t pid)
{
#if defined(_POSIX_CPUTIME) && _POSIX_CPUTIME >= 0
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        return us_of(&used);
#else
    (void)pid;
#endif
    return -1;
}

double gauge_own_us(void)
{
    struct timespec used;
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 ? us_of(&used) : -1;
}

long gauge_descriptors(pid_t pid)
{
    char path[40];
    long count = -2; /* . and .. */
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count > 0 ? count : -1;
}

long gauge_memory_kib(pid_t pid)
{
    char path[40];
    long pages = -1;
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    if (fscanf(file, "%*d %ld", &pages) != 1 || pages <= 0)
        pages = -1;
    fclose(file);
    return pages == -1 ? -1 : pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int gauge_waits(pid_t pid)
{
    char path[40], state = '\0';
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    int count = fscanf(file, "%*d (%*[^)]) %c", &state);
    fclose(file);
    return count == 1 ? state != 'R' : -1;
}

static long switches_of(pid_t pid, const char *thread)
{
    char line[320];
    long count, sum = 0;
    snprintf(line, sizeof line, "/proc/%ld/task/%s/status", (long)pid, thread);
    FILE *file = fopen(line, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "voluntary_ctxt_switches: %ld", &count) == 1 ||
            sscanf(line, "nonvoluntary_ctxt_switches: %ld", &count) == 1)
            sum += count;
    if (file != NULL)
        fclose(file);
    return sum;
}

long gauge_switches(pid_t pid)
{
    char path[40];
    long sum = 0;
    const struct dirent *entry;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return -1;
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            sum += switches_of(pid, entry->d_name);
    closedir(dir);
    return sum;
}

double gauge_machine_us(void)
{
    double user, nice, system, idle, waits, irq, softirq;
    FILE *file = fopen("/proc/stat", "r");
    if (file == NULL)
        return -1;
    int count = fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system,
                       &idle, &waits, &irq, &softirq);
    fclose(file);
    if (count != 7)
        return -1;
    return (user + nice + system + irq + softirq) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* POSIX has no name for it; the systems that we know have this one. */
long gauge_processors(void)
{
#ifdef _SC_NPROCESSORS_ONLN
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? count : 0;
#else
    return 0;
#endif
}
