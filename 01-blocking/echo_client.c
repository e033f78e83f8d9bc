/*
 * Lesson 01: a blocking client. Sends a piece, waits for its echo, sends the next.
 *
 *     01-blocking/echo_client hello           sends "hello" and "\n", prints the echo
 *     01-blocking/echo_client < file          sends the file, prints its echo
 *     01-blocking/echo_client -w 2 hello      gives every call two seconds
 *
 * It sends a piece at a time because it can only do one thing: if it sent a large file
 * whole, the server would block sending the echo, which nobody reads, and stop reading.
 * Lesson 04 has a client that waits for both directions at once.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"

enum { PIECE_SIZE = 4096, MAX_WAIT_S = 86400, NAP_MS = 10, EXIT_USAGE = 2 };

static long wait_s; /* time limit for every call, 0: none */

static void usage(FILE *out)
{
    fprintf(out, "usage: %s [-h] [-a ADDRESS] [-p PORT] [-w SECONDS] [TEXT ...]\n",
            die_program());
}

static void help(void)
{
    usage(stdout);
    printf("  -a ADDRESS  the server's address or name (127.0.0.1)\n"
           "  -p PORT     its port (9001)\n"
           "  -w SECONDS  a time limit for every call (none)\n"
           "  TEXT        what to send; without it, standard input\n");
}

/*
 * A call on a blocking socket has failed. With a time limit the kernel reports its end as
 * EAGAIN, from connect as EINPROGRESS (SO_RCVTIMEO and SO_SNDTIMEO in socket(7)): what
 * means "not yet" to a non-blocking socket means "too late" here. Returns if the call is
 * to be made again.
 */
static void retry_or_die(enum io_call call, int error)
{
    enum io_verdict verdict = io_verdict(call, error);
    if (verdict == IO_RETRY_LATER)
        clock_nap(NAP_MS);
    if (verdict == IO_RETRY_NOW || verdict == IO_RETRY_LATER)
        return;
    if (verdict == IO_RETRY_WHEN_READY || verdict == IO_PENDING)
        die("%s: the time limit of %ld s struck", io_call_name(call), wait_s);
    if (verdict == IO_ERROR_MISTAKE)
        die_mistake(call, error);
    errno = error;
    die_errno("%s", io_call_name(call));
}

static int open_socket(const struct addrinfo *where)
{
    int fd = socket(where->ai_family, where->ai_socktype, where->ai_protocol);
    if (fd == -1)
        return -1;
    struct timeval limit = {.tv_sec = wait_s};
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (wait_s > 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1 ||
         setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == -1))
        die_errno("time limit");
    return fd;
}

/* One address: the connected socket, or -1 with errno. An interrupted connect goes on by
   itself, and a blocking program cannot wait for it: it begins again with a new socket.
 */
static int try_address(const struct addrinfo *where)
{
    for (;;) {
        int fd = open_socket(where);
        if (fd == -1 || connect(fd, where->ai_addr, where->ai_addrlen) == 0)
            return fd;
        int error = errno;
        close(fd);
        errno = error;
        if (error != EINTR)
            return -1;
    }
}

static int connect_to(const char *address, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    int problem = getaddrinfo(address, port, &hints, &found);
    if (problem != 0)
        die("%s: %s", address, gai_strerror(problem));
    int fd = -1;
    for (const struct addrinfo *a = found; a != NULL && fd == -1; a = a->ai_next)
        fd = try_address(a);
    int error = errno;
    freeaddrinfo(found);
    if (fd == -1 &&
        (error == EINPROGRESS || io_verdict(IO_CONNECT, error) == IO_ERROR_MISTAKE))
        retry_or_die(IO_CONNECT, error);
    errno = error;
    if (fd == -1)
        die_errno("%s:%s", address, port);
    return fd;
}

static void send_piece(int fd, const char *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, bytes + sent, size - sent, 0);
        if (n == -1)
            retry_or_die(IO_SEND, errno);
        else
            sent += (size_t)n;
    }
}

/* Prints the echo of `size` bytes: in as many pieces as it comes, a short read each. */
static void print_echo(int fd, size_t size)
{
    char bytes[PIECE_SIZE];
    while (size > 0) {
        ssize_t n = recv(fd, bytes, size < sizeof bytes ? size : sizeof bytes, 0);
        if (n == 0)
            die("the server closed the connection, %zu bytes of the echo are missing",
                size);
        if (n == -1) {
            retry_or_die(IO_RECV, errno);
            continue;
        }
        if (fwrite(bytes, 1, (size_t)n, stdout) < (size_t)n || fflush(stdout) == EOF)
            die_errno("stdout");
        size -= (size_t)n;
    }
}

static void echo_piece(int fd, const char *bytes, size_t size)
{
    send_piece(fd, bytes, size);
    print_echo(fd, size);
}

static void echo_words(int fd, char **words)
{
    for (; *words != NULL; words++) {
        echo_piece(fd, *words, strlen(*words));
        echo_piece(fd, words[1] != NULL ? " " : "\n", 1);
    }
}

static void echo_stdin(int fd)
{
    char piece[PIECE_SIZE];
    ssize_t n;
    while ((n = read(STDIN_FILENO, piece, sizeof piece)) != 0) {
        if (n > 0)
            echo_piece(fd, piece, (size_t)n);
        else if (errno != EINTR)
            die_errno("stdin");
    }
}

int main(int argc, char **argv)
{
    const char *address = "127.0.0.1", *port = "9001";
    int letter;
    die_set_program(argv[0]);
    while ((letter = getopt(argc, argv, "a:p:w:h")) != -1) {
        if (letter == 'h') {
            help();
            return EXIT_SUCCESS;
        }
        if (letter == 'a')
            address = optarg;
        if (letter == 'p')
            port = options_number(optarg, 1, 65535) == -1 ? NULL : optarg;
        if (letter == 'w')
            wait_s = options_number(optarg, 1, MAX_WAIT_S);
        if (letter == '?' || port == NULL || wait_s == -1) {
            if (letter != '?')
                warn("-%c: '%s' is not a number in range", letter, optarg);
            usage(stderr);
            return EXIT_USAGE;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    int fd = connect_to(address, port);
    if (optind < argc)
        echo_words(fd, argv + optind);
    else
        echo_stdin(fd);
    net_close(fd);
    return EXIT_SUCCESS;
}
