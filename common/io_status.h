/*
 * io_status: what a failed call means.
 *
 * An errno has no meaning alone: EINTR asks recv to be called again, but says of connect
 * that it goes on by itself. So the question is always asked with the call's name, and
 * the answer is one of three: retry, pending or error. The verdicts come from
 * POSIX.1-2008 and the Linux manual pages of each call; the whole table is printed by
 * common/errno_table.
 */
#ifndef IO_STATUS_H
#define IO_STATUS_H

#include <stddef.h>

enum io_call {
    IO_ACCEPT,     /* accept, accept4 */
    IO_CONNECT,    /* connect */
    IO_RECV,       /* recv, recvfrom, recvmsg, read */
    IO_SEND,       /* send, sendto, sendmsg, write */
    IO_SELECT,     /* select, pselect */
    IO_POLL,       /* poll, ppoll */
    IO_EPOLL_WAIT, /* epoll_wait, epoll_pwait */
    IO_EPOLL_CTL,  /* epoll_ctl */
    IO_KEVENT,     /* kevent */
    IO_CLOSE       /* close */
};

/* The three answers, and under two of them what to do. */
enum io_verdict {
    IO_RETRY_NOW,        /* retry: nothing happened, call again */
    IO_RETRY_WHEN_READY, /* retry: after the descriptor was reported ready */
    IO_RETRY_LATER,      /* retry: after a pause, no readiness will announce it */
    IO_PENDING,          /* pending: it goes on without the caller */
    IO_ERROR_CONNECTION, /* error: this connection is over, the others are not */
    IO_ERROR_BACK_OFF,   /* error: the system is short of something, ask for less */
    IO_ERROR_MISTAKE     /* error: the program is wrong */
};

struct io_status {
    int error;               /* the errno */
    const char *name;        /* "EAGAIN" */
    enum io_verdict verdict; /* what it means */
    const char *reason;      /* why, in a few words, and what to do */
};

/*
 * Says what it means that a call failed with errno `error`. Never fails: an errno that no
 * document lists for the call gets the careful answer for that call (one connection ends,
 * accept backs off, a wait is a mistake). Call it with a copy of errno taken at once.
 * The result is constant. Lesson 01 asks it first.
 */
const struct io_status *io_status(enum io_call call, int error);

/* The verdict alone: io_status(call, error)->verdict. */
enum io_verdict io_verdict(enum io_call call, int error);

/* "retry", "pending" or "error". */
const char *io_verdict_name(enum io_verdict verdict);

/* What to do in one or two words: "now", "when ready", "back off"; "" for pending. */
const char *io_verdict_action(enum io_verdict verdict);

/* The call's name as the table prints it: "recv". */
const char *io_call_name(enum io_call call);

/*
 * Finds a call by its name, the relatives in enum io_call included ("read" is IO_RECV).
 * Returns 0 and sets *call, or -1 if the name is none of them.
 */
int io_call_by_name(const char *name, enum io_call *call);

/*
 * The rows of one call's table, in the order in which they are printed. Stores their
 * number in *count. Two names of one errno (EAGAIN and EWOULDBLOCK on most systems) are
 * two rows.
 */
const struct io_status *io_status_rows(enum io_call call, size_t *count);

#endif
