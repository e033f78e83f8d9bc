/*
 * floor_broadcast: the least program that can tell everybody what one has said. NEVER
 * SHIP IT.
 *
 *     tests/bench/floor_broadcast 128    prints "listening on 127.0.0.1:PORT" first
 *
 * For each line that comes from anyone, every client gets one of so many bytes: what a
 * chat's broadcast costs in the kernel alone. Lines that came in one batch go out in one
 * send, as those of chat_server do. Everything is left out that makes a server of it:
 * there is no limit and no look at an error, a client that resets ends it by SIGPIPE,
 * and one that does not read stops it for all others. tests/bench/audience runs both in
 * turns.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/epoll.h>
#else
#include <poll.h>
#endif

enum { BACKLOG = 4096, MAX_CLIENTS = 65536, BATCH = 512, MAX_BYTES = 65536, COPIES = 64 };

static int clients[MAX_CLIENTS], nclients;
static char *text; /* COPIES lines */

static int open_listener(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    if (bind(fd, (struct sockaddr *)&address, length) == -1 ||
        listen(fd, BACKLOG) == -1) {
        perror("floor_broadcast");
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
    clients[nclients++] = fd;
    return fd;
}

static void drop_client(int fd)
{
    int i = 0;
    while (clients[i] != fd)
        i++;
    clients[i] = clients[--nclients];
    close(fd);
}

/* Returns how many lines end in what came, or -1 at the end of it. */
static int count_lines(int fd)
{
    char buffer[4096];
    int nlines = 0;
    ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    for (ssize_t i = 0; i < size; i++)
        nlines += buffer[i] == '\n';
    return size > 0 ? nlines : -1;
}

/* The sockets block: send takes all. */
static void tell_all(int nlines, size_t bytes)
{
    for (; nlines > 0; nlines -= COPIES) {
        size_t copies = (size_t)(nlines < COPIES ? nlines : COPIES);
        for (int i = 0; i < nclients; i++)
            send(clients[i], text, copies * bytes, 0);
    }
}

#if defined(__linux__)
static void watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void serve(int listener, size_t bytes)
{
    struct epoll_event ready[BATCH];
    int epoll_fd = epoll_create1(0);
    watch(epoll_fd, listener);
    for (;;) {
        int count = epoll_wait(epoll_fd, ready, BATCH, -1), total = 0;
        for (int i = 0; i < count; i++) {
            int nlines = 0;
            if (ready[i].data.fd == listener)
                watch(epoll_fd, take_client(listener));
            else if ((nlines = count_lines(ready[i].data.fd)) == -1)
                drop_client(ready[i].data.fd);
            total += nlines > 0 ? nlines : 0;
        }
        tell_all(total, bytes);
    }
}
#else
static void serve(int listener, size_t bytes)
{
    static struct pollfd all[MAX_CLIENTS];
    int count = 1;
    all[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (;;) {
        int left = poll(all, (nfds_t)count, -1), total = 0;
        for (int i = 0; left > 0; i++) {
            int nlines = 0;
            if (all[i].revents == 0)
                continue;
            left--;
            if (i == 0) {
                all[count++] =
                    (struct pollfd){.fd = take_client(listener), .events = POLLIN};
            } else if ((nlines = count_lines(all[i].fd)) == -1) {
                drop_client(all[i].fd);
                all[i].fd = -1;
            }
            total += nlines > 0 ? nlines : 0;
        }
        tell_all(total, bytes);
    }
}
#endif

int main(int argc, char **argv)
{
    size_t bytes = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (bytes < 1 || bytes > MAX_BYTES) {
        fprintf(stderr, "usage: floor_broadcast BYTES\n");
        return 2;
    }
    text = malloc(COPIES * bytes);
    if (text == NULL) {
        perror("floor_broadcast");
        return 1;
    }
    memset(text, '.', COPIES * bytes);
    for (size_t i = 1; i <= COPIES; i++)
        text[i * bytes - 1] = '\n';
    serve(open_listener(), bytes);
}
