/*
 * serve: the blocking echo loop: recv, send until everything is sent, again.
 *
 * Both servers of this lesson run it, one client after another or one thread a client.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "../common/io_status.h"

/*
 * Sends every byte back to the client on this blocking socket until the client's end of
 * input or an error of its connection, then closes the socket. A mistake ends the
 * program.
 */
void serve_client(int fd);

/*
 * Sends size bytes, in as many sends as it takes: send may take fewer than it was given,
 * a short write (send(2)). Returns 0, or -1 with errno.
 */
int send_all(int fd, const char *bytes, size_t size);

/*
 * Says after a failed call whether to call it again. On a blocking socket the call itself
 * waits, so every retry is the same: call again, out of memory after a nap of 10 ms.
 * Returns false if the connection is over. A mistake ends the program.
 */
bool call_again(enum io_call call, int error);

#endif
