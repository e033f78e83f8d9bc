/*
 * Lesson 04: the non-blocking connect, and a client that waits for two things at once.
 *
 *     04-poll/connect_client localhost 9004           a line you type comes back
 *     04-poll/connect_client localhost 9004 < file    sends the file, prints the answer
 *     04-poll/connect_client -v -w 2 localhost 9004   tells each step, 2 s an address
 *
 * connect in non-blocking mode answers EINPROGRESS: pending. The socket becomes writable
 * when the attempt has ended, and SO_ERROR, read once, says how. A name can have several
 * addresses; each is tried. After that one poll loop waits for stdin and for the socket.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"

enum { BUFFER_SIZE = 16 * 1024, MAX_WAIT_S = 86400, NAP_MS = 10, EXIT_USAGE = 2 };

static long wait_s = 5; /* time limit for each address */
static bool verbose;

/* ---- connect ---- */

/* Waits until the socket is writable or the deadline has passed: then errno
   is ETIMEDOUT. */
static int wait_for_end(int fd)
{
    long long deadline_ms = clock_now_ms() + wait_s * 1000;
    for (;;) {
        long long left_ms = deadline_ms - clock_now_ms();
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        int nready = poll(&p, 1, left_ms > 0 ? (int)left_ms : 0);
        if (nready == 1)
            return 0;
        if (nready == -1)
            die_unless_retry(IO_POLL);
        else if (left_ms <= 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
}

/* Completes a pending connect: 0, or -1 with the errno that it ended with. Reading
   SO_ERROR clears it, so it is read once (socket(7)). */
static int finish_connect(int fd)
{
    int error;
    socklen_t length = sizeof error;
    if (wait_for_end(fd) == -1)
        return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == -1)
        return -1;
    errno = error;
    return error == 0 ? 0 : -1;
}

static void tell(const struct addrinfo *where, const char *what)
{
    char text[NET_TEXT_SIZE];
    if (verbose)
        warn("%s: %s", net_address_text(where->ai_addr, where->ai_addrlen, text), what);
}

/* One attempt on a new socket. EINTR is pending like EINPROGRESS: the attempt goes on,
   and to call connect again would be answered EALREADY (connect in POSIX.1-2008). */
static int try_connect(int fd, const struct addrinfo *where)
{
    if (connect(fd, where->ai_addr, where->ai_addrlen) == 0)
        return 0;
    const struct io_status *status = io_status(IO_CONNECT, errno);
    if (status->verdict == IO_ERROR_MISTAKE)
        die_mistake(IO_CONNECT, errno);
    if (status->verdict != IO_PENDING)
        return -1;
    tell(where, "pending, waiting until the socket is writable");
    return finish_connect(fd);
}

static int try_address(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    if (fd == -1)
        return -1;
    if (net_set_nonblocking(fd) == 0 && try_connect(fd, where) == 0) {
        tell(where, "connected");
        return fd;
    }
    const struct io_status *status = io_status(IO_CONNECT, errno);
    tell(where, status->reason);
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    int problem = getaddrinfo(host, port, &hints, &found);
    if (problem != 0)
        die("%s: %s", host, gai_strerror(problem));
    int fd = -1;
    for (const struct addrinfo *a = found; a != NULL && fd == -1; a = a->ai_next)
        fd = try_address(a);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    if (fd == -1)
        die_errno("%s:%s", host, port);
    return fd;
}

/* ---- stdin to the socket, the socket to stdout ---- */

struct outgoing {
    size_t start, end; /* bytes [start, end) were read from stdin and are to be sent */
    bool ended;        /* stdin has ended */
    char bytes[BUFFER_SIZE];
};

static void read_stdin(struct outgoing *out)
{
    ssize_t n = read(STDIN_FILENO, out->bytes, sizeof out->bytes);
    if (n == -1 && io_verdict(IO_RECV, errno) < IO_PENDING)
        return;
    if (n == -1)
        die_errno("stdin");
    out->start = 0;
    out->end = (size_t)n;
    out->ended = n == 0;
}

static void send_outgoing(int fd, struct outgoing *out)
{
    ssize_t n = send(fd, out->bytes + out->start, out->end - out->start, 0);
    if (n >= 0)
        out->start += (size_t)n;
    else if (io_verdict(IO_SEND, errno) == IO_RETRY_LATER)
        clock_nap(NAP_MS); /* poll would say "writable" at once */
    else if (io_verdict(IO_SEND, errno) >= IO_ERROR_CONNECTION)
        die_errno("send");
}

static void write_stdout(const char *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, stdout) < size || fflush(stdout) == EOF)
        die_errno("stdout");
}

/* False at the end of what the server sends. */
static bool receive(int fd)
{
    char bytes[BUFFER_SIZE];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    if (n > 0)
        write_stdout(bytes, (size_t)n);
    if (n == -1 && io_verdict(IO_RECV, errno) >= IO_ERROR_CONNECTION)
        die_errno("recv");
    return n != 0;
}

static void talk(int fd)
{
    static struct outgoing out;
    for (;;) {
        bool owes = out.start < out.end;
        bool asks = !owes && !out.ended;
        struct pollfd p[] = {
            {.fd = fd, .events = (short)(POLLIN | (owes ? POLLOUT : 0))},
            {.fd = asks ? STDIN_FILENO : -1, .events = POLLIN}, /* -1 is passed over */
        };
        if (poll(p, 2, -1) == -1) {
            die_unless_retry(IO_POLL);
            continue;
        }
        if (p[0].revents & (POLLIN | POLLERR | POLLHUP) && !receive(fd))
            break;
        if (owes && p[0].revents & POLLOUT)
            send_outgoing(fd, &out);
        if (p[1].revents != 0) {
            read_stdin(&out);
            if (out.ended)
                shutdown(fd, SHUT_WR);
        }
    }
    if (out.start < out.end)
        die("the server closed the connection, %zu bytes were not sent",
            out.end - out.start);
}

static void usage(FILE *to)
{
    fprintf(to, "usage: %s [-hv] [-w SECONDS] HOST PORT\n", die_program());
}

int main(int argc, char **argv)
{
    int letter;
    die_set_program(argv[0]);
    while ((letter = getopt(argc, argv, "hvw:")) != -1) {
        if (letter == 'h') {
            usage(stdout);
            printf("  -w SECONDS  a time limit for each address of HOST (5)\n"
                   "  -v          tell each step on stderr\n");
            return EXIT_SUCCESS;
        }
        if (letter == 'v')
            verbose = true;
        if (letter == 'w' && (wait_s = options_number(optarg, 1, MAX_WAIT_S)) == -1)
            warn("-w: '%s' is not a number of seconds", optarg);
        if (letter == '?' || wait_s == -1) {
            usage(stderr);
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 2 || options_number(argv[optind + 1], 1, 65535) == -1) {
        if (argc - optind == 2)
            warn("'%s' is not a port, 1 to 65535", argv[optind + 1]);
        usage(stderr);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    int fd = connect_to(argv[optind], argv[optind + 1]);
    talk(fd);
    net_close(fd);
    return EXIT_SUCCESS;
}
