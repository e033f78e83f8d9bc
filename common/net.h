/* net: sockets that listen and sockets that were accepted. */
#ifndef NET_H
#define NET_H

#include <sys/socket.h>

enum { NET_TEXT_SIZE = 64 }; /* room for "[address]:port" of either family */

/*
 * Opens a TCP socket that listens on a numeric IPv4 or IPv6 address; port 0 takes a free
 * one. SO_REUSEADDR is set, so that a server can be started again while connections of
 * its last run are still in TIME_WAIT (socket(7)), and the backlog is as long as the
 * system allows. Returns the descriptor, in blocking mode, or -1 with errno: EINVAL if
 * the address is not numeric, or what socket(2), bind(2) or listen(2) say. Written out in
 * lesson 01.
 */
int net_listen(const char *address, int port);

/*
 * net_listen for a server's main: prints "listening on ADDRESS:PORT" on stdout and
 * flushes it, so that whoever started the server knows that clients may come. Dies on
 * failure.
 */
int net_listen_and_announce(const char *address, int port);

/*
 * Puts a descriptor into non-blocking mode. Returns 0, or -1 with errno (fcntl(2)).
 * Written out in lesson 02.
 */
int net_set_nonblocking(int fd);

/*
 * Accepts the next connection and readies it: non-blocking mode (Linux does not pass it
 * on from the listening socket, the BSDs do: accept(2)), close-on-exec, and TCP_NODELAY,
 * so that a small echo does not wait for the acknowledgement of the one before (tcp(7)).
 * Connections that died in the queue are passed over, 64 at most. Returns the descriptor,
 * or -1 with errno: EAGAIN if nobody waits; anything else (EMFILE, ENFILE, ENOMEM, a 64th
 * dead connection) asks the server to rest, see rest.h. A mistake ends the program.
 * Written out in lessons 01 and 02.
 */
int net_accept(int listen_fd);

/*
 * Closes a descriptor. It is closed whatever close(2) answers, so there is nothing to
 * be done about it, but for EBADF: closed twice is a mistake, and ends the program.
 * Written out in lesson 01.
 */
void net_close(int fd);

/*
 * Connects to a host, by name or address, and a numeric port: every address of the name
 * is tried in turn, and each may take as long as the system allows (connect(2)). Returns
 * a descriptor in blocking mode, close-on-exec and with TCP_NODELAY, or -1 with errno:
 * what connect(2) said of the last address, or EADDRNOTAVAIL if the name has none. Dies
 * of a mistake (io_status).
 * Written out in lesson 01.
 */
int net_connect(const char *host, const char *port);

/*
 * Why the last net_connect failed, in words, because errno has none for a name without an
 * address (gai_strerror(3)). To be asked at once, while errno stands.
 */
const char *net_connect_problem(void);

/*
 * Writes a socket address as "127.0.0.1:9003" or "[::1]:9003" into text, which has room
 * for NET_TEXT_SIZE bytes. Returns text.
 */
const char *net_address_text(const struct sockaddr *address, socklen_t length,
                             char *text);

#endif
