/*
 * short_memory: a library to be preloaded, with which an allocation fails.
 *
 *     SHORT_MEMORY=3 LD_PRELOAD=tests/short_memory.so 04-poll/echo_server
 *
 * The third call of malloc, calloc or realloc returns NULL, with ENOMEM, and with
 * SHORT_MEMORY=3- all that follow too. With SHORT_MEMORY=3,512 or 3-,512 only those are
 * counted that ask for 512 bytes or more.
 */
#define _GNU_SOURCE 1 /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static unsigned long which, least_size;
static bool for_good;
static atomic_ulong count;

/* ISO C has no cast from an object's address to a function's. */
static void find(const char *name, void *call)
{
    *(void **)call = dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void load(void)
{
    const char *text = getenv("SHORT_MEMORY");
    char *rest;
    find("malloc", &real_malloc);
    find("calloc", &real_calloc);
    find("realloc", &real_realloc);
    if (text == NULL)
        return;
    which = strtoul(text, &rest, 10);
    if ((for_good = *rest == '-'))
        rest++;
    least_size = *rest == ',' ? strtoul(rest + 1, NULL, 10) : 0;
    unsetenv("SHORT_MEMORY"); /* of this program alone */
}

static bool fails(size_t size)
{
    if (which == 0 || size < least_size)
        return false;
    unsigned long n = atomic_fetch_add(&count, 1) + 1;
    if (n < which || (n > which && !for_good))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (real_malloc == NULL)
        find("malloc", &real_malloc);
    return fails(size) ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (real_calloc == NULL)
        find("calloc", &real_calloc);
    return fails(n * size) ? NULL : real_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
    if (real_realloc == NULL)
        find("realloc", &real_realloc);
    return fails(size) ? NULL : real_realloc(memory, size);
}
