/*
 * chat_client: a person's end of the chat. `chat_client -h` and its /help say how.
 *
 * One poll loop over stdin and the socket, as in 04-poll/connect_client. While something
 * is owed to the server stdin is not read, but the socket always is: neither side can
 * wait for the other for ever, and memory stays bounded.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/io_status.h"
#include "../../common/net.h"
#include "../../common/options.h"
#include "buffer.h"
#include "json_reader.h"
#include "json_writer.h"
#include "lines.h"
#include "utf8.h"

enum {
    PIECE_SIZE = 16 * 1024,
    TYPED_MAX = 4096,          /* bytes of a typed line */
    TEXT_MAX = 1000,           /* bytes of what is said */
    REQUEST_MAX = 4096,        /* bytes of a line to the server */
    MESSAGE_MAX = 1024 * 1024, /* bytes of a line from the server */
    DEPTH_MAX = 8,             /* of its JSON */
    IDLE_MS = 60 * 1000,       /* the server drops a connection that idles for 300 s */
    NAP_MS = 10,
    EXIT_USAGE = 2
};

struct chat {
    int fd;
    struct buffer typed, request, out, in;
    struct json json;
    long long sent_ms; /* when something was sent last */
    bool skipping;     /* the typed line is too long: its rest is passed over */
    bool ended;        /* nothing more comes from stdin */
    bool lost;         /* the server takes nothing more */
};

static bool on_terminal; /* stdin and stdout both are: show a prompt */
static bool prompt_due;

/* ---- what the server says ---- */

/*
 * Shows text that others wrote. A control character could move the cursor, overwrite what
 * stands there, or make the terminal answer as if its user had typed: each is shown as
 * "?". U+0080 to U+009F are among them, because some terminals take U+009B for "ESC [".
 */
static void put_text(const char *bytes, size_t size)
{
    for (size_t i = 0, length; i<size; i += length> 0 ? length : 1) {
        const unsigned char *b = (const unsigned char *)bytes + i;
        length = utf8_length(bytes + i, size - i);
        if (length == 0 || b[0] < ' ' || b[0] == 0x7F || (b[0] == 0xC2 && b[1] < 0xA0))
            putchar('?');
        else
            fwrite(b, 1, length, stdout);
    }
}

/* Shows the time of day in a timestamp, of an array each element, of a user the emoji and
   the name. Nothing is shown for what is missing. */
static void put_value(const struct json_value *value, const char *name)
{
    if (value == NULL)
        return;
    if (value->type == JSON_STRING && strcmp(name, "timestamp") == 0 && value->size > 18)
        put_text(value->text + 11, 8);
    else if (value->type == JSON_STRING)
        put_text(value->text, value->size);
    if (value->type == JSON_OBJECT) {
        put_value(json_member(value, "emoji"), "emoji");
        putchar(' ');
        put_value(json_member(value, "user"), "user");
    }
    const struct json_value *element = value + 1;
    for (size_t i = 0; value->type == JSON_ARRAY && i < value->count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        put_value(element, name);
        element += element->span;
    }
}

/* On a terminal what is shown takes the place of a half-typed line. The terminal still
   has that line and goes on editing it. */
static void begin_line(void)
{
    if (on_terminal)
        fputs("\r\033[K", stdout);
    prompt_due = true;
}

/* In the format {name} stands for the message's member of that name. */
static void put_line(const char *format, const struct json_value *message)
{
    char name[16];
    begin_line();
    for (; *format != '\0'; format++) {
        if (*format != '{') {
            putchar(*format);
            continue;
        }
        size_t length = strcspn(++format, "}");
        snprintf(name, sizeof name, "%.*s", (int)length, format);
        put_value(json_member(message, name), name);
        format += length;
    }
    putchar('\n');
}

static void show_message(const struct json_value *message)
{
    static const char *const known[][2] = {
        {"chat", "[{room}] {emoji} {user} {timestamp}: {message}"},
        {"welcome", "* you are {id}, the rooms are {rooms}"},
        {"room_changed", "* you are in {room} now"},
        {"emoji_changed", "* your emoji is {emoji} now"},
        {"history", "* history of {room}:"},
        {"who", "* in {room}: {users}"},
        {"error", "! {message}"},
    };
    const char *format = "* {type}: {message}";
    const struct json_value *type = json_member(message, "type");
    for (size_t i = 0; type != NULL && i < sizeof known / sizeof known[0]; i++)
        if (json_is_text(type, known[i][0]))
            format = known[i][1];
    put_line(format, message);
    const struct json_value *old = json_member(message, "messages");
    if (old == NULL || old->type != JSON_ARRAY)
        return;
    const struct json_value *chat = old + 1;
    for (size_t i = 0; i < old->count; i++, chat += chat->span)
        if (chat->type == JSON_OBJECT)
            put_line(known[0][1], chat);
}

/* Ends the program on a line of its own. */
static _Noreturn void part(const char *why)
{
    begin_line();
    fflush(stdout);
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

/* False at the end of what the server sends. */
static bool receive(struct chat *c)
{
    char bytes[PIECE_SIZE];
    struct line line;
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n == -1 && !goes_on(IO_RECV, errno))
        part("the server closed the connection with a reset");
    if (n <= 0)
        return n != 0;
    enum lines_result result;
    buffer_add(&c->in, bytes, (size_t)n);
    while ((result = lines_next(&c->in, MESSAGE_MAX, &line)) == LINES_LINE) {
        if (!json_read(&c->json, line.text, line.size))
            part("the server sent a line that is not JSON");
        if (c->json.values->type != JSON_OBJECT)
            part("the server sent JSON that is not an object");
        show_message(c->json.values);
    }
    if (c->in.failed)
        part("no memory is left");
    if (result == LINES_TOO_LONG)
        part("the server sent a line that is too long");
    return true;
}

/* ---- what is typed ---- */

static const struct command {
    const char *name, *type, *member, *help;
} commands[] = {
    {"/join", "join_room", "room", "/join ROOM   go to another room"},
    {"/emoji", "set_emoji", "emoji", "/emoji X     choose the sign beside your name"},
    {"/who", "who", NULL, "/who         who is in this room?"},
    {"/history", "history", NULL, "/history     what was said in this room?"},
    {"/quit", NULL, NULL, "/quit        leave, as at the end of the input"},
    {"/help", NULL, NULL, "/help        show this"},
    {NULL, "chat", "text", "//TEXT       say TEXT with one slash in front"},
};

enum { NCOMMANDS = sizeof commands / sizeof commands[0], SAY = NCOMMANDS - 1 };

static void show_commands(void)
{
    for (size_t i = 0; i < NCOMMANDS; i++)
        printf("  %s\n", commands[i].help);
}

static bool is_utf8(const char *text, size_t size)
{
    size_t length = 1;
    for (size_t i = 0; i < size && length > 0; i += length)
        length = utf8_length(text + i, size - i);
    return length > 0;
}

/* Adds a request to what is owed. As JSON a text can be six times as long. */
static void ask(struct chat *c, const struct command *what, const char *text, size_t size)
{
    if (!is_utf8(text, size)) {
        warn("not sent: the text is not UTF-8");
        return;
    }
    buffer_clear(&c->request);
    json_put_open(&c->request, NULL, '{');
    json_put_text(&c->request, "type", what->type);
    if (what->member != NULL)
        json_put_string(&c->request, what->member, text, size);
    json_put_close(&c->request, '}');
    buffer_add_text(&c->request, "\n");
    if (size > TEXT_MAX)
        warn("not sent: the text has %zu bytes, over %d", size, TEXT_MAX);
    else if (buffer_size(&c->request) > REQUEST_MAX)
        warn("not sent: too many characters in the text need an escape");
    else
        buffer_add(&c->out, buffer_first(&c->request), buffer_size(&c->request));
    if (c->request.failed || c->out.failed)
        part("no memory is left");
}

/* The command with this name, or the last row, which has none. */
static const struct command *find_command(const char *name, size_t length)
{
    const struct command *c = commands;
    while (c->name != NULL &&
           (strlen(c->name) != length || memcmp(c->name, name, length) != 0))
        c++;
    return c;
}

static void obey(struct chat *c, const struct line *line)
{
    const char *text = line->text, *end = text + line->size;
    if (text[0] != '/' || text[1] == '/') {
        text += text[0] == '/';
        ask(c, &commands[SAY], text, (size_t)(end - text));
        return;
    }
    size_t length = strcspn(text, " ");
    const struct command *command = find_command(text, length);
    text += length;
    text += strspn(text, " ");
    while (end > text && end[-1] == ' ')
        end--;
    if (command->name == NULL)
        warn("not sent: there is no such command, /help lists them");
    else if ((command->member == NULL) != (text == end))
        warn("not sent, it is used like this: %s", command->help);
    else if (command->type != NULL)
        ask(c, command, text, (size_t)(end - text));
    else if (strcmp(command->name, "/help") == 0)
        show_commands();
    else
        c->ended = true;
}

static void obey_lines(struct chat *c)
{
    struct line line;
    while (!c->ended) {
        size_t max_size = c->skipping ? SIZE_MAX : TYPED_MAX;
        enum lines_result result = lines_next(&c->typed, max_size, &line);
        if (result == LINES_NONE)
            break;
        if (result == LINES_TOO_LONG)
            warn("not sent: the line is longer than %d bytes", TYPED_MAX);
        else if (!c->skipping)
            obey(c, &line);
        c->skipping = result == LINES_TOO_LONG;
    }
    if (!c->skipping)
        return;
    buffer_clear(
        &c->typed); /* An "x" stands for what is passed over until the line ends. */
    buffer_add_text(&c->typed, "x");
}

static void read_stdin(struct chat *c)
{
    char bytes[PIECE_SIZE];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n == -1 && io_verdict(IO_RECV, errno) >= IO_PENDING)
        die_errno("stdin");
    if (n == -1)
        return;
    if (n > 0)
        buffer_add(&c->typed, bytes, (size_t)n);
    else
        buffer_add_text(&c->typed, "\n"); /* the last line may have none */
    if (c->typed.failed)
        part("no memory is left");
    obey_lines(c);
    if (n == 0)
        c->ended = true;
    prompt_due = true;
}

/* ---- the loop ---- */

/* If the server has gone, what it said last is still to be read: receive finds the end.
 */
static void send_owed(struct chat *c)
{
    ssize_t n = send(c->fd, buffer_first(&c->out), buffer_size(&c->out), 0);
    if (n == -1 && !goes_on(IO_SEND, errno))
        c->lost = true;
    if (n > 0) {
        buffer_take(&c->out, (size_t)n);
        c->sent_ms = clock_now_ms();
    }
}

static void end_batch(const struct chat *c)
{
    if (on_terminal && prompt_due && !c->ended)
        fputs("> ", stdout);
    prompt_due = false;
    if (fflush(stdout) == EOF)
        die_errno("stdout");
}

/* How long until the server has to hear something, or -1 if that is no matter now. */
static int idle_left_ms(const struct chat *c)
{
    if (buffer_size(&c->out) > 0 || c->ended)
        return -1;
    long long left_ms = c->sent_ms + IDLE_MS - clock_now_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

/* Ends when the server has closed the connection. */
static void talk(struct chat *c)
{
    for (;;) {
        bool owes = buffer_size(&c->out) > 0, asks = !owes && !c->ended;
        if (c->ended && !owes)
            shutdown(c->fd, SHUT_WR); /* Again is no harm: it says the same. */
        struct pollfd p[] = {
            {.fd = c->fd, .events = (short)(POLLIN | (owes && !c->lost ? POLLOUT : 0))},
            {.fd = asks ? STDIN_FILENO : -1, .events = POLLIN},
        };
        if (poll(p, 2, idle_left_ms(c)) == -1) {
            die_unless_retry(IO_POLL);
            continue;
        }
        if (p[0].revents & (POLLIN | POLLERR | POLLHUP) && !receive(c))
            return;
        if (p[0].revents & POLLOUT && !c->lost)
            send_owed(c);
        if (p[1].revents != 0)
            read_stdin(c);
        if (idle_left_ms(c) == 0)
            buffer_add_text(&c->out, "\n"); /* The server ignores it, but not the byte. */
        end_batch(c);
    }
}

static void usage(FILE *to)
{
    fprintf(to, "usage: %s [-h] [HOST [PORT]]\n", die_program());
}

static void help(void)
{
    usage(stdout);
    printf("  HOST, PORT   the chat server (127.0.0.1 8888)\n"
           "What you type is said in the room you are in, but for these:\n");
    show_commands();
    printf(
        "Times are UTC. Where a message has displaced a half-typed line, the terminal\n"
        "still has that line: on most systems Ctrl-R shows it again.\n");
}

int main(int argc, char **argv)
{
    int letter;
    die_set_program(argv[0]);
    while ((letter = getopt(argc, argv, "h")) != -1) {
        if (letter == 'h') {
            help();
            return EXIT_SUCCESS;
        }
        usage(stderr);
        return EXIT_USAGE;
    }
    const char *host = optind < argc ? argv[optind] : "127.0.0.1";
    const char *port = optind + 1 < argc ? argv[optind + 1] : "8888";
    if (argc - optind > 2 || options_number(port, 1, 65535) == -1) {
        if (argc - optind <= 2)
            warn("'%s' is not a port, 1 to 65535", port);
        usage(stderr);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    struct chat c = {.fd = net_connect(host, port), .json.max_depth = DEPTH_MAX};
    if (c.fd == -1)
        die("%s:%s: %s", host, port, net_connect_problem());
    if (net_set_nonblocking(c.fd) == -1)
        die_errno("fcntl");
    on_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    c.sent_ms = clock_now_ms();
    talk(&c);
    if (!c.ended || buffer_size(&c.out) > 0 || buffer_size(&c.in) > 0)
        part("the server closed the connection");
    begin_line();
    return EXIT_SUCCESS;
}
