/*
 * die: messages on stderr, and the end of the program.
 *
 * Every message is one line that begins with the program's name. Set-up may die. A
 * running server dies of its own mistakes alone: nothing that a client does may lead
 * here.
 */
#ifndef DIE_H
#define DIE_H

#include "io_status.h"

/* Remembers the last part of argv[0] as the name that messages begin with. */
void die_set_program(const char *argv0);

/* That name. */
const char *die_program(void);

/* Prints a message, as printf would, and goes on. */
void warn(const char *format, ...);

/* Prints a message and exits with status 1. */
_Noreturn void die(const char *format, ...);

/* The same, followed by what errno says: "echo_server: 127.0.0.1:9003: Address
   in use". */
_Noreturn void die_errno(const char *format, ...);

/*
 * Ends the program because of a verdict IO_ERROR_MISTAKE. The message names the call, the
 * errno and the reason: the bug is in this program, and going on would hide it.
 */
_Noreturn void die_mistake(enum io_call call, int error);

/*
 * For a wait (select, poll, epoll_wait, kevent) that has failed with errno: returns 0,
 * "no events", if it may be called again. Out of memory it naps for 10 ms first, because
 * there is nothing else to wait with. A mistake ends the program.
 */
int die_unless_retry(enum io_call call);

#endif
