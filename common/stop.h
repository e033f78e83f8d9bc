/*
 * stop: how SIGINT and SIGTERM end a program, and why SIGPIPE does not.
 *
 * A handler may do little (signal-safety(7)), and a flag alone has a hole: a signal that
 * arrives after the flag was looked at and before the wait begins is noticed only when
 * the wait ends. So the handler also writes a byte into a pipe, whose other end the loop
 * waits for like for any client ("The self-pipe trick", select(2)).
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

/*
 * Prepares for SIGINT and SIGTERM, and ignores SIGPIPE: a send to a client that has gone
 * then fails with EPIPE instead of ending the process (send(2)). Returns a descriptor
 * that becomes readable once a stop is asked for. Dies if the system has no pipe left.
 */
int stop_init(void);

/* Has SIGINT or SIGTERM arrived? */
bool stop_requested(void);

/*
 * For programs that block in accept, recv and send and so have no moment to look: SIGINT
 * and SIGTERM end the process at once with status 0, and the kernel closes what is open.
 * _exit is one of the few functions a handler may call. SIGPIPE is ignored, as above.
 */
void stop_exit_at_once(void);

#endif
