/* The server that a client program is given: it echoes, or answers like the chat. */
#include "faults.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TYPED_SIZE = 400 * 1024, /* at least 22 pieces of any client */
    NTYPED = 26,             /* lines of the chat */
    BUFFER_SIZE = 64 * 1024,
    LEAVES_MS = 200
};

struct peer {
    struct run *r;
    bool chats;
    int listen_fd, fd;           /* fd: the connection, -1: none */
    bool ended;                  /* the client has ended its output */
    size_t typed, shown, nshown; /* bytes typed, bytes shown; answers shown */
    size_t in_size, out_size;
    char in[BUFFER_SIZE], out[2 * BUFFER_SIZE], screen[BUFFER_SIZE];
};

static int listen_anywhere(struct run *r)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&address, length) == -1 || listen(fd, 64) == -1 ||
        getsockname(fd, (struct sockaddr *)&address, &length) == -1)
        run_fail(r, "there is no port to listen on");
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    r->port = ntohs(address.sin_port);
    return fd;
}

static void say(struct peer *p, const char *bytes, size_t size)
{
    if (size > sizeof p->out - p->out_size) {
        run_fail(p->r, "the client does not read");
        return;
    }
    memcpy(p->out + p->out_size, bytes, size);
    p->out_size += size;
}

static void leave(struct peer *p)
{
    if (p->fd != -1)
        close(p->fd);
    p->fd = -1;
}

/* A client that begins again has left its last connection. */
static void take_client(struct peer *p)
{
    static const char welcome[] =
        "{\"type\":\"welcome\",\"id\":\"User_1\",\"rooms\":[\"general\"]}\n";
    leave(p);
    p->fd = accept(p->listen_fd, NULL, NULL);
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    fcntl(p->fd, F_SETFD, FD_CLOEXEC);
    p->ended = false;
    p->in_size = p->out_size = 0;
    if (p->chats)
        say(p, welcome, strlen(welcome));
}

static void answer_lines(struct peer *p)
{
    char *newline;
    while ((newline = memchr(p->in, '\n', p->in_size)) != NULL) {
        char answer[512];
        const char *text = strstr(p->in, "\"text\":\"");
        size_t size = (size_t)(newline - p->in) + 1;
        if (text == NULL || text > newline || p->in[0] != '{') {
            run_fail(p->r, "the client sends %.*s", (int)size - 1, p->in);
            return;
        }
        int length = snprintf(answer, sizeof answer,
                              "{\"type\":\"chat\",\"user\":\"User_1\",\"message\":"
                              "\"%.*s\",\"emoji\":\"x\",\"room\":\"general\"}\n",
                              (int)strcspn(text + 8, "\""), text + 8);
        say(p, answer, (size_t)length);
        p->in_size -= size;
        memmove(p->in, newline + 1, p->in_size);
    }
}

static void hear_client(struct peer *p)
{
    if (p->out_size > BUFFER_SIZE / 2)
        return; /* it is to read first */
    ssize_t n = recv(p->fd, p->in + p->in_size, sizeof p->in - p->in_size, 0);
    if (n == 0)
        p->ended = true;
    if (n <= 0)
        return;
    p->in_size += (size_t)n;
    if (p->chats) {
        answer_lines(p);
        return;
    }
    say(p, p->in, p->in_size);
    p->in_size = 0;
}

static void answer_client(struct peer *p)
{
    ssize_t n = send(p->fd, p->out, p->out_size, MSG_NOSIGNAL);
    if (n <= 0)
        return;
    p->out_size -= (size_t)n;
    memmove(p->out, p->out + n, p->out_size);
}

/* ---- what is typed and shown ---- */

static bool types_now(const struct peer *p)
{
    if (p->r->in == -1)
        return false;
    return !p->chats || p->typed <= p->nshown;
}

static void end_typing(struct peer *p)
{
    close(p->r->in);
    p->r->in = -1;
}

/* A line of the chat is typed when the last was answered: so that each takes a call. */
static void type_more(struct peer *p)
{
    char bytes[4096];
    size_t size = sizeof bytes;
    if (p->typed == (p->chats ? (size_t)NTYPED : (size_t)TYPED_SIZE)) {
        end_typing(p);
        return;
    }
    if (p->chats) {
        size = (size_t)snprintf(bytes, sizeof bytes, "no %zu.\n", p->typed);
        if (write(p->r->in, bytes, size) == (ssize_t)size)
            p->typed++;
        return;
    }
    for (size_t i = 0; i < size; i++)
        bytes[i] = person_byte(0, p->typed + i);
    ssize_t n = write(p->r->in, bytes, size);
    if (n > 0)
        p->typed += (size_t)n;
}

static void count_answers(struct peer *p)
{
    char answer[32];
    p->screen[p->shown] = '\0';
    snprintf(answer, sizeof answer, ": no %zu.\n", p->nshown);
    const char *found = strstr(p->screen, answer);
    p->nshown += found != NULL;
    if (found != NULL && strstr(found + 1, answer) != NULL)
        run_fail(p->r, "an answer is shown twice: %s", answer);
}

/* False at the end of what the client shows: it has ended. */
static bool look(struct peer *p)
{
    char bytes[BUFFER_SIZE];
    size_t most = p->chats ? sizeof p->screen - 1 - p->shown : sizeof bytes;
    ssize_t n = read(p->r->out, p->chats ? p->screen + p->shown : bytes, most);
    if (n <= 0)
        return false;
    for (ssize_t i = 0; i < n && !p->chats; i++)
        if (bytes[i] != person_byte(0, p->shown + (size_t)i))
            run_fail(p->r, "byte %zu of what it shows is another", p->shown + (size_t)i);
    p->shown += (size_t)n;
    if (p->chats)
        count_answers(p);
    return true;
}

/* ---- the loop ---- */

/* One wait. False once the client has ended, or nothing happens any more. */
static bool take_turn(struct peer *p)
{
    struct run *r = p->r;
    const struct exception *exception = r->cell->exception;
    bool leaves = exception != NULL && exception->effect == EFFECT_PEER_LEAVES;
    short events = (short)((p->ended ? 0 : POLLIN) | (p->out_size > 0 ? POLLOUT : 0));
    struct pollfd entries[] = {
        {.fd = p->listen_fd, .events = POLLIN},
        {.fd = p->fd, .events = events},
        {.fd = types_now(p) ? r->in : -1, .events = POLLOUT},
        {.fd = r->out, .events = POLLIN},
    };
    if (poll(entries, 4, leaves && p->fd != -1 ? LEAVES_MS : r->patience_ms) == 0) {
        if (!leaves || p->fd == -1)
            run_fail(r, "nothing happens for %d ms", r->patience_ms);
        leave(p);
        return r->problem[0] == '\0';
    }
    if (entries[3].revents != 0 && !look(p))
        return false;
    if (entries[2].revents & POLLOUT)
        type_more(p);
    else if (entries[2].revents != 0)
        end_typing(p);
    if (p->fd != -1 && entries[1].revents & (POLLIN | POLLERR | POLLHUP))
        hear_client(p);
    if (p->fd != -1 && entries[1].revents & POLLOUT)
        answer_client(p);
    if (p->fd != -1 && p->ended && p->out_size == 0)
        leave(p);
    if (entries[0].revents != 0)
        take_client(p);
    return r->problem[0] == '\0';
}

static void serve(struct run *r, bool chats)
{
    static struct peer peer;
    peer = (struct peer){.r = r, .chats = chats, .fd = -1};
    peer.listen_fd = listen_anywhere(r);
    run_start(r);
    fcntl(r->in, F_SETFL, O_NONBLOCK);
    while (take_turn(&peer))
        ;
    leave(&peer);
    close(peer.listen_fd);
    if (r->in != -1)
        end_typing(&peer);
    r->complete = chats ? peer.nshown == NTYPED : peer.shown == TYPED_SIZE;
}

void peer_echo(struct run *r)
{
    serve(r, false);
}

void peer_chat(struct run *r)
{
    serve(r, true);
}
