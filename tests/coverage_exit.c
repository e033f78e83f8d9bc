/*
 * What `make coverage` links with every program. The counters are written at exit, and
 * neither _exit nor exec comes by there: these stand in front of them, and write first.
 */
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

enum { MOST_WORDS = 64 };

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);
int __real_execvp(const char *file, char *const words[]);
int __wrap_execvp(const char *file, char *const words[]);
int __wrap_execl(const char *path, const char *word, ...);

/* A program that could not be started goes on here, and counts on. */
static void write_counters(void)
{
    __gcov_dump();
    __gcov_reset();
}

_Noreturn void __wrap__exit(int status)
{
    write_counters();
    __real__exit(status);
}

int __wrap_execvp(const char *file, char *const words[])
{
    write_counters();
    return __real_execvp(file, words);
}

int __wrap_execl(const char *path, const char *word, ...)
{
    char *words[MOST_WORDS] = {(char *)word};
    va_list rest;
    va_start(rest, word);
    for (int i = 1; i < MOST_WORDS && (words[i] = va_arg(rest, char *)) != NULL; i++)
        ;
    va_end(rest);
    write_counters();
    return execv(path, words);
}
