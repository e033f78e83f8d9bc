/*
 * chat_client: a person's end of the chat. `chat_client -h` and its /help say how.
 *
 * Run:   06-selectors-style/apps/chat_client
 *        printf 'hello\n/who\n' | 06-selectors-style/apps/chat_client
 * Read:  chat_typed.h and chat_screen.h, then this.
 *
 * One poll loop over stdin and the socket, as in 04-poll/connect_client. While something
 * is owed to the server stdin is not read, but the socket always is: neither side can
 * wait for the other for ever, and memory stays bounded.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/io_status.h"
#include "../../common/net.h"
#include "../../common/options.h"
#include "buffer.h"
#include "chat_screen.h"
#include "chat_typed.h"
#include "json_reader.h"
#include "lines.h"

enum {
    PIECE_SIZE = 16 * 1024,
    MAX_MESSAGE_SIZE = 1024 * 1024, /* a history of 100 messages fits */
    MAX_DEPTH = 8,
    NAP_MS = 10,
    EXIT_USAGE = 2
};

struct chat {
    int fd;
    struct chat_typed typed;
    struct buffer out, in;
    struct json json;
    long long idle_ms; /* after so long the server has to hear something */
    long long sent_ms; /* when something was sent last */
    bool lost;         /* the server takes nothing more */
};

/* Ends the program on a line of its own. */
static _Noreturn void part(const char *why)
{
    chat_screen_begin_line();
    chat_screen_flush(false);
    die("%s", why);
}

/* False if the connection is over. */
static bool goes_on(enum io_call call, int error)
{
    enum io_verdict verdict = io_verdict(call, error);
    if (verdict == IO_ERROR_MISTAKE)
        die_mistake(call, error);
    if (verdict == IO_RETRY_LATER || verdict == IO_ERROR_BACK_OFF)
        clock_nap(NAP_MS);
    return verdict != IO_ERROR_CONNECTION;
}

static void show_lines(struct chat *c)
{
    struct line line;
    enum lines_result result;
    while ((result = lines_next(&c->in, MAX_MESSAGE_SIZE, &line)) == LINES_LINE) {
        if (!json_read(&c->json, line.text, line.size))
            part("the server sent a line that is not JSON");
        if (c->json.values->type != JSON_OBJECT)
            part("the server sent JSON that is not an object");
        chat_screen_show(c->json.values);
    }
    if (result == LINES_TOO_LONG)
        part("the server sent a line that is too long");
}

/* False at the end of what the server sends. */
static bool receive(struct chat *c)
{
    char bytes[PIECE_SIZE];
    ssize_t nread = recv(c->fd, bytes, sizeof bytes, 0);
    if (nread == -1 && !goes_on(IO_RECV, errno))
        part("the server closed the connection with a reset");
    if (nread <= 0)
        return nread != 0;
    buffer_add(&c->in, bytes, (size_t)nread);
    if (c->in.failed)
        part("no memory is left");
    show_lines(c);
    return true;
}

/* If the server has gone, what it said last is still to be read: receive finds
   the end. */
static void send_owed(struct chat *c)
{
    ssize_t nsent = send(c->fd, buffer_first(&c->out), buffer_size(&c->out), 0);
    if (nsent == -1 && !goes_on(IO_SEND, errno))
        c->lost = true;
    if (nsent > 0) {
        buffer_take(&c->out, (size_t)nsent);
        c->sent_ms = clock_now_ms();
    }
}

static bool owes(const struct chat *c)
{
    return buffer_size(&c->out) > 0;
}

/* How long until an empty line is due, so that the server does not take us for gone; -1
   if that is no matter now. */
static int idle_left_ms(const struct chat *c)
{
    if (owes(c) || c->typed.ended)
        return -1;
    long long left_ms = c->sent_ms + c->idle_ms - clock_now_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

/* Waits once and does what there is to do. False when the server has ended. */
static bool take_turn(struct chat *c)
{
    short socket_events = POLLIN;
    if (owes(c) && !c->lost)
        socket_events |= POLLOUT;
    bool asks = !owes(c) && !c->typed.ended;
    struct pollfd p[] = {
        {.fd = c->fd, .events = socket_events},
        {.fd = asks ? STDIN_FILENO : -1, .events = POLLIN}, /* -1: poll passes it over */
    };
    if (poll(p, 2, idle_left_ms(c)) == -1) {
        die_unless_retry(IO_POLL);
        return true;
    }
    if ((p[0].revents & (POLLIN | POLLERR | POLLHUP)) && !receive(c))
        return false;
    if ((p[0].revents & POLLOUT) && !c->lost)
        send_owed(c);
    if (p[1].revents != 0) {
        chat_typed_read(&c->typed, &c->out);
        chat_screen_want_prompt();
    }
    if (idle_left_ms(c) == 0)
        buffer_add_text(&c->out, "\n"); /* the server passes an empty line over */
    return true;
}

/* Until the server has ended. It is told our own end once nothing is owed to it, and
   then still has the answers to send. */
static void talk(struct chat *c)
{
    bool told = false;
    while (take_turn(c)) {
        chat_screen_flush(!c->typed.ended);
        if (c->typed.ended && !owes(c) && !told)
            told = shutdown(c->fd, SHUT_WR) == 0 || errno == ENOTCONN;
    }
    if (!told || buffer_size(&c->in) > 0)
        part("the server closed the connection");
    chat_screen_begin_line();
}

static void print_usage(FILE *to)
{
    fprintf(to, "usage: %s [-h] [-k SECONDS] [HOST [PORT]]\n", die_program());
}

static void print_help(void)
{
    print_usage(stdout);
    printf("  -h           this help\n"
           "  -k SECONDS   send an empty line after so long without another (60)\n"
           "  HOST, PORT   the chat server (127.0.0.1 8888)\n"
           "What you type is said in the room you are in, but for these:\n");
    chat_typed_show_commands();
    printf(
        "Times are UTC. Where a message has displaced a half-typed line, the terminal\n"
        "still has that line: on most systems Ctrl-R shows it again.\n");
}

static _Noreturn void exit_with_usage(void)
{
    print_usage(stderr);
    exit(EXIT_USAGE);
}

/* A number of the command line, from 1. */
static long number(const char *text, long most, const char *what)
{
    long value = options_number(text, 1, most);
    if (value == -1) {
        warn("'%s' is not a %s, 1 to %ld", text, what, most);
        exit_with_usage();
    }
    return value;
}

static void read_options(struct chat *c, int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "hk:")) != -1) {
        if (letter == 'h') {
            print_help();
            exit(EXIT_SUCCESS);
        }
        if (letter != 'k')
            exit_with_usage();
        c->idle_ms = number(optarg, 86400, "number of seconds") * 1000LL;
    }
    if (argc - optind > 2)
        exit_with_usage();
}

static int connect_to(const char *host, const char *port)
{
    number(port, 65535, "port");
    int fd = net_connect(host, port);
    if (fd == -1)
        die("%s:%s: %s", host, port, net_connect_problem());
    if (net_set_nonblocking(fd) == -1)
        die_errno("fcntl");
    return fd;
}

int main(int argc, char **argv)
{
    struct chat c = {.idle_ms = 60 * 1000LL, .json.max_depth = MAX_DEPTH};
    die_set_program(argv[0]);
    signal(SIGPIPE, SIG_IGN);
    read_options(&c, argc, argv);
    c.fd = connect_to(optind < argc ? argv[optind] : "127.0.0.1",
                      optind + 1 < argc ? argv[optind + 1] : "8888");
    c.sent_ms = clock_now_ms();
    chat_screen_open();
    talk(&c);
    net_close(c.fd);
    chat_typed_free(&c.typed);
    buffer_free(&c.out);
    buffer_free(&c.in);
    json_free(&c.json);
    return EXIT_SUCCESS;
}
