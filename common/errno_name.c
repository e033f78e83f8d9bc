#include "errno_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME(error)                                                                      \
    {                                                                                    \
        error, #error                                                                    \
    }

/* POSIX.1-2008, <errno.h>, and behind #ifdef what some systems have besides. Where two
   names share a number (EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP on many systems)
   the first is shown. */
static const struct {
    int error;
    const char *name;
} names[] = {
    NAME(EAGAIN),          NAME(EWOULDBLOCK), NAME(EOPNOTSUPP),      NAME(E2BIG),
    NAME(EACCES),          NAME(EADDRINUSE),  NAME(EADDRNOTAVAIL),   NAME(EAFNOSUPPORT),
    NAME(EALREADY),        NAME(EBADF),       NAME(EBADMSG),         NAME(EBUSY),
    NAME(ECANCELED),       NAME(ECHILD),      NAME(ECONNABORTED),    NAME(ECONNREFUSED),
    NAME(ECONNRESET),      NAME(EDEADLK),     NAME(EDESTADDRREQ),    NAME(EDOM),
    NAME(EEXIST),          NAME(EFAULT),      NAME(EFBIG),           NAME(EHOSTUNREACH),
    NAME(EINPROGRESS),     NAME(EINTR),       NAME(EINVAL),          NAME(EIO),
    NAME(EISCONN),         NAME(EISDIR),      NAME(ELOOP),           NAME(EMFILE),
    NAME(EMLINK),          NAME(EMSGSIZE),    NAME(ENAMETOOLONG),    NAME(ENETDOWN),
    NAME(ENETRESET),       NAME(ENETUNREACH), NAME(ENFILE),          NAME(ENOBUFS),
    NAME(ENODEV),          NAME(ENOENT),      NAME(ENOEXEC),         NAME(ENOLCK),
    NAME(ENOMEM),          NAME(ENOPROTOOPT), NAME(ENOSPC),          NAME(ENOSYS),
    NAME(ENOTCONN),        NAME(ENOTDIR),     NAME(ENOTSOCK),        NAME(ENOTSUP),
    NAME(ENOTTY),          NAME(ENXIO),       NAME(EOVERFLOW),       NAME(EPERM),
    NAME(EPIPE),           NAME(EPROTO),      NAME(EPROTONOSUPPORT), NAME(EPROTOTYPE),
    NAME(ERANGE),          NAME(EROFS),       NAME(ESPIPE),          NAME(ESRCH),
    NAME(ETIMEDOUT),       NAME(EXDEV),
#ifdef EDQUOT
    NAME(EDQUOT),
#endif
#ifdef EHOSTDOWN
    NAME(EHOSTDOWN),
#endif
#ifdef ENONET
    NAME(ENONET),
#endif
#ifdef ENOSR
    NAME(ENOSR),
#endif
#ifdef ESOCKTNOSUPPORT
    NAME(ESOCKTNOSUPPORT),
#endif
};

enum { COUNT = sizeof names / sizeof names[0] };

const char *errno_name(int error)
{
    static _Thread_local char unnamed[24];
    for (size_t i = 0; i < COUNT; i++)
        if (names[i].error == error)
            return names[i].name;
    snprintf(unnamed, sizeof unnamed, "errno %d", error);
    return unnamed;
}

int errno_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].error;
    return -1;
}
