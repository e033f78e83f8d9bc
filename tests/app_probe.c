/*
 * app_probe: plays crowds and bad company to the applications of lesson 06.
 *
 *     tests/app_probe -p 8888 cuts chat
 *     tests/app_probe -p 8888 -s 4711 crowd 1000 2000
 *
 * Status 0: the server held; 1: it did not, and one line says what was expected, what was
 * seen, and where, seed and position included, so that it can be seen again; 2: wrong
 * arguments. Without arguments it lists what it can play.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../06-selectors-style/apps/buffer.h"
#include "../06-selectors-style/apps/json_reader.h"

enum {
    EXIT_USAGE = 2,
    PATIENCE_MS = 10000, /* for one thing to come */
    RUN_LIMIT_S = 120,
    WARM_UPS = 100,  /* conversations after which a room's history is full */
    MULTI_CUTS = 30, /* conversations in many pieces */
    BURST = 20,      /* messages that a ticker's client has free */
    MAX_DEPTH = 16,  /* of JSON that a server reads */
    SLOTS = 8,       /* clients of `vanish` at once */
    WINDOW = 64,     /* messages said in a crowd and not heard by all */
    HEADER_SIZE = 6, /* of a frame */
    MAX_PAYLOAD = 1 << 20,
    RECV_SIZE = 65536,
    MAX_TICKS = 100
};

struct app {
    const char *name;
    const char *talk; /* a conversation; ' stands for " */
    size_t talk_size;
    size_t greetings;     /* lines that a client gets on joining */
    const char *away;     /* what takes it out of the others' sight */
    const char *look;     /* shows the state and changes nothing */
    const char *requests; /* the types that it knows, */
    const char *answers;  /* and those of its answers */
    bool limited;         /* in how many messages are taken at once */
};

struct conn {
    int fd;
    const struct app *app;
    struct buffer in;
};

struct text {
    char *bytes; /* NULL for the end of the server's output */
    size_t size;
};

static const char error_codes[] = " bad_json bad_message unknown_type unknown_room "
                                  "unknown_symbol rate_limited ";
static in_port_t port;
static long server_pid;
static pid_t flooder; /* 0: none */
static uint64_t random_state;
static char where[160]; /* what is played just now, seed and position */

/* ---- the conversations ---- */

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X320 X64 X64 X64 X64 X64 /* too long a line for a server with -l 256 */

static const char chat_talk[] =
    "{'type':'chat','text':'hello'}\n\n\r\n{'type':'set_emoji','emoji':'🦀'}\r\n"
    "{'type':'chat','text':'\\u00e9 é \\ud83d\\ude00 🚀 \\n\\\\'}\n{'type':'history'}\n"
    "{'type':'join_room','room':'gaming'}\n {'text' : '日本', 'type' : 'chat'} \r\n"
    "{'type':'who'}\n{'type':'history'}\n{'type':'chat','text':''}\n{'type':'chat'\n}\n"
    "{'type':'join_room','room':'attic'}\n{'type':'dance'}\n[1]\n{'type':7}\n\xff\n"
    "{'type':'set_emoji','emoji':'\\ud83d'}\n{'type':'join_room','room':'general'}\n"
    "{'type':'who'}\n" X320 "\n{'type':'who'}\n";

static const char game_talk[] =
    "{'type':'move','dx':1,'dy':-1}\n{'type':'score','points':5}\r\n\n\r\n{'type':'move'}"
    "\n"
    "{'dy':7e0,'type':'\\u006dove'}\n{'type':'score'}\n{'type':'move','dx':1,'dy':0.5}\n"
    " {'type' : 'move', 'dx' : "
    "1000001}\n{'type':'fly','🚀':'é'}\nnull\n{'type':'move'\n}\n"
    "{'type':'score','points':-1000000}\n{'type':'score','points':'5'}\n\xff\n" X320
    "\n{'type':'move'}\n";

static const char ticker_talk[] =
    "{'type':'subscribe','symbols':['AAPL','TSLA']}\n\n\r\n{'type':'subscribe'}\r\n"
    "{'type':'unsubscribe','symbols':['\\u0054SLA']}\n"
    "{'type':'subscribe','symbols':['MSFT','🍎']}\n{'type':'subscribe','symbols':[1]}\n"
    "{'type':'history','symbol':'AAPL','count':20}\n{'type':'history','symbol':'AAPL'}\n"
    "{'type':'history','symbol':'AAPL','count':101}\n{'type':'buy'}\n\xff\n{'type'\n"
    "{'type':'alert','symbol':'AAPL','above':155.5}\n{'type':'alert','symbol':'IBM'}\n"
    "{'type' : 'alert' , 'symbol':'AMZN','below':1}\n"
    "{'type':'unsubscribe','symbols':[]}\n" X320 "\n{'type':'buy'}\n";

static const char binary_talk[] =
    "\0\0\0\5\0\1hello\0\0\0\0\0\2\0\0\0\4\0\3🚀\0\0\0\7\0\4\0\0\0\1\0\1x"
    "\0\0\1\100\0\2" X320 "\0\0\0\2\377\377\r\n\0\0\0\1\0\0y\0\20\0\1\0\1xxxxxxxx";

static const struct app apps[] = {
    {"chat", chat_talk, sizeof chat_talk - 1, 1, "{'type':'join_room','room':'tech'}\n",
     "{'type':'who'}\n", " chat join_room set_emoji history who ",
     " chat room_changed emoji_changed history who ", false},
    {"game", game_talk, sizeof game_talk - 1, 2, NULL, "{'type':'move'}\n",
     " move score ", " state ", false},
    {"ticker", ticker_talk, sizeof ticker_talk - 1, 1, NULL,
     "{'type':'subscribe','symbols':[]}\n", " subscribe unsubscribe history alert ",
     " snapshot history alert_set ", true},
    {"binary", binary_talk, sizeof binary_talk - 1, .limited = false},
};

/* ---- time, chance and complaints ---- */

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "app_probe: %s: ", where);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    if (flooder > 0)
        kill(flooder, SIGKILL);
    exit(EXIT_FAILURE);
}

static void run_limit_struck(int signal_number)
{
    static const char text[] = "app_probe: the whole run took too long\n";
    (void)signal_number;
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    if (flooder > 0)
        kill(flooder, SIGKILL);
    _exit(EXIT_FAILURE);
}

/* splitmix64 (Steele, Lea and Flood 2014): below(n) is one of 0 to n - 1. */
static uint64_t below(uint64_t n)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % n;
}

/* ---- connections ---- */

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void wait_for(int fd, short events, const char *what)
{
    double deadline_ms = now_ms() + PATIENCE_MS;
    struct pollfd p = {.fd = fd, .events = events};
    while (poll(&p, 1, 50) != 1)
        if (now_ms() > deadline_ms)
            fail("expected %s, waited in vain", what);
}

static void conn_open(struct conn *c, const struct app *app)
{
    int on = 1, error = 0;
    socklen_t length = sizeof error;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *c = (struct conn){.fd = socket(AF_INET, SOCK_STREAM, 0), .app = app};
    if (c->fd == -1)
        fail("socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0)
        return;
    if (errno != EINPROGRESS && errno != EINTR)
        fail("connect: %s", strerror(errno));
    wait_for(c->fd, POLLOUT, "a connection");
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0)
        fail("connect: %s", strerror(error));
}

static void conn_close(struct conn *c)
{
    close(c->fd);
    buffer_free(&c->in);
    c->fd = -1;
}

static void conn_reset(struct conn *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    conn_close(c);
}

static void conn_send(const struct conn *c, const char *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(c->fd, bytes + sent, size - sent, 0);
        if (n >= 0)
            sent += (size_t)n;
        else if (!would_block())
            fail("could not send: %s", strerror(errno));
        else
            wait_for(c->fd, POLLOUT, "the server to read");
    }
}

/* Sends a text in which ' stands for ". */
static void conn_tell(const struct conn *c, const char *text)
{
    char bytes[128];
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i];
    conn_send(c, bytes, size);
}

/* Receives what is there. Returns its size, 0 for the end, -1 if there is nothing. */
static ssize_t conn_peek(struct conn *c)
{
    static char bytes[RECV_SIZE];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
    if (n == -1 && !would_block())
        fail("could not receive: %s", strerror(errno));
    if (n > 0)
        buffer_add(&c->in, bytes, (size_t)n);
    return n;
}

/* The size of the line or frame in front of what came, 0 if none is whole. */
static size_t conn_whole(const struct conn *c)
{
    size_t size = buffer_size(&c->in);
    if (size == 0)
        return 0;
    const char *first = buffer_first(&c->in);
    if (c->app->requests != NULL) {
        const char *newline = memchr(first, '\n', size);
        return newline != NULL ? (size_t)(newline - first) + 1 : 0;
    }
    size_t payload = 0;
    for (int i = 0; i < 4 && size >= HEADER_SIZE; i++)
        payload = payload << 8 | (unsigned char)first[i];
    return size >= HEADER_SIZE + payload && size >= HEADER_SIZE ? HEADER_SIZE + payload
                                                                : 0;
}

/* The next line, with a NUL in place of its end, or the next frame, whole. */
static struct text conn_hear(struct conn *c)
{
    size_t size;
    while ((size = conn_whole(c)) == 0) {
        wait_for(c->fd, POLLIN, "an answer");
        if (conn_peek(c) != 0)
            continue;
        if (buffer_size(&c->in) > 0)
            fail("expected a whole answer, saw the end after %zu bytes of one",
                 buffer_size(&c->in));
        return (struct text){NULL, 0};
    }
    char *bytes = buffer_take(&c->in, size);
    if (c->app->requests != NULL)
        bytes[--size] = '\0';
    return (struct text){bytes, size};
}

/* Ends its own output and receives all until the server's. */
static void conn_finish(struct conn *c)
{
    ssize_t n;
    shutdown(c->fd, SHUT_WR);
    while ((n = conn_peek(c)) != 0)
        if (n == -1)
            wait_for(c->fd, POLLIN, "the end of the answers");
}

static void must_be_quiet(struct conn *c)
{
    ssize_t n = buffer_size(&c->in) > 0 ? 1 : conn_peek(c);
    if (n == 0)
        fail("expected silence, saw the end");
    if (n > 0)
        fail("expected silence, saw '%.*s'", (int)buffer_size(&c->in),
             buffer_first(&c->in));
}

/* ---- what an answer has to be ---- */

enum verdict { ANSWERED, REFUSED, RATE_LIMITED };

/* Reads a copy, because escapes are undone in place. */
static const struct json_value *read_json(struct text text)
{
    static struct json json = {.max_depth = MAX_DEPTH};
    static struct buffer copy;
    buffer_clear(&copy);
    buffer_add(&copy, text.bytes, text.size);
    buffer_add(&copy, "", 1);
    return json_read(&json, buffer_first(&copy), text.size) ? json.values : NULL;
}

/* Is this value a string, and one of the words of the list? */
static bool is_listed(const char *list, const struct json_value *value)
{
    char word[32];
    if (value == NULL || value->type != JSON_STRING || value->size > 20 ||
        memchr(value->text, ' ', value->size) != NULL)
        return false;
    snprintf(word, sizeof word, " %.*s ", (int)value->size, value->text);
    return strlen(word) == value->size + 2 && strstr(list, word) != NULL;
}

/* The code with which a line has to be refused whatever the server's state, or NULL. */
static const char *due_code(const struct app *app, struct text line)
{
    const struct json_value *message = read_json(line);
    if (message == NULL)
        return "bad_json";
    const struct json_value *type =
        message->type == JSON_OBJECT ? json_member(message, "type") : NULL;
    if (type == NULL || type->type != JSON_STRING)
        return "bad_message";
    return is_listed(app->requests, type) ? NULL : "unknown_type";
}

/* An answer is strict JSON and of a documented type; an error has the code that is due. */
static enum verdict judge(const struct app *app, struct text answer, const char *due)
{
    static const char start[] = "{\"type\":\"";
    if (answer.bytes == NULL)
        fail("expected an answer, saw the end");
    const struct json_value *object = read_json(answer);
    if (object == NULL || strncmp(answer.bytes, start, sizeof start - 1) != 0)
        fail("expected a JSON object, saw '%s'", answer.bytes);
    if (due == NULL && is_listed(app->answers, json_member(object, "type")))
        return ANSWERED;
    const struct json_value *code = json_member(object, "code");
    const struct json_value *message = json_member(object, "message");
    bool sound = json_is_text(json_member(object, "type"), "error") &&
                 is_listed(error_codes, code) && message != NULL &&
                 message->type == JSON_STRING;
    if (sound && app->limited && json_is_text(code, "rate_limited"))
        return RATE_LIMITED;
    bool expected = due != NULL ? sound && json_is_text(code, due)
                                : sound && !json_is_text(code, "bad_json") &&
                                      !json_is_text(code, "unknown_type");
    if (!expected)
        fail("expected %s, saw '%s'", due != NULL ? due : "a documented answer",
             answer.bytes);
    return REFUSED;
}

/* Joins, and reads what everybody is greeted with. */
static void join(struct conn *c, const struct app *app)
{
    conn_open(c, app);
    for (size_t i = 0; i < app->greetings; i++)
        if (conn_hear(c).bytes == NULL)
            fail("expected a greeting, saw the end");
}

/* A round trip of a client that the others neither hear nor disturb. Whatever was sent
   before by anyone has been read by then, and answered, after two of them for sure: the
   server takes all that is ready in one batch, but accepts a client in a batch before. */
static void poke(struct conn *watcher)
{
    const struct app *app = watcher->app;
    if (app->requests == NULL) {
        conn_send(watcher, "\0\0\0\1\0\1x", HEADER_SIZE + 1);
        if (conn_hear(watcher).size != HEADER_SIZE + 12)
            fail("expected a frame for the watcher, saw another or the end");
        return;
    }
    conn_tell(watcher, "{}\n");
    struct text answer = conn_hear(watcher);
    while (answer.bytes != NULL &&
           strncmp(answer.bytes, "{\"type\":\"state\"", 15) == 0) {
        judge(app, answer, NULL);
        answer = conn_hear(watcher);
    }
    judge(app, answer, "bad_message");
}

static void watch(struct conn *watcher, const struct app *app)
{
    join(watcher, app);
    if (app->away == NULL)
        return;
    conn_tell(watcher, app->away);
    judge(app, conn_hear(watcher), NULL);
}

/* Ids and timestamps differ by nature. Returns the size of what is left. */
static size_t normalise(char *bytes, size_t size)
{
    static const char stamp[] = "\"timestamp\":\"YYYY-MM-DDThh:mm:ss.mmmZ\"";
    size_t left = 0;
    for (size_t i = 0; i < size;) {
        if (size - i >= sizeof stamp && memcmp(bytes + i, stamp, 13) == 0)
            i += sizeof stamp - 1;
        bytes[left++] = bytes[i++];
        if (bytes[left - 1] == '_')
            while (i < size && bytes[i] >= '0' && bytes[i] <= '9')
                i++;
    }
    return left;
}

/* ---- cuts ---- */

/* Plays the conversation: the first piece has this many bytes, further ones 1 to most at
   random or, if that is 0, all that is left. What came back until the end is in c->in. */
static struct text play(struct conn *c, struct conn *watcher, size_t piece, size_t most)
{
    const struct app *app = watcher->app;
    conn_open(c, app);
    for (size_t done = 0; done < app->talk_size;) {
        conn_send(c, app->talk + done, piece);
        done += piece;
        for (int i = 0; i < 2 && done < app->talk_size; i++)
            poke(watcher);
        size_t left = app->talk_size - done, next = most > 0 ? 1 + below(most) : left;
        piece = next < left ? next : left;
    }
    conn_finish(c);
    char *bytes = buffer_first(&c->in);
    return (struct text){bytes, normalise(bytes, buffer_size(&c->in))};
}

static void compare(struct text expected, struct text seen)
{
    enum { BEFORE = 40, SHOWN = 80 };
    size_t i = 0, most = expected.size < seen.size ? expected.size : seen.size;
    while (i < most && expected.bytes[i] == seen.bytes[i])
        i++;
    if (i == expected.size && i == seen.size)
        return;
    size_t from = i < BEFORE ? 0 : i - BEFORE;
    size_t size = expected.size - from, other = seen.size - from;
    fail("answers differ at byte %zu: expected '%.*s', saw '%.*s'", i,
         (int)(size < SHOWN ? size : SHOWN), expected.bytes + from,
         (int)(other < SHOWN ? other : SHOWN), seen.bytes + from);
}

static void run_cuts(const struct app *app, uint64_t seed)
{
    static const size_t pieces[] = {1, 2, 5, 20, 100};
    struct conn watcher, whole = {.fd = -1}, c;
    struct text expected = {NULL, 0};
    watch(&watcher, app);
    for (int i = 0; i < WARM_UPS; i++) {
        if (whole.fd != -1)
            conn_close(&whole);
        expected = play(&whole, &watcher, app->talk_size, 0);
    }
    for (size_t at = 1; at <= app->talk_size; at++) {
        snprintf(where, sizeof where, "cuts %s: cut at byte %zu", app->name, at);
        compare(expected, play(&c, &watcher, at, 0));
        conn_close(&c);
    }
    for (uint64_t i = 0; i < MULTI_CUTS; i++) {
        snprintf(where, sizeof where, "cuts %s: seed %llu, many cuts no. %llu", app->name,
                 (unsigned long long)seed, (unsigned long long)i);
        random_state = seed + i;
        compare(expected, play(&c, &watcher, 1, pieces[i % 5]));
        conn_close(&c);
    }
    conn_close(&whole);
    conn_close(&watcher);
    printf("%s: %zu bytes, cut at each and %d times at many: %zu bytes of answers\n",
           app->name, app->talk_size, MULTI_CUTS, expected.size);
}

/* ---- garbage ---- */

static const char *one_of(const char *const *words)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    return words[below(count)];
}

static const char *const values[] = {"null",
                                     "true",
                                     "-0",
                                     "1e400",
                                     "0.5",
                                     "5",
                                     "1000001",
                                     "\"\"",
                                     "\"hi\"",
                                     "\"AAPL\"",
                                     "\"general\"",
                                     "\"🦀\"",
                                     "\"\\ud83d\\ude00\\u0000\"",
                                     "[\"AAPL\",\"TSLA\"]",
                                     "\"\\ud83d\"",
                                     "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
                                     NULL};
static const char *const names[] = {
    "\"type\":",  "\"text\":",  "\"room\":", "\"emoji\":", "\"symbols\":", "\"symbol\":",
    "\"count\":", "\"above\":", "\"dx\":",   "\"dy\":",    "\"points\":",  NULL};
static const char *const types[] = {
    "\"chat\"",  "\"join_room\"", "\"set_emoji\"",   "\"history\"", "\"who\"", "\"move\"",
    "\"score\"", "\"subscribe\"", "\"unsubscribe\"", "\"alert\"",   "7",       NULL};

static void add_value(struct buffer *out, int depth)
{
    bool object = below(2) == 0;
    if (depth == 0 || below(4) > 0) {
        buffer_add_text(out, one_of(values));
        return;
    }
    buffer_add_text(out, object ? "{" : "[");
    for (uint64_t left = below(4); left > 0; left--) {
        if (object)
            buffer_add_text(out, one_of(names));
        add_value(out, depth - 1);
        if (left > 1)
            buffer_add_text(out, ",");
    }
    buffer_add_text(out, object ? "}" : "]");
}

static void add_message(struct buffer *out)
{
    buffer_add_text(out, "{\"type\":");
    buffer_add_text(out, one_of(types));
    for (uint64_t left = below(4); left > 0; left--) {
        buffer_add_text(out, ",");
        buffer_add_text(out, one_of(names));
        add_value(out, 3);
    }
    buffer_add_text(out, "}");
}

/* A line of the conversation, damaged in up to three places. */
static void add_damaged(struct buffer *out, const struct app *app)
{
    size_t start = below(app->talk_size), end = start;
    while (start > 0 && app->talk[start - 1] != '\n')
        start--;
    while (app->talk[end] != '\n')
        end++;
    buffer_add(out, app->talk + start, end - start);
    for (uint64_t left = below(4); left > 0 && buffer_size(out) > 1; left--) {
        size_t at = below(buffer_size(out) - 1);
        char *byte = buffer_first(out) + at;
        if (below(3) == 0)
            *byte = (char)(*byte ^ (1 << below(8)));
        else if (below(2) == 0)
            memmove(byte, byte + 1, buffer_size(out) - at - 1);
        else
            memmove(byte + 1, byte, buffer_size(out) - at - 1);
    }
}

static struct text make_garbage(struct buffer *out, const struct app *app)
{
    buffer_clear(out);
    switch (below(3)) {
    case 0:
        for (uint64_t left = below(200); left > 0; left--)
            buffer_add(out, &(char){(char)below(256)}, 1);
        break;
    case 1:
        add_message(out);
        break;
    default:
        add_damaged(out, app);
    }
    buffer_add_text(out, "  "); /* so that it is not empty, and no "\r" */
    char *bytes = buffer_first(out);
    size_t size = buffer_size(out);
    for (size_t i = 0; i < size; i++)
        bytes[i] = bytes[i] == '\n' ? '!' : bytes[i];
    return (struct text){bytes, size};
}

/* The state as `look` shows it, in `state`; left empty if there was no look to be had. */
static void look_around(struct conn *c, struct buffer *state)
{
    buffer_clear(state);
    conn_tell(c, c->app->look);
    struct text answer = conn_hear(c);
    if (judge(c->app, answer, NULL) == ANSWERED)
        buffer_add(state, answer.bytes, answer.size);
}

/* One line gets one answer; if that is an error the state is as before. */
static void throw_line(struct conn *c, struct conn *watcher, struct buffer *state)
{
    static struct buffer line, before;
    struct text garbage = make_garbage(&line, c->app);
    const char *due = due_code(c->app, garbage);
    conn_send(c, garbage.bytes, garbage.size);
    conn_send(c, "\n", 1);
    enum verdict verdict = judge(c->app, conn_hear(c), due);
    buffer_clear(&before);
    buffer_add(&before, buffer_first(state), buffer_size(state));
    look_around(c, state);
    if (verdict != ANSWERED && buffer_size(&before) > 0 && buffer_size(state) > 0)
        compare((struct text){buffer_first(&before), buffer_size(&before)},
                (struct text){buffer_first(state), buffer_size(state)});
    poke(watcher);
    must_be_quiet(c);
    must_be_quiet(watcher);
}

static void throw_lines(struct conn *c, struct conn *watcher, uint64_t seed, size_t count)
{
    struct buffer state = {0};
    size_t stays = c->app->limited ? BURST : count;
    for (size_t i = 0; i < count; i++) {
        snprintf(where, sizeof where, "garbage %s: seed %llu, line %zu", c->app->name,
                 (unsigned long long)seed, i);
        if (i % stays == 0) {
            if (i > 0)
                conn_close(c);
            join(c, c->app);
            look_around(c, &state);
        }
        throw_line(c, watcher, &state);
    }
    buffer_free(&state);
}

static void put_header(struct buffer *out, uint64_t size, uint64_t type)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_add(out, &(unsigned char){(unsigned char)(size >> shift)}, 1);
    buffer_add(out, &(unsigned char){(unsigned char)(type >> 8)}, 1);
    buffer_add(out, &(unsigned char){(unsigned char)type}, 1);
}

static void throw_frame(struct conn *c)
{
    static const char *const emoji[] = {"❓", "🚀", "💪", "✨"};
    static struct buffer frame, expected;
    uint64_t type = below(2) == 0 ? below(5) : below(65536);
    const char *sign = emoji[type < 4 ? type : 0];
    uint64_t size = below(50) == 0 ? below(200000) : below(8) == 0 ? 0 : below(2000);
    buffer_clear(&frame);
    buffer_clear(&expected);
    put_header(&frame, size, type);
    put_header(&expected, size + strlen(sign) + strlen(" Echo: "), type);
    buffer_add_text(&expected, sign);
    buffer_add_text(&expected, " Echo: ");
    for (; size > 0; size--) {
        unsigned char byte = (unsigned char)below(256);
        buffer_add(&frame, &byte, 1);
        buffer_add(&expected, &byte, 1);
    }
    conn_send(c, buffer_first(&frame), buffer_size(&frame));
    compare((struct text){buffer_first(&expected), buffer_size(&expected)}, conn_hear(c));
}

/* At last a length over the limit: an error, and the end. */
static void throw_frames(struct conn *c, struct conn *watcher, uint64_t seed,
                         size_t count)
{
    struct buffer header = {0};
    conn_open(c, c->app);
    for (size_t i = 0; i < count; i++) {
        snprintf(where, sizeof where, "garbage binary: seed %llu, frame %zu",
                 (unsigned long long)seed, i);
        throw_frame(c);
        poke(watcher);
        must_be_quiet(c);
    }
    uint64_t size = MAX_PAYLOAD + 1 + below(UINT32_MAX - MAX_PAYLOAD);
    put_header(&header, size, below(65536));
    conn_send(c, buffer_first(&header), buffer_size(&header));
    struct text answer = conn_hear(c);
    if (answer.size <= HEADER_SIZE || memcmp(answer.bytes + 4, "\xff\xff", 2) != 0)
        fail("length %llu: expected a frame of type 0xFFFF", (unsigned long long)size);
    if (conn_hear(c).bytes != NULL)
        fail("length %llu: expected the end, saw a frame", (unsigned long long)size);
    buffer_free(&header);
}

/* ---- vanish ---- */

/* What a new client sees of the state, ids and timestamps aside. */
static void look_afresh(const struct app *app, struct buffer *seen)
{
    struct conn c;
    join(&c, app);
    if (app->look != NULL)
        conn_tell(&c, app->look);
    else
        conn_send(&c, "\0\0\0\1\0\1x", HEADER_SIZE + 1);
    struct text answer = conn_hear(&c);
    if (answer.bytes == NULL)
        fail("expected an answer for a new client, saw the end");
    buffer_clear(seen);
    buffer_add(seen, answer.bytes, normalise(answer.bytes, answer.size));
    conn_close(&c);
}

enum way { CLOSES, RESETS, HALF_CLOSES, STAYS, NWAYS };

static void leave(struct conn *c, enum way way)
{
    if (way == HALF_CLOSES)
        conn_finish(c);
    if (way == RESETS)
        conn_reset(c);
    else
        conn_close(c);
}

static void converse_a_little(struct conn *c, const struct app *app)
{
    char bytes[64];
    conn_open(c, app);
    ssize_t ignored = send(c->fd, app->talk, below(app->talk_size), 0);
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    for (uint64_t left = below(4); left > 0 && poll(&p, 1, 1) == 1; left--)
        ignored = recv(c->fd, bytes, sizeof bytes, 0);
    (void)ignored;
}

/* Those who are gone are gone for the others too, and leave nothing in the state. */
static void must_look_like(const struct app *app, const struct buffer *before)
{
    struct buffer after = {0};
    double deadline_ms = now_ms() + PATIENCE_MS;
    for (;;) {
        look_afresh(app, &after);
        struct text expected = {buffer_first(before), buffer_size(before)};
        struct text seen = {buffer_first(&after), buffer_size(&after)};
        if (now_ms() > deadline_ms)
            compare(expected, seen);
        if (seen.size == expected.size &&
            memcmp(seen.bytes, expected.bytes, seen.size) == 0)
            break;
        poll(NULL, 0, 20);
    }
    buffer_free(&after);
}

static void run_vanish(const struct app *app, uint64_t seed, size_t count)
{
    struct conn *clients = calloc(count, sizeof *clients);
    enum way *ways = calloc(count, sizeof *ways);
    struct buffer before = {0};
    random_state = seed;
    look_afresh(app, &before);
    for (size_t i = 0; i < count + SLOTS; i++) {
        snprintf(where, sizeof where, "vanish %s: seed %llu, client %zu", app->name,
                 (unsigned long long)seed, i);
        if (i >= SLOTS && ways[i - SLOTS] != STAYS)
            leave(&clients[i - SLOTS], ways[i - SLOTS]);
        if (i >= count)
            continue;
        ways[i] = (enum way)below(NWAYS);
        converse_a_little(&clients[i], app);
    }
    for (size_t i = 0; i < count; i++)
        if (ways[i] == STAYS)
            conn_close(&clients[i]);
    must_look_like(app, &before);
    buffer_free(&before);
    free(ways);
    free(clients);
}

/* ---- crowds ---- */

struct listener {
    struct conn conn;
    unsigned long long nheard;
    uint64_t hash; /* of all bytes heard: in order, and the same for all */
};

static struct {
    struct listener *listeners;
    struct pollfd *polls;
    size_t size;
    unsigned long long nsaid, nheard; /* nheard: by everybody */
    uint64_t said, heard;             /* sums over the messages, whatever their order */
    double end_ms, next_sample_ms;    /* end_ms: 0 for none */
    long first_kib, most_kib;
} crowd;

static long server_rss_kib(void)
{
    char text[64];
    long pages, kib = 0;
    snprintf(text, sizeof text, "/proc/%ld/statm", server_pid);
    FILE *file = fopen(text, "r");
    if (file != NULL && fscanf(file, "%*s %ld", &pages) == 1)
        kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
    if (file != NULL)
        fclose(file);
    snprintf(text, sizeof text, "ps -o rss= -p %ld", server_pid);
    FILE *ps = kib > 0 ? NULL : popen(text, "r");
    if (kib == 0 && (ps == NULL || fscanf(ps, "%ld", &kib) != 1))
        fail("the memory of process %ld cannot be read", server_pid);
    if (ps != NULL)
        pclose(ps);
    return kib;
}

static void gather(size_t size)
{
    long before_kib = server_pid != 0 ? server_rss_kib() : 0;
    crowd.size = size;
    crowd.listeners = calloc(size, sizeof *crowd.listeners);
    crowd.polls = calloc(size, sizeof *crowd.polls);
    for (size_t i = 0; i < size; i++) {
        snprintf(where, sizeof where, "crowd of %zu: client %zu", size, i);
        join(&crowd.listeners[i].conn, &apps[0]);
        must_be_quiet(&crowd.listeners[i].conn);
        crowd.polls[i] =
            (struct pollfd){.fd = crowd.listeners[i].conn.fd, .events = POLLIN};
        crowd.listeners[i].hash = 14695981039346656037u;
    }
    snprintf(where, sizeof where, "crowd of %zu", size);
    if (server_pid != 0)
        printf("memory of the server: %ld KiB, %.2f KiB for each client that is idle\n",
               server_rss_kib(), (double)(server_rss_kib() - before_kib) / (double)size);
}

/* A number for each message that makes any two sums of different messages differ. */
static uint64_t mark_of(unsigned long long message)
{
    random_state = message;
    return below(UINT64_MAX);
}

/* Message n is said by a client far from the one before. */
static void say_next(void)
{
    char text[64];
    snprintf(text, sizeof text, "{'type':'chat','text':'%llu'}\n", crowd.nsaid);
    conn_tell(&crowd.listeners[crowd.nsaid * 7919 % crowd.size].conn, text);
    crowd.said += mark_of(crowd.nsaid++);
}

/* The first client alone reads which messages these are. */
static void read_messages(struct conn *c)
{
    while (conn_whole(c) > 0) {
        struct text line = conn_hear(c);
        const char *text = strstr(line.bytes, "\"message\":\"");
        if (text == NULL || strncmp(line.bytes, "{\"type\":\"chat\"", 14) != 0)
            fail("expected a chat message, saw '%s'", line.bytes);
        crowd.heard += mark_of(strtoull(text + 11, NULL, 10));
    }
}

/* FNV-1a, a byte at a time: pieces are as TCP cuts them. */
static void listen_to(struct listener *l)
{
    ssize_t n = conn_peek(&l->conn);
    if (n == 0)
        fail("expected messages for client %zu, saw the end after %llu",
             (size_t)(l - crowd.listeners), l->nheard);
    size_t size = buffer_size(&l->conn.in);
    const char *bytes = buffer_first(&l->conn.in);
    for (size_t i = size - (size_t)(n > 0 ? n : 0); i < size; i++) {
        l->hash = (l->hash ^ (unsigned char)bytes[i]) * 1099511628211u;
        l->nheard += bytes[i] == '\n';
    }
    if (l == crowd.listeners)
        read_messages(&l->conn);
    else
        buffer_clear(&l->conn.in);
}

/* The first fifth of a conversation that is limited in time is for warming up. */
static void sample_memory(void)
{
    if (server_pid == 0 || now_ms() < crowd.next_sample_ms)
        return;
    long kib = server_rss_kib();
    crowd.next_sample_ms = now_ms() + 500;
    if (crowd.first_kib == 0)
        crowd.first_kib = kib;
    if (kib > crowd.most_kib)
        crowd.most_kib = kib;
}

/* Ends after this many messages, or at end_ms if that is set. */
static void talk(unsigned long long nmessages)
{
    for (;;) {
        bool more = crowd.end_ms > 0 ? now_ms() < crowd.end_ms : crowd.nsaid < nmessages;
        while (more && crowd.nsaid - crowd.nheard < WINDOW &&
               (crowd.end_ms > 0 || crowd.nsaid < nmessages))
            say_next();
        if (crowd.nheard == crowd.nsaid)
            return;
        if (poll(crowd.polls, (nfds_t)crowd.size, PATIENCE_MS) <= 0)
            fail("%llu messages said: everybody heard %llu, and no more comes",
                 crowd.nsaid, crowd.nheard);
        crowd.nheard = crowd.nsaid;
        for (size_t i = 0; i < crowd.size; i++) {
            struct listener *l = &crowd.listeners[i];
            if (crowd.polls[i].revents != 0)
                listen_to(l);
            if (l->nheard < crowd.nheard)
                crowd.nheard = l->nheard;
        }
        sample_memory();
    }
}

/* Everybody has heard the same, the first one has heard each message once, and the next
   that comes to anyone is what it asks for now: nothing came twice. */
static void must_agree(void)
{
    static const char wanted[] = "{\"type\":\"emoji_changed\",\"emoji\":\"x\"}";
    for (size_t i = 0; i < crowd.size; i++) {
        struct listener *l = &crowd.listeners[i];
        snprintf(where, sizeof where, "crowd of %zu: client %zu", crowd.size, i);
        if (l->nheard != crowd.nsaid)
            fail("expected %llu messages, saw %llu", crowd.nsaid, l->nheard);
        if (l->hash != crowd.listeners[0].hash)
            fail("heard other messages than client 0, or in another order");
        conn_tell(&l->conn, "{'type':'set_emoji','emoji':'x'}\n");
        struct text answer = conn_hear(&l->conn);
        if (answer.bytes == NULL || strcmp(answer.bytes, wanted) != 0)
            fail("expected '%s', saw '%s'", wanted,
                 answer.bytes != NULL ? answer.bytes : "the end");
        conn_close(&l->conn);
    }
    if (crowd.said != crowd.heard)
        fail("heard %llu messages, but not each of them once", crowd.nsaid);
}

static void print_speed(double seconds)
{
    unsigned long long deliveries = crowd.nsaid * crowd.size;
    printf("clients %zu, messages %llu, deliveries %llu, seconds %.2f, messages/s %.0f, "
           "deliveries/s %.0f\n",
           crowd.size, crowd.nsaid, deliveries, seconds, (double)crowd.nsaid / seconds,
           (double)deliveries / seconds);
}

static void run_crowd(size_t size, unsigned long long nmessages)
{
    gather(size);
    double start_ms = now_ms();
    talk(nmessages);
    print_speed((now_ms() - start_ms) / 1e3);
    must_agree();
}

/* The first fifth of the time is for warming up. */
static void run_soak(size_t size, unsigned seconds, long most_kib)
{
    alarm(RUN_LIMIT_S + seconds);
    gather(size);
    double start_ms = now_ms();
    crowd.end_ms = start_ms + seconds * 1e3;
    crowd.next_sample_ms = start_ms + seconds * 200.0;
    talk(0);
    print_speed((now_ms() - start_ms) / 1e3);
    must_agree();
    long grown_kib = crowd.most_kib - crowd.first_kib;
    printf("memory of the server: %ld KiB after a fifth of the time, %+ld KiB since\n",
           crowd.first_kib, grown_kib);
    if (grown_kib > most_kib)
        fail("expected a growth of %ld KiB at most, saw %ld", most_kib, grown_kib);
}

/* ---- drift ---- */

enum trouble { TALKS, RAVES, NEVER_READS, RESETS_AT_ONCE, NTROUBLES };

static void make_trouble(struct conn *c, enum trouble trouble)
{
    static const char question[] =
        "{\"type\":\"history\",\"symbol\":\"TSLA\",\"count\":100}\n";
    char bytes[RECV_SIZE];
    ssize_t n = 1;
    size_t size = trouble == RAVES ? 1 + below(2000) : sizeof question - 1;
    if (trouble == RAVES)
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)below(256);
    if (send(c->fd, trouble == RAVES ? bytes : question, size, 0) == -1 && !would_block())
        n = 0;
    while (n > 0 && trouble != NEVER_READS)
        if ((n = recv(c->fd, bytes, sizeof bytes, 0)) == -1 && !would_block())
            n = 0;
    if (n != 0 && trouble != RESETS_AT_ONCE)
        return;
    conn_reset(c);
    conn_open(c, c->app);
}

/* A process of its own makes all kinds of trouble as fast as it can, until it is killed. */
static void flood(const struct app *app)
{
    struct conn conns[2 * NTROUBLES];
    flooder = fork();
    if (flooder == -1)
        fail("fork: %s", strerror(errno));
    if (flooder != 0)
        return;
    alarm(RUN_LIMIT_S);
    snprintf(where, sizeof where, "drift: the flood");
    for (size_t i = 0; i < 2 * NTROUBLES; i++)
        conn_open(&conns[i], app);
    for (;;)
        for (size_t i = 0; i < 2 * NTROUBLES; i++)
            make_trouble(&conns[i], (enum trouble)(i % NTROUBLES));
}

/* The time of day of a tick, in milliseconds. */
static long time_of(const struct json_value *tick)
{
    long hours, minutes, seconds, ms;
    const struct json_value *time = json_member(tick, "timestamp");
    if (time == NULL || sscanf(time->text, "%*d-%*d-%*dT%ld:%ld:%ld.%ldZ", &hours,
                               &minutes, &seconds, &ms) != 4)
        fail("expected a tick with a timestamp, saw none");
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/* The times of the last ticks, oldest first. Returns their number. */
static size_t ask_times(struct conn *c, long times_ms[MAX_TICKS])
{
    conn_tell(c, "{'type':'history','symbol':'AAPL','count':100}\n");
    struct text answer = conn_hear(c);
    while (answer.bytes != NULL &&
           strncmp(answer.bytes, "{\"type\":\"price_update\"", 22) == 0)
        answer = conn_hear(c);
    judge(c->app, answer, NULL);
    const struct json_value *prices = json_member(read_json(answer), "prices");
    if (prices == NULL || prices->count == 0 || prices->count > MAX_TICKS)
        fail("expected 1 to 100 ticks, saw '%s'", answer.bytes);
    const struct json_value *tick = prices + 1;
    for (size_t i = 0; i < prices->count; i++, tick += tick->span)
        times_ms[i] = time_of(tick);
    return prices->count;
}

/* Tick i after the one at start_ms is due at start_ms + i * interval_ms, and less than an
   interval from there. Returns the largest distance. */
static long measure_drift(const long *times_ms, size_t count, long start_ms,
                          long interval_ms, long nintervals)
{
    enum { DAY_MS = 86400000 };
    long largest_ms = 0, tick = -1;
    for (size_t i = 0; i < count; i++) {
        long since_ms = (times_ms[i] - start_ms + DAY_MS) % DAY_MS;
        if (since_ms > DAY_MS / 2)
            continue; /* it was before the start */
        tick = tick == -1 ? (since_ms + interval_ms / 2) / interval_ms : tick + 1;
        long late_ms = since_ms - tick * interval_ms;
        if (labs(late_ms) > labs(largest_ms))
            largest_ms = late_ms;
        if (labs(late_ms) >= interval_ms)
            fail("expected tick %ld at %ld ms, saw it at %ld ms", tick,
                 tick * interval_ms, since_ms);
    }
    if (tick < nintervals - 1)
        fail("expected %ld ticks, saw %ld", nintervals, tick);
    return largest_ms;
}

static void run_drift(const struct app *app, long interval_ms, long nintervals)
{
    long times_ms[MAX_TICKS];
    struct conn c;
    join(&c, app);
    conn_tell(&c, "{'type':'subscribe','symbols':['AAPL','TSLA','AMZN']}\n");
    judge(app, conn_hear(&c), NULL);
    long start_ms = times_ms[ask_times(&c, times_ms) - 1];
    flood(app);
    double end_ms = now_ms() + (double)(nintervals * interval_ms);
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    while (now_ms() < end_ms)
        if (poll(&p, 1, 20) == 1 && conn_peek(&c) == 0)
            fail("expected prices, saw the end");
    size_t count = ask_times(&c, times_ms);
    if (waitpid(flooder, NULL, WNOHANG) != 0)
        fail("expected a flood all the time, saw it end");
    long largest_ms = measure_drift(times_ms, count, start_ms, interval_ms, nintervals);
    kill(flooder, SIGKILL);
    waitpid(flooder, NULL, 0);
    conn_close(&c);
    printf("ticks every %ld ms: at most %ld ms off in %ld intervals\n", interval_ms,
           labs(largest_ms), nintervals);
}

/* ---- the command line ---- */

static _Noreturn void usage(void)
{
    fputs("usage: app_probe -p PORT [-s SERVER_PID] SUBCOMMAND, one of\n"
          "  cuts APP SEED            the same answers wherever TCP cuts a conversation\n"
          "  garbage APP SEED COUNT   each of COUNT bad lines or frames gets one answer\n"
          "  vanish APP SEED COUNT    COUNT clients vanish in mid-conversation\n"
          "  crowd CLIENTS MESSAGES   a crowd in a room of the chat hears every message\n"
          "  soak CLIENTS SECONDS KIB the same for so long; -s's memory grows by KIB at "
          "most\n"
          "  drift MS INTERVALS       the ticker keeps its times, 100 intervals at most\n"
          "APP is chat, game, ticker or binary.\n",
          stderr);
    exit(EXIT_USAGE);
}

static unsigned long number(const char *text, unsigned long least, unsigned long most)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most)
        usage();
    return value;
}

static const struct app *find_app(const char *name)
{
    for (size_t i = 0; i < sizeof apps / sizeof apps[0]; i++)
        if (strcmp(apps[i].name, name) == 0)
            return &apps[i];
    usage();
}

/* In the sources ' stands for ". No conversation has a ' of its own. */
static const struct app *prepare(const char *name)
{
    static char talk[4096];
    static struct app app;
    app = *find_app(name);
    for (size_t i = 0; i < app.talk_size; i++)
        talk[i] = app.talk[i] == '\'' ? '"' : app.talk[i];
    app.talk = talk;
    return &app;
}

static void run_garbage(const struct app *app, uint64_t seed, size_t count)
{
    struct conn c = {.app = app}, watcher;
    watch(&watcher, app);
    random_state = seed;
    if (app->requests != NULL)
        throw_lines(&c, &watcher, seed, count);
    else
        throw_frames(&c, &watcher, seed, count);
    conn_close(&c);
    poke(&watcher);
    conn_close(&watcher);
}

static void run(int count, char **words)
{
    enum { MOST = 1000000, MOST_CLIENTS = 50000 };
    const char *name = count > 0 ? words[0] : "";
    snprintf(where, sizeof where, "%s %s: beginning", name, count > 1 ? words[1] : "");
    if (strcmp(name, "cuts") == 0 && count == 3)
        run_cuts(prepare(words[1]), number(words[2], 0, ULONG_MAX));
    else if (strcmp(name, "garbage") == 0 && count == 4)
        run_garbage(prepare(words[1]), number(words[2], 0, ULONG_MAX),
                    number(words[3], 1, MOST));
    else if (strcmp(name, "vanish") == 0 && count == 4)
        run_vanish(prepare(words[1]), number(words[2], 0, ULONG_MAX),
                   number(words[3], 1, MOST_CLIENTS));
    else if (strcmp(name, "crowd") == 0 && count == 3)
        run_crowd(number(words[1], 1, MOST_CLIENTS), number(words[2], 1, MOST));
    else if (strcmp(name, "soak") == 0 && count == 4 && server_pid != 0)
        run_soak(number(words[1], 1, MOST_CLIENTS), (unsigned)number(words[2], 1, MOST),
                 (long)number(words[3], 0, MOST));
    else if (strcmp(name, "drift") == 0 && count == 3)
        run_drift(prepare("ticker"), (long)number(words[1], 1, MOST),
                  (long)number(words[2], 1, MAX_TICKS));
    else
        usage();
}

int main(int argc, char **argv)
{
    int option;
    struct rlimit limit;
    while ((option = getopt(argc, argv, "p:s:")) != -1)
        if (option == 'p')
            port = (in_port_t)number(optarg, 1, 65535);
        else if (option == 's')
            server_pid = (long)number(optarg, 1, LONG_MAX);
        else
            usage();
    if (port == 0)
        usage();
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, run_limit_struck);
    alarm(RUN_LIMIT_S);
    run(argc - optind, argv + optind);
    return EXIT_SUCCESS;
}
