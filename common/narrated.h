/* narrated: the calls that the narrator knows, by name. */
#ifndef NARRATED_H
#define NARRATED_H

#include <stdbool.h>
#include <stddef.h>

#include "io_status.h"

enum narrated {
    NARRATED_SOCKET,
    NARRATED_BIND,
    NARRATED_LISTEN,
    NARRATED_ACCEPT,
    NARRATED_ACCEPT4,
    NARRATED_CONNECT,
    NARRATED_RECV,
    NARRATED_RECVFROM,
    NARRATED_RECVMSG,
    NARRATED_READ,
    NARRATED_READV,
    NARRATED_SEND,
    NARRATED_SENDTO,
    NARRATED_SENDMSG,
    NARRATED_WRITE,
    NARRATED_WRITEV,
    NARRATED_SHUTDOWN,
    NARRATED_CLOSE,
    NARRATED_SELECT,
    NARRATED_PSELECT,
    NARRATED_POLL,
    NARRATED_PPOLL,
    NARRATED_EPOLL_CREATE,
    NARRATED_EPOLL_CREATE1,
    NARRATED_EPOLL_CTL,
    NARRATED_EPOLL_WAIT,
    NARRATED_EPOLL_PWAIT,
    NARRATED_KQUEUE,
    NARRATED_KEVENT,
    NARRATED_SETSOCKOPT,
    NARRATED_GETSOCKOPT,
    NARRATED_FCNTL,
    NARRATED_COUNT
};

/* What a call does with bytes. */
enum narrated_way { NARRATED_ASIDE, NARRATED_IN, NARRATED_OUT, NARRATED_WAITS };

const char *narrated_name(enum narrated call);
enum narrated_way narrated_way(enum narrated call);

/* The table of io_status that speaks of this call, or false if none does. */
bool narrated_io_call(enum narrated call, enum io_call *io_call);

/* Finds a call by its name. Returns 0, or -1 if it is none of these. */
int narrated_by_name(const char *name, enum narrated *call);

/* Can this call fail with this errno, by the documents? */
bool narrated_can_fail(enum narrated call, int error);

#endif
