/*
 * floor: the least program that can echo, with each way to wait. NEVER SHIP IT.
 *
 *     tests/bench/floor epoll            prints "listening on 127.0.0.1:PORT" first
 *
 * It shows what the kernel alone costs: a wait, a recv, a send. So everything is left out
 * that makes a server of it. There is no limit and no look at an error: at the limit of
 * descriptors it spins, a client that resets ends it by SIGPIPE, one that does not read
 * stops it for all others. The lessons have what is missing here; `make bench` runs both
 * in turns, and what they cost more than this is the price of being right.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif

enum { BACKLOG = 4096, MAX_FDS = 65536, BATCH = 256 };

static char buffer[64 * 1024];

static int open_listener(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    if (bind(fd, (struct sockaddr *)&address, length) == -1 ||
        listen(fd, BACKLOG) == -1) {
        perror("floor");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static int take_client(int listener)
{
    int on = 1;
    int fd = accept(listener, NULL, NULL);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* Returns what recv returned. The socket blocks: send takes all. */
static ssize_t echo(int fd)
{
    ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    if (size > 0)
        send(fd, buffer, (size_t)size, 0);
    else
        close(fd);
    return size;
}

static void wait_blocking(int listener)
{
    for (;;) {
        int fd = take_client(listener);
        while (echo(fd) > 0)
            continue;
    }
}

static void wait_select(int listener)
{
    fd_set all;
    int top = listener;
    FD_ZERO(&all);
    FD_SET(listener, &all);
    for (;;) {
        fd_set ready = all;
        int left = select(top + 1, &ready, NULL, NULL, NULL);
        for (int fd = 0; left > 0; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            left--;
            if (fd != listener) {
                if (echo(fd) <= 0)
                    FD_CLR(fd, &all);
                continue;
            }
            int client = take_client(listener);
            FD_SET(client, &all);
            if (client > top)
                top = client;
        }
    }
}

static void wait_poll(int listener)
{
    static struct pollfd all[MAX_FDS];
    int count = 1;
    all[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (;;) {
        int left = poll(all, (nfds_t)count, -1);
        for (int i = 0; left > 0; i++) {
            if (all[i].revents == 0)
                continue;
            left--;
            if (i == 0)
                all[count++] =
                    (struct pollfd){.fd = take_client(listener), .events = POLLIN};
            else if (echo(all[i].fd) <= 0)
                all[i--] = all[--count];
        }
    }
}

#if defined(__linux__)
static void watch(int epoll_fd, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void wait_epoll(int listener)
{
    struct epoll_event ready[BATCH];
    int epoll_fd = epoll_create1(0);
    watch(epoll_fd, listener, EPOLLIN);
    for (;;) {
        int count = epoll_wait(epoll_fd, ready, BATCH, -1);
        for (int i = 0; i < count; i++)
            if (ready[i].data.fd == listener)
                watch(epoll_fd, take_client(listener), EPOLLIN);
            else
                echo(ready[i].data.fd);
    }
}

/* Reads until a read is short, or, drained to the end, until one would block. */
static void use_up(int fd, ssize_t enough)
{
    ssize_t size;
    do {
        size = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size > 0)
            send(fd, buffer, (size_t)size, 0);
    } while (size >= enough);
    if (size == 0 || (size == -1 && errno != EAGAIN))
        close(fd);
}

static void wait_edge(int listener, ssize_t enough)
{
    struct epoll_event ready[BATCH];
    int epoll_fd = epoll_create1(0);
    watch(epoll_fd, listener, EPOLLIN);
    for (;;) {
        int count = epoll_wait(epoll_fd, ready, BATCH, -1);
        for (int i = 0; i < count; i++)
            if (ready[i].data.fd == listener)
                watch(epoll_fd, take_client(listener), EPOLLIN | EPOLLET);
            else
                use_up(ready[i].data.fd, enough);
    }
}
#endif

static void end(int signal_number)
{
    _exit(signal_number);
}

int main(int argc, char **argv)
{
    const char *technique = argc == 2 ? argv[1] : "";
    signal(SIGTERM, end); /* so that the narrator and valgrind can report */
    if (strcmp(technique, "blocking") == 0)
        wait_blocking(open_listener());
    if (strcmp(technique, "select") == 0)
        wait_select(open_listener());
    if (strcmp(technique, "poll") == 0)
        wait_poll(open_listener());
#if defined(__linux__)
    if (strcmp(technique, "epoll") == 0)
        wait_epoll(open_listener());
    if (strcmp(technique, "edge") == 0)
        wait_edge(open_listener(), sizeof buffer);
    if (strcmp(technique, "edge-drained") == 0)
        wait_edge(open_listener(), 1);
#endif
    fprintf(stderr, "usage: floor blocking|select|poll|epoll|edge|edge-drained\n");
    return 2;
}
