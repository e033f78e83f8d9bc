#define _GNU_SOURCE 1 /* RTLD_NEXT */
#include "narrator_real.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

struct real real;

/* A data pointer becomes a function pointer by its bytes: ISO C has no other way, and
   POSIX promises that it works (dlsym). */
static void find(void *call, const char *name)
{
    void *address = dlsym(RTLD_NEXT, name);
    memcpy(call, &address, sizeof address);
}

void real_resolve(void)
{
    if (real._exit != NULL)
        return;
#define REAL_FIND(result, name, parameters) find(&real.name, #name);
    REAL_CALLS(REAL_FIND)
}
