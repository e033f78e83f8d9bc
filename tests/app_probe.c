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
    WARM_UPS = 100,   /* conversations after which a room's history is full */
    MULTI_CUTS = 30,  /* conversations in many pieces */
    BURST = 20,       /* messages that a ticker's client has free */
    MAX_DEPTH = 16,   /* of JSON that a server reads */
    SLOTS = 8,        /* clients of `vanish` at once */
    WINDOW = 64,      /* messages said in a crowd and not heard by all */
    HEADER_SIZE = 6,  /* of a frame */
    MAX_PAYLOAD = 1 << 20,
    RECV_SIZE = 65536,
    MAX_TICKS = 100
};

struct app {
    const char *name;
    const char *talk; /* a conversation; ' stands for " */
    size_t talk_size;
    size_t greetings;    /* lines that a client gets on joining */
    const char *away;    /* what takes it out of the others' sight */
    const char *poke;    /* is answered, and of that the others hear nothing */
    const char *look;    /* shows the state and changes nothing */
    const char *requests; /* the types that it knows, */
    const char *answers;  /* and those of its answers */
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
    "{'type':'move','dx':1,'dy':-1}\n{'type':'score','points':5}\r\n\n\r\n{'type':'move'}\n"
    "{'dy':7e0,'type':'\\u006dove'}\n{'type':'score'}\n{'type':'move','dx':1,'dy':0.5}\n"
    " {'type' : 'move', 'dx' : 1000001}\n{'type':'fly','🚀':'é'}\nnull\n{'type':'move'\n}\n"
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
     "{}\n", "{'type':'who'}\n", " chat join_room set_emoji history who ",
     " chat room_changed emoji_changed history who "},
    {"game", game_talk, sizeof game_talk - 1, 2, NULL, "{}\n", "{'type':'move'}\n",
     " move score ", " state "},
    {"ticker", ticker_talk, sizeof ticker_talk - 1, 1, NULL, "{}\n",
     "{'type':'subscribe','symbols':[]}\n", " subscribe unsubscribe history alert ",
     " snapshot history alert_set "},
    {"binary", binary_talk, sizeof binary_talk - 1, 0, NULL, NULL, NULL, NULL, NULL},
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
        if (conn_peek(c) == 0 && buffer_size(&c->in) > 0)
            fail("expected a whole answer, saw the end after %zu bytes of one",
                 buffer_size(&c->in));
        else if (buffer_size(&c->in) == 0)
            return (struct text){NULL, 0};
    }
    char *bytes = buffer_take(&c->in, size);
    if (c->app->requests != NULL)
        bytes[--size] = '\0';
    return (struct text){bytes, size};
}
