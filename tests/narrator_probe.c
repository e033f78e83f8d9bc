/*
 * narrator_probe: makes the calls that common/narrate tells about, and prints what came
 * of them, so that a run with the narrator and one without can be compared.
 *
 *     narrator_probe every                    each call once, over TCP on loopback
 *     narrator_probe make CALL TIMES [SIZE]   one call again and again, SIZE (10) bytes
 *     narrator_probe NAME [FILE]              a scenario: -l lists the names
 *
 * The descriptors of `make` are a socketpair, which the narrator does not tell about, so
 * that CALL is counted from 1; what is read was written by write, what is written is read
 * by recv. Status 1: errno was touched by a call that succeeded, or a scenario went
 * wrong; 2: wrong arguments.
 */
#undef _POSIX_C_SOURCE /* macOS and the BSDs hide MSG_DONTWAIT from who asks for POSIX */
#define _GNU_SOURCE 1  /* accept4, ppoll, vfork and setitimer */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

enum {
    SENTINEL = 4242, /* no errno of any system */
    STREAM_SIZE = 40,
    THREADS = 8,
    THREAD_CALLS = 100,
    HANDLER_CALLS = 30,
    MOST_LOOPS = 1000000,
    HIGHEST = 1023,
    FLOOD_MS = 350,
    NOT_OPEN = 200
};

static bool failed;
static char **environment; /* main's third argument would be no ISO C */

/* What the probe itself needs. */
static void need(bool worked, const char *what)
{
    if (worked)
        return;
    fprintf(stderr, "narrator_probe: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Prints a call and what came of it. Called with errno as the call left it. */
static long report(const char *call, long result)
{
    int error = errno;
    if (result == -1)
        printf("%s = -1 %s\n", call, strerror(error));
    else if (error == SENTINEL)
        printf("%s = %ld\n", call, result);
    else
        printf("%s = %ld, and errno was touched\n", call, result);
    failed = failed || (result != -1 && error != SENTINEL);
    errno = error;
    return result;
}

/* Leaves the stack below as no variable that was forgotten should find it. */
static void soil_stack(void)
{
    volatile unsigned char bytes[4096];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = 0xee;
}

#define TRY(call) report(#call, (soil_stack(), errno = SENTINEL, (long)(call)))

static void open_pair(int *mine, int *other)
{
    int fds[2];
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
    *mine = fds[0];
    *other = fds[1];
}

/* ---- every call once, over TCP ---- */

static struct sockaddr_in address;

static int open_listener(void)
{
    socklen_t size = sizeof address;
    const int one = 1;
    address = (struct sockaddr_in){.sin_family = AF_INET};
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    int listener = (int)TRY(socket(AF_INET, SOCK_STREAM, 0));
    TRY(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    TRY(bind(listener, (struct sockaddr *)&address, sizeof address));
    TRY(listen(listener, 5));
    need(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
    return listener;
}

static int open_client(void)
{
    int client = (int)TRY(socket(AF_INET, SOCK_STREAM, 0));
    TRY(connect(client, (struct sockaddr *)&address, sizeof address));
    return client;
}

static int accept_two(int listener)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int client = (int)TRY(accept(listener, (struct sockaddr *)&peer, &size));
#ifdef __linux__
    int second = open_client();
    int server = (int)TRY(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
    TRY(close(second));
    TRY(close(server));
#endif
    return client;
}

static void set_options(int fd)
{
    int value = 0;
    socklen_t size = sizeof value;
    TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size));
    value = 1;
    TRY(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value));
    TRY(fcntl(fd, F_GETFL));
    TRY(fcntl(fd, F_SETFL, O_NONBLOCK));
    TRY(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static void wait_with_sets(int fd)
{
    const struct timespec long_time = {.tv_sec = 5};
    struct timeval time = {.tv_sec = 5};
    sigset_t none;
    fd_set in, out;
    sigemptyset(&none);
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(fd, &in);
    FD_SET(fd, &out);
    TRY(select(fd + 1, &in, &out, NULL, &time));
    FD_ZERO(&in);
    FD_SET(fd, &in);
    TRY(pselect(fd + 1, &in, NULL, NULL, &long_time, &none));
    printf("ready: %d\n", FD_ISSET(fd, &in) != 0);
}

static void wait_with_poll(int fd)
{
    struct pollfd polled[2] = {{.fd = fd, .events = POLLIN | POLLOUT},
                               {.fd = -1, .events = POLLIN}};
    TRY(poll(polled, 2, -1));
    printf("ready: %d\n", polled[0].revents);
#ifdef __linux__
    const struct timespec time = {.tv_sec = 5};
    polled[0].events = POLLIN;
    TRY(ppoll(polled, 1, &time, NULL));
    printf("ready: %d\n", polled[0].revents);
#endif
}

static void wait_with_epoll(int fd)
{
#ifdef __linux__
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd}, ready[4];
    int old = (int)TRY(epoll_create(1)), set = (int)TRY(epoll_create1(EPOLL_CLOEXEC));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    TRY(epoll_ctl(set, EPOLL_CTL_MOD, fd, &event));
    TRY(epoll_wait(set, ready, 4, -1));
    event.events = EPOLLIN;
    TRY(epoll_ctl(set, EPOLL_CTL_MOD, fd, &event));
    TRY(epoll_pwait(set, ready, 4, 5000, NULL));
    printf("ready: %u\n", ready[0].events);
    TRY(epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL));
    TRY(close(set));
    TRY(close(old));
#else
    (void)fd;
#endif
}

static struct iovec two_pieces[2];

static struct msghdr message_of(char *bytes, size_t first, size_t second)
{
    two_pieces[0] = (struct iovec){.iov_base = bytes, .iov_len = first};
    two_pieces[1] = (struct iovec){.iov_base = bytes + first, .iov_len = second};
    return (struct msghdr){.msg_iov = two_pieces, .msg_iovlen = 2};
}

static void show(const char *bytes)
{
    printf("bytes: %s\n", bytes);
}

static void talk(int client, int server)
{
    char in[16] = "", out[] = "a\tb\"c\\\r\n";
    TRY(send(client, out, 8, MSG_NOSIGNAL));
    wait_with_sets(server);
    wait_with_poll(server);
    wait_with_epoll(server);
    TRY(recv(server, in, sizeof in, 0));
    show(in);
    TRY(sendto(client, "to", 2, 0, NULL, 0));
    TRY(recvfrom(server, memset(in, 0, sizeof in), sizeof in, MSG_PEEK, NULL, NULL));
    TRY(recvfrom(server, memset(in, 0, sizeof in), sizeof in, 0, NULL, NULL));
    show(in);
    struct msghdr message = message_of(out, 3, 4);
    TRY(sendmsg(client, &message, 0));
    message = message_of(memset(in, 0, sizeof in), 2, 6);
    TRY(recvmsg(server, &message, 0));
    show(in);
    TRY(write(client, "write it to the socket", 22));
    TRY(read(server, memset(in, 0, sizeof in), 15));
    TRY(read(server, in, 15));
    show(in);
    message_of(out, 1, 1);
    TRY(writev(client, two_pieces, 2));
    message_of(memset(in, 0, sizeof in), 1, 9);
    TRY(readv(server, two_pieces, 2));
    show(in);
}

/* A call that fails, where the reason is the program's or the peer's. */
static void fail(int listener)
{
    char bytes[4] = "";
    int unconnected = (int)TRY(socket(AF_INET, SOCK_STREAM, 0));
    need(fcntl(listener, F_SETFL, O_NONBLOCK) == 0, "O_NONBLOCK");
    TRY(accept(listener, NULL, NULL));
    TRY(recv(unconnected, bytes, 4, 0));
    TRY(read(unconnected, bytes, 4));
    TRY(send(unconnected, bytes, 4, MSG_NOSIGNAL));
    TRY(shutdown(unconnected, SHUT_RDWR));
    TRY(bind(unconnected, (struct sockaddr *)&address, 1));
    TRY(getsockopt(unconnected, SOL_SOCKET, -1, bytes, &(socklen_t){4}));
    TRY(close(listener));
    TRY(connect(unconnected, (struct sockaddr *)&address, sizeof address));
    TRY(close(unconnected));
    TRY(recv(unconnected, bytes, 4, 0));
    TRY(socket(-1, SOCK_STREAM, 0));
}

static void every(const char *unused)
{
    char byte;
    (void)unused;
    int listener = open_listener(), client = open_client(), server = accept_two(listener);
    set_options(client);
    talk(client, server);
    TRY(shutdown(client, SHUT_WR));
    TRY(recv(server, &byte, 1, 0));
    TRY(close(client));
    TRY(close(server));
    fail(listener);
}

/* ---- one call again and again ---- */

/* 40 bytes go from one end to the other, SIZE (10) at a time; `at` says how far they are.
   The sizes of these arrays are known to the compiler and what is asked for is not, so
   that _FORTIFY_SOURCE checks it while the program runs. */
static char stream[STREAM_SIZE + 1], seen[STREAM_SIZE + 1], piece[STREAM_SIZE];
static volatile nfds_t one_polled = 1;

struct making {
    int mine, other, listener;
    size_t at, size;
};

static size_t left(const struct making *m)
{
    return m->size < STREAM_SIZE - m->at ? m->size : STREAM_SIZE - m->at;
}

static void moved(struct making *m, long result)
{
    if (result > 0)
        m->at += (size_t)result;
}

static void taken(struct making *m, long result)
{
    if (result > 0)
        memcpy(seen + m->at, piece, (size_t)result);
    moved(m, result);
}

static void make_recv(struct making *m)
{
    taken(m, TRY(recv(m->mine, piece, left(m), 0)));
}

static void make_recvfrom(struct making *m)
{
    taken(m, TRY(recvfrom(m->mine, piece, left(m), 0, NULL, NULL)));
}

static void make_recvmsg(struct making *m)
{
    struct msghdr message = message_of(seen + m->at, left(m) / 2, left(m) - left(m) / 2);
    moved(m, TRY(recvmsg(m->mine, &message, 0)));
    if (message.msg_iov != two_pieces || message.msg_iovlen != 2)
        printf("the message has other pieces now\n");
}

static void make_read(struct making *m)
{
    taken(m, TRY(read(m->mine, piece, left(m))));
}

static void make_readv(struct making *m)
{
    message_of(seen + m->at, left(m) / 2, left(m) - left(m) / 2);
    moved(m, TRY(readv(m->mine, two_pieces, 2)));
}

static void make_send(struct making *m)
{
    moved(m, TRY(send(m->mine, stream + m->at, left(m), 0)));
}

static void make_sendto(struct making *m)
{
    moved(m, TRY(sendto(m->mine, stream + m->at, left(m), 0, NULL, 0)));
}

static void make_sendmsg(struct making *m)
{
    struct msghdr message =
        message_of(stream + m->at, left(m) / 2, left(m) - left(m) / 2);
    moved(m, TRY(sendmsg(m->mine, &message, 0)));
}

static void make_write(struct making *m)
{
    moved(m, TRY(write(m->mine, stream + m->at, left(m))));
}

static void make_writev(struct making *m)
{
    message_of(stream + m->at, left(m) / 2, left(m) - left(m) / 2);
    moved(m, TRY(writev(m->mine, two_pieces, 2)));
}

static void make_socket(struct making *m)
{
    (void)m;
    TRY(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static void make_bind(struct making *m)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)m;
    any.sin_addr.s_addr = inet_addr("127.0.0.1");
    TRY(bind(fd, (struct sockaddr *)&any, sizeof any));
}

static void make_listen(struct making *m)
{
    TRY(listen(m->listener, 5));
}

/* Blocking, and if it was interrupted, the wait for its end that POSIX asks for. */
static void make_connect(struct making *m)
{
    int error = -1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    (void)m;
    if (TRY(connect(fd, (struct sockaddr *)&address, sizeof address)) == 0 ||
        (errno != EINTR && errno != EINPROGRESS))
        return;
    need(poll(&polled, 1, 5000) == 1, "poll");
    need(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error}) == 0,
         "SO_ERROR");
    printf("it ended with %d\n", error);
    TRY(send(fd, "x", 1, MSG_NOSIGNAL));
}

static void call_connect(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    need(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
}

static void make_accept(struct making *m)
{
    call_connect();
    TRY(accept(m->listener, NULL, NULL));
}

static void make_shutdown(struct making *m)
{
    TRY(shutdown(m->mine, SHUT_RD));
}

static void make_close(struct making *m)
{
    int fd = dup(m->mine);
    TRY(close(fd));
    printf("it is %s\n", fcntl(fd, F_GETFD) == -1 ? "closed" : "open");
}

static void make_select(struct making *m)
{
    struct timeval time = {.tv_sec = 0};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(m->mine, &in);
    TRY(select(m->mine + 1, &in, NULL, NULL, &time));
}

static void make_pselect(struct making *m)
{
    const struct timespec time = {.tv_sec = 0};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(m->mine, &in);
    TRY(pselect(m->mine + 1, &in, NULL, NULL, &time, NULL));
}

static void make_poll(struct making *m)
{
    struct pollfd polled[1] = {{.fd = m->mine, .events = POLLIN}};
    TRY(poll(polled, one_polled, 0));
}

static void make_setsockopt(struct making *m)
{
    TRY(setsockopt(m->mine, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int)));
}

static void make_getsockopt(struct making *m)
{
    int value = 0;
    socklen_t size = sizeof value;
    TRY(getsockopt(m->mine, SOL_SOCKET, SO_TYPE, &value, &size));
}

static void make_fcntl(struct making *m)
{
    TRY(fcntl(m->mine, F_GETFD));
}

#ifdef __linux__
static void make_accept4(struct making *m)
{
    call_connect();
    TRY(accept4(m->listener, NULL, NULL, 0));
}

static void make_ppoll(struct making *m)
{
    const struct timespec time = {.tv_sec = 0};
    struct pollfd polled[1] = {{.fd = m->mine, .events = POLLIN}};
    TRY(ppoll(polled, one_polled, &time, NULL));
}

static void make_epoll_create(struct making *m)
{
    (void)m;
    TRY(epoll_create(1));
}

static void make_epoll_create1(struct making *m)
{
    (void)m;
    TRY(epoll_create1(0));
}

static void make_epoll_ctl(struct making *m)
{
    static int set = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = m->mine};
    if (set == -1)
        set = epoll_create1(0);
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, m->mine, &event));
}

/* A set with the readable end in it. */
static int ready_set(const struct making *m)
{
    static int set = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = m->mine};
    if (set != -1)
        return set;
    set = epoll_create1(0);
    need(epoll_ctl(set, EPOLL_CTL_ADD, m->mine, &event) == 0, "epoll_ctl");
    return set;
}

static void make_epoll_wait(struct making *m)
{
    struct epoll_event ready[2];
    TRY(epoll_wait(ready_set(m), ready, 2, 0));
}

static void make_epoll_pwait(struct making *m)
{
    struct epoll_event ready[2];
    TRY(epoll_pwait(ready_set(m), ready, 2, 0, NULL));
}
#endif

enum way { IN, OUT, LISTENS, ASIDE };

static const struct {
    const char *name;
    void (*make)(struct making *);
    enum way way;
} makers[] = {{"recv", make_recv, IN},
              {"recvfrom", make_recvfrom, IN},
              {"recvmsg", make_recvmsg, IN},
              {"read", make_read, IN},
              {"readv", make_readv, IN},
              {"select", make_select, IN},
              {"pselect", make_pselect, IN},
              {"poll", make_poll, IN},
              {"send", make_send, OUT},
              {"sendto", make_sendto, OUT},
              {"sendmsg", make_sendmsg, OUT},
              {"write", make_write, OUT},
              {"writev", make_writev, OUT},
              {"accept", make_accept, LISTENS},
              {"connect", make_connect, LISTENS},
              {"socket", make_socket, ASIDE},
              {"bind", make_bind, ASIDE},
              {"listen", make_listen, LISTENS},
              {"shutdown", make_shutdown, ASIDE},
              {"close", make_close, ASIDE},
              {"setsockopt", make_setsockopt, ASIDE},
              {"getsockopt", make_getsockopt, ASIDE},
              {"fcntl", make_fcntl, ASIDE},
#ifdef __linux__
              {"accept4", make_accept4, LISTENS},
              {"ppoll", make_ppoll, IN},
              {"epoll_create", make_epoll_create, ASIDE},
              {"epoll_create1", make_epoll_create1, ASIDE},
              {"epoll_ctl", make_epoll_ctl, ASIDE},
              {"epoll_wait", make_epoll_wait, IN},
              {"epoll_pwait", make_epoll_pwait, IN}
#endif
};

enum { MAKERS = sizeof makers / sizeof makers[0] };

static void prepare(struct making *m, enum way way)
{
    socklen_t size = sizeof address;
    for (size_t i = 0; i < STREAM_SIZE; i++)
        stream[i] = (char)('A' + i);
    open_pair(&m->mine, &m->other);
    if (way == IN) {
        need(write(m->other, stream, STREAM_SIZE) == STREAM_SIZE, "write");
        need(fcntl(m->mine, F_SETFL, O_NONBLOCK) == 0, "O_NONBLOCK");
    }
    if (way != LISTENS)
        return;
    address = (struct sockaddr_in){.sin_family = AF_INET};
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    m->listener = socket(AF_INET, SOCK_STREAM, 0);
    need(bind(m->listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    need(listen(m->listener, 50) == 0, "listen");
    need(getsockname(m->listener, (struct sockaddr *)&address, &size) == 0, "address");
}

static int make(int argc, char **argv)
{
    struct making m = {.size = argc > 4 ? strtoul(argv[4], NULL, 10) : 10};
    size_t maker = 0;
    while (maker < MAKERS && strcmp(makers[maker].name, argv[2]) != 0)
        maker++;
    if (maker == MAKERS)
        return 2;
    prepare(&m, makers[maker].way);
    for (long times = strtol(argv[3], NULL, 10); times > 0; times--)
        makers[maker].make(&m);
    if (makers[maker].way == OUT)
        need(recv(m.other, seen, STREAM_SIZE, MSG_DONTWAIT) == (ssize_t)m.at, "recv");
    if (makers[maker].way <= OUT)
        printf("stream: %s\n", seen);
    return failed;
}

/* ---- scenarios ---- */

static void use_files(const char *path)
{
    char bytes[8] = "";
    int ends[2], fd = (int)TRY(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
    TRY(write(fd, "file", 4));
    need(lseek(fd, 0, SEEK_SET) == 0, "lseek");
    TRY(read(fd, bytes, 8));
    show(bytes);
    TRY(read(fd, bytes, 8));
    TRY(fcntl(fd, F_GETFL) & O_APPEND);
    TRY(fcntl(fd, F_SETFD, FD_CLOEXEC));
    message_of(bytes, 2, 2);
    TRY(writev(fd, two_pieces, 2));
    TRY(close(fd));
    TRY(close(fd));
    TRY(write(fd, bytes, 1));
    TRY(fcntl(fd, F_GETFL));
    TRY(pipe(ends));
    TRY(write(ends[1], "pipe", 4));
    message_of(memset(bytes, 0, sizeof bytes), 2, 2);
    TRY(readv(ends[0], two_pieces, 2));
    show(bytes);
    TRY(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    TRY(read(ends[0], bytes, 8));
    TRY(close(ends[1]));
    TRY(read(ends[0], bytes, 8));
    TRY(close(ends[0]));
}

/* Sends and receives a byte `times` times. Returns how many calls worked. */
static int bounce(int mine, int other, int times)
{
    char byte = 'b';
    int worked = 0;
    for (int i = 0; i < times; i++)
        if (send(mine, &byte, 1, MSG_NOSIGNAL) == 1)
            worked += recv(other, &byte, 1, 0) == 1 ? 2 : 1;
    return worked;
}

static void wait_for(pid_t child)
{
    int status = -1;
    need(child > 0 && waitpid(child, &status, 0) == child, "child");
    printf("the child ended with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static void fork_it(const char *unused)
{
    int mine, other;
    (void)unused;
    open_pair(&mine, &other);
    printf("before %d\n", bounce(mine, other, 1));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int worked = bounce(mine, other, 5);
        exit(worked == 10 ? 7 : 1);
    }
    wait_for(child);
    printf("after %d\n", bounce(mine, other, 3));
}

static void vfork_it(const char *unused)
{
    int mine, other;
    (void)unused;
    open_pair(&mine, &other);
    fflush(stdout);
#ifdef __linux__
    pid_t child = vfork();
#else
    pid_t child = fork();
#endif
    if (child == 0)
        _exit(9);
    wait_for(child);
    printf("after %d\n", bounce(mine, other, 1));
}

static void spawn_it(const char *program)
{
    char *arguments[] = {(char *)program, "bounce", NULL};
    pid_t child;
    fflush(stdout);
    errno = posix_spawn(&child, program, NULL, NULL, arguments, environment);
    need(errno == 0, "posix_spawn");
    wait_for(child);
}

static void bounce_it(const char *unused)
{
    int mine, other;
    (void)unused;
    open_pair(&mine, &other);
    printf("bounced %d\n", bounce(mine, other, 2));
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Each thread has its own pair and its own bytes. All begin when the gate opens. */
static void *run_thread(void *argument)
{
    int mine, other, *worked = argument;
    open_pair(&mine, &other);
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    errno = SENTINEL;
    *worked = bounce(mine, other, THREAD_CALLS);
    if (errno != SENTINEL)
        *worked = -1;
    return NULL;
}

static void use_threads(const char *unused)
{
    pthread_t threads[THREADS];
    int worked[THREADS];
    (void)unused;
    pthread_mutex_lock(&gate);
    for (int i = 0; i < THREADS; i++)
        need(pthread_create(&threads[i], NULL, run_thread, &worked[i]) == 0, "thread");
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        printf("%d calls worked\n", worked[i]);
    }
}

static int signalled_mine;
static volatile sig_atomic_t signalled;

static void send_a_byte(int signal_number)
{
    int saved = errno;
    (void)signal_number;
    if (send(signalled_mine, "h", 1, MSG_NOSIGNAL) == 1)
        signalled++;
    errno = saved;
}

static void set_timer(long microseconds)
{
    const struct timeval time = {.tv_usec = (suseconds_t)microseconds};
    const struct itimerval timer = {time, time};
    need(setitimer(ITIMER_REAL, &timer, NULL) == 0, "setitimer");
}

/* The handler strikes between any two instructions of the calls below. */
static void handle_signals(const char *unused)
{
    int mine, other, drain, touched = 0;
    struct sigaction action = {.sa_handler = send_a_byte, .sa_flags = SA_RESTART};
    (void)unused;
    open_pair(&mine, &other);
    open_pair(&signalled_mine, &drain);
    need(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
    set_timer(200);
    for (long i = 0; i < MOST_LOOPS && signalled < HANDLER_CALLS; i++) {
        errno = SENTINEL;
        if (bounce(mine, other, 1) != 2 || errno != SENTINEL)
            touched++;
    }
    set_timer(0);
    printf("handler %d touched %d\n", (int)signalled, touched);
}

/* Where SIGPIPE stands: blocked, pending, and how often it came. */
static volatile sig_atomic_t broken_pipes;

static void count_broken_pipe(int signal_number)
{
    (void)signal_number;
    broken_pipes++;
}

static void show_sigpipe(void)
{
    sigset_t mask, pending;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    sigpending(&pending);
    printf("blocked %d pending %d came %d\n", sigismember(&mask, SIGPIPE),
           sigismember(&pending, SIGPIPE), (int)broken_pipes);
}

/* SIGPIPE is the program's own: what it does, holds back and has pending stays so. */
static void break_pipes(const char *unused)
{
    int mine, other;
    sigset_t sigpipe;
    struct sigaction action = {.sa_handler = count_broken_pipe};
    (void)unused;
    open_pair(&mine, &other);
    printf("bounced %d\n", bounce(mine, other, 2));
    show_sigpipe();
    need(sigaction(SIGPIPE, &action, NULL) == 0, "sigaction");
    printf("bounced %d\n", bounce(mine, other, 2));
    show_sigpipe();
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    sigprocmask(SIG_BLOCK, &sigpipe, NULL);
    close(other);
    TRY(send(mine, "x", 1, 0));
    show_sigpipe();
    TRY(getsockopt(mine, SOL_SOCKET, SO_TYPE, &(int){0}, &(socklen_t){sizeof(int)}));
    show_sigpipe();
    sigprocmask(SIG_UNBLOCK, &sigpipe, NULL);
    show_sigpipe();
    TRY(send(mine, "x", 1, 0));
    show_sigpipe();
}

/* Every number up to 1023 is closed, and then most of them are the program's file. */
static void close_all(const char *path)
{
    int mine, other;
    for (int fd = 3; fd <= HIGHEST; fd++)
        close(fd);
    int file = (int)TRY(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600));
    open_pair(&mine, &other);
    for (int fd = other + 1; fd < HIGHEST; fd++)
        if (dup2(file, fd) == -1)
            break;
    printf("bounced %d\n", bounce(mine, other, 3));
    TRY(write(file, "the program's own\n", 18));
}

static void end_by_exit(const char *unused)
{
    bounce_it(unused);
    fflush(stdout);
    _exit(5);
}

static void end_by_Exit(const char *unused)
{
    bounce_it(unused);
    fflush(stdout);
    _Exit(6);
}

/* Waits for a socket with poll, and how it is taken: not, by a recv that fails, by one
   that gets the byte. */
static void wake(struct pollfd *polled, int fd, int other, int takes)
{
    char byte;
    need(poll(polled, 1, takes) >= 0, "poll");
    if (takes == 1)
        need(recv(other, &byte, 1, MSG_DONTWAIT) == -1, "recv");
    if (takes == 2)
        need(recv(fd, &byte, 1, 0) == 1, "recv");
}

/* 6 waits: 1 finds nothing, 5 wake up, of which 2 are wasted: nothing is done, or recv
   fails. 7 bytes go out, 3 come in, and recv fails twice. */
static void count_wakeups(const char *unused)
{
    int mine, other;
    char byte;
    (void)unused;
    open_pair(&mine, &other);
    struct pollfd polled = {.fd = mine, .events = POLLIN};
    need(recv(mine, &byte, 1, MSG_DONTWAIT) == -1, "recv");
    wake(&polled, mine, other, 0);
    need(send(other, "1234567", 7, 0) == 7, "send");
    wake(&polled, mine, other, 0);
    wake(&polled, mine, other, 1);
    for (int i = 0; i < 3; i++)
        wake(&polled, mine, other, 2);
}

/* 20 failures with EAGAIN, a success, and 3 more. */
static void ask_again(const char *unused)
{
    int mine, other;
    char byte;
    (void)unused;
    open_pair(&mine, &other);
    for (int i = 0; i < 20; i++)
        need(recv(mine, &byte, 1, MSG_DONTWAIT) == -1, "recv");
    need(send(other, "x", 1, 0) == 1, "send");
    for (int i = 0; i < 4; i++)
        (void)!recv(mine, &byte, 1, MSG_DONTWAIT);
}

/* Nothing yet, 5 times, and after a fork a success in each process. */
static void ask_again_and_fork(const char *unused)
{
    int mine, other;
    char byte;
    (void)unused;
    open_pair(&mine, &other);
    for (int i = 0; i < 5; i++)
        need(recv(mine, &byte, 1, MSG_DONTWAIT) == -1, "recv");
    fflush(stdout);
    pid_t child = fork();
    need(bounce(mine, other, 1) == 2, "bounce");
    if (child == 0)
        exit(0);
    wait_for(child);
}

static long now_ms(void)
{
    struct timespec now;
    need(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* Asks for a byte that is not there, as fast as it can; every hundredth time a byte goes
   there and back instead. */
static void *flood(void *unused)
{
    int mine, other;
    char byte;
    long end = now_ms() + FLOOD_MS;
    open_pair(&mine, &other);
    for (long i = 1; now_ms() < end; i++)
        if (i % 100 == 0)
            bounce(mine, other, 1);
        else
            (void)!recv(mine, &byte, 1, MSG_DONTWAIT);
    return unused;
}

static void flood_alone(const char *unused)
{
    (void)unused;
    flood(NULL);
}

static void flood_in_threads(const char *unused)
{
    pthread_t threads[THREADS];
    (void)unused;
    for (int i = 0; i < THREADS; i++)
        need(pthread_create(&threads[i], NULL, flood, NULL) == 0, "thread");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void flood_and_fork(const char *unused)
{
    (void)unused;
    fflush(stdout);
    pid_t child = fork();
    flood(NULL);
    if (child == 0)
        exit(0);
    wait_for(child);
}

/* 100 times nothing yet, failures of three other calls, and 100 times nothing again. */
static void fail_in_between(const char *unused)
{
    int mine, other;
    char byte = 'x';
    fd_set in;
    struct timeval time = {.tv_sec = 3};
    const struct timespec long_time = {.tv_sec = 4};
    (void)unused;
    open_pair(&mine, &other);
    FD_ZERO(&in);
    FD_SET(NOT_OPEN, &in);
    for (int i = 0; i < 100; i++)
        need(recv(mine, &byte, 1, MSG_DONTWAIT) == -1, "recv");
    TRY(send(-1, &byte, 1, 0));
    TRY(select(NOT_OPEN + 1, &in, NULL, NULL, &time));
    TRY(pselect(NOT_OPEN + 1, NULL, &in, NULL, &long_time, NULL));
    for (int i = 0; i < 100; i++)
        need(recv(mine, &byte, 1, MSG_DONTWAIT) == -1, "recv");
}

/* A pipe wakes the program up and is read: 3 times. */
static void count_pipe_wakeups(const char *unused)
{
    int ends[2];
    char byte = 'p';
    (void)unused;
    need(pipe(ends) == 0, "pipe");
    struct pollfd polled = {.fd = ends[0], .events = POLLIN};
    for (int i = 0; i < 3; i++) {
        need(write(ends[1], &byte, 1) == 1, "write");
        need(poll(&polled, 1, 0) == 1, "poll");
        need(read(ends[0], &byte, 1) == 1, "read");
    }
    need(poll(&polled, 1, 0) == 0, "poll");
}

/* How long the next datagram is: recv is asked for none of its bytes, and for fewer. */
static void ask_for_sizes(const char *unused)
{
    int fds[2];
    char bytes[2] = "";
    (void)unused;
    need(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0, "socketpair");
    need(send(fds[0], stream, STREAM_SIZE, 0) == STREAM_SIZE, "send");
    TRY(recv(fds[1], bytes, 1, MSG_PEEK | MSG_TRUNC));
    TRY(recv(fds[1], NULL, 0, MSG_PEEK | MSG_TRUNC));
    TRY(recv(fds[1], bytes, 1, 0));
}

/* What a kernel refuses with EFAULT and EINVAL must not be touched by anybody else. */
static void pass_bad_arguments(const char *unused)
{
    int mine, other;
    volatile int negative = -1;
    void *volatile nowhere = (void *)8;
    struct iovec pieces = {.iov_base = nowhere, .iov_len = 8};
    (void)unused;
    open_pair(&mine, &other);
    TRY(send(mine, nowhere, 8, 0));
    TRY(write(mine, nowhere, 8));
    TRY(writev(mine, &pieces, 1));
    TRY(readv(mine, &pieces, negative));
    TRY(bind(mine, nowhere, sizeof(struct sockaddr_in)));
    TRY(poll(nowhere, 1, 0));
    TRY(sendmsg(mine, nowhere, 0));
}

/* Descriptors that are not there, flags that are none, sets with nothing in them. */
static void pass_odd_arguments(const char *unused)
{
    struct timeval time = {.tv_usec = 1000};
    char byte = 'x';
    (void)unused;
    TRY(recv(-1, &byte, 1, 0));
    TRY(send(-1, &byte, 1, 0));
    TRY(select(0, NULL, NULL, NULL, &time));
#ifdef __linux__
    TRY(accept4(-1, NULL, NULL, 0));
    TRY(accept4(-1, NULL, NULL, SOCK_NONBLOCK));
#endif
}

/* The families of addresses, and no address at all. */
static void use_addresses(const char *path)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path);
    TRY(bind(fd, (struct sockaddr *)&local, sizeof local));
    TRY(sendto(fd, "x", 1, 0, (struct sockaddr *)&local, sizeof local));
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    TRY(bind(fd, (struct sockaddr *)&in6, sizeof in6));
    TRY(connect(fd, &none, sizeof none));
    TRY(connect(fd, &none, 0));
    close(fd);
}

/* Options that are no int, messages that are none, flags of either kind. */
static void use_strange_options(const char *unused)
{
    struct linger linger = {.l_onoff = 0};
    socklen_t size = sizeof linger;
    int fd = socket(AF_INET, SOCK_STREAM, 0), kind = 0;
    (void)unused;
    TRY(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &size));
    TRY(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, size));
    size = sizeof kind;
    TRY(getsockopt(fd, IPPROTO_IP, IP_TTL, &kind, &size));
    TRY(getsockopt(-1, SOL_SOCKET, SO_TYPE, &kind, &size));
    TRY(fcntl(fd, F_SETFL, 0));
    TRY(fcntl(fd, F_GETFL) & O_NONBLOCK);
    TRY(fcntl(fd, F_SETFD, 0));
    TRY(recvmsg(fd, NULL, 0));
    TRY(sendmsg(fd, NULL, MSG_NOSIGNAL));
    TRY(poll(NULL, 0, 0));
    close(fd);
}

static const struct {
    const char *name;
    void (*run)(const char *argument);
} scenarios[] = {{"every", every},
                 {"files", use_files},
                 {"fork", fork_it},
                 {"vfork", vfork_it},
                 {"spawn", spawn_it},
                 {"bounce", bounce_it},
                 {"threads", use_threads},
                 {"handler", handle_signals},
                 {"sigpipe", break_pipes},
                 {"close-all", close_all},
                 {"_exit", end_by_exit},
                 {"_Exit", end_by_Exit},
                 {"wakeups", count_wakeups},
                 {"again", ask_again},
                 {"sizes", ask_for_sizes},
                 {"bad", pass_bad_arguments},
                 {"odd", pass_odd_arguments},
                 {"addresses", use_addresses},
                 {"options", use_strange_options},
                 {"again-fork", ask_again_and_fork},
                 {"pipe-wakeups", count_pipe_wakeups},
                 {"flood", flood_alone},
                 {"flood-threads", flood_in_threads},
                 {"flood-fork", flood_and_fork},
                 {"fail-between", fail_in_between}};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

static int list(void)
{
    for (size_t i = 0; i < SCENARIOS; i++)
        printf("%s\n", scenarios[i].name);
    for (size_t i = 0; i < MAKERS; i++)
        printf("make %s\n", makers[i].name);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    extern char **environ;
    environment = environ;
    signal(SIGPIPE, SIG_DFL);
    if (argc == 2 && strcmp(argv[1], "-l") == 0)
        return list();
    if (argc >= 4 && strcmp(argv[1], "make") == 0)
        return make(argc, argv);
    for (size_t i = 0; argc >= 2 && i < SCENARIOS; i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0) {
            scenarios[i].run(argc > 2 ? argv[2] : argv[0]);
            return failed;
        }
    fprintf(stderr, "usage: narrator_probe -l | make CALL TIMES [SIZE] | NAME [FILE]\n");
    return 2;
}
