/*
 * faulty: an echo server with one fault, for the tests of the grader.
 *
 *     tests/grade/faulty FAULT PORT
 *
 * Without a fault (the word "none") it serves with poll, one byte array a client. The
 * faults that misbehave are bounded in time and number, should a cage fail.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 4096, PIECE_SIZE = 16384, LIFE_S = 100 };

static struct pollfd fds[MAX_FD];
static struct {
    char bytes[PIECE_SIZE];
    size_t size;
} * owed[MAX_FD];
static const char *fault;
static bool busy; /* it does not wait any more */
static struct kept {
    struct kept *next;
    char bytes[4096];
} * kept; /* what was kept of clients that have gone */

static bool has(const char *name)
{
    return strcmp(fault, name) == 0;
}

static void end(int number)
{
    (void)number;
    _exit(0);
}

static int listen_on(int port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1 ||
        listen(fd, 1024) == -1) {
        perror("faulty");
        exit(1);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/* Ends with a bound of its own, if nobody ends it before. */
static void bomb(void)
{
    for (int i = 0; i < 11; i++) /* 2 to the power of 11 processes */
        fork();
    sleep(5);
}

static void grow(void)
{
    enum { PIECE = 1 << 24, PIECES = 150 }; /* 2.4 GB */
    static char *pieces[PIECES];
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = malloc(PIECE);
        if (pieces[i] != NULL)
            memset(pieces[i], i, PIECE);
    }
    sleep(5);
}

/* A child that has left the process group and the session. */
static void escape(void)
{
    if (fork() != 0)
        return;
    setsid();
    if (fork() == 0)
        sleep(LIFE_S);
    sleep(LIFE_S);
    _exit(0);
}

static void write_much(void)
{
    static char bytes[1 << 20];
    int fd = open("faulty.tmp", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    unlink("faulty.tmp");
    for (int i = 0; i < 128; i++)
        if (write(fd, bytes, sizeof bytes) == -1)
            exit(1);
}

static void keep(void)
{
    struct kept *one = calloc(1, sizeof *one);
    if (one == NULL)
        return;
    one->next = kept;
    kept = one;
}

/* `badly`: not by an end of input. */
static void drop(int fd, bool badly)
{
    if (badly && has("resets"))
        exit(1);
    if (badly && has("stays-busy"))
        busy = true;
    if (has("keeps"))
        keep();
    free(owed[fd]);
    owed[fd] = NULL;
    fds[fd].fd = -1;
    if (!badly || !has("leaks"))
        close(fd);
}

static void serve(int fd)
{
    if (owed[fd]->size == 0) {
        ssize_t n = recv(fd, owed[fd]->bytes, PIECE_SIZE, 0);
        if (n == -1 && errno == EINTR && has("eintr"))
            exit(1);
        if (n == -1 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) {
            drop(fd, n == -1);
            return;
        }
        owed[fd]->size = (size_t)n;
    }
    if (has("dies")) {
        fputs("\033[31mfaulty: \xff\xfe \"<oops>\" & \xef\xbf\xbf\n", stderr);
        abort();
    }
    if (has("wrong"))
        owed[fd]->bytes[0] ^= 1;
    ssize_t n = has("mute") ? 0 : send(fd, owed[fd]->bytes, owed[fd]->size, 0);
    if (n == -1 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
        drop(fd, true);
        return;
    }
    size_t sent = n > 0 ? (size_t)n : 0;
    if (sent > 0 && sent < owed[fd]->size && has("loses"))
        sent++;
    memmove(owed[fd]->bytes, owed[fd]->bytes + sent, owed[fd]->size - sent);
    owed[fd]->size -= sent;
    fds[fd].events = owed[fd]->size > 0 ? POLLOUT : POLLIN;
}

static void take_in(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd == -1)
        return;
    owed[fd] = calloc(1, sizeof *owed[fd]);
    if (owed[fd] == NULL) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fds[fd] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void prepare(void)
{
    signal(SIGPIPE, has("sigpipe") ? SIG_DFL : SIG_IGN);
    signal(SIGINT, has("deaf") ? SIG_IGN : end);
    signal(SIGTERM, has("deaf") ? SIG_IGN : end);
    alarm(LIFE_S);
    if (has("hangs"))
        sleep(LIFE_S);
    if (has("exits"))
        exit(3);
    for (int i = 0; i < MAX_FD; i++)
        fds[i].fd = -1;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    fault = argv[1];
    prepare();
    int listener = listen_on((int)strtol(argv[2], NULL, 10));
    fds[listener] = (struct pollfd){.fd = listener, .events = POLLIN};
    printf("listening on 127.0.0.1:%s\n", argv[2]);
    fflush(stdout);
    if (has("bombs"))
        bomb();
    if (has("grows"))
        grow();
    if (has("writes"))
        write_much();
    if (has("escapes"))
        escape();
    if (has("closes"))
        fclose(stdout);
    for (;;) {
        if (poll(fds, MAX_FD, busy || has("spins") ? 0 : -1) == -1 && errno != EINTR)
            return 1;
        for (int i = 0; has("prints") && i < 1000; i++)
            puts("a line that nobody reads, again and again");
        for (int fd = 0; fd < MAX_FD; fd++) {
            if (fds[fd].fd == -1 || fds[fd].revents == 0)
                continue;
            if (fd == listener)
                take_in(listener);
            else
                serve(fd);
        }
    }
}
