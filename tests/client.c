/*
 * client: plays a script against a server, and says where the server did something else.
 *
 *     tests/client -p 9004 'ann connect' 'bob connect' 'ann send hi' 'ann expect hi'
 *     tests/client -p 9004 -s 4711 'crowd*100 connect' 'mark' 'pass 2000' 'cpu-below 1'
 *     tests/client -p /tmp/echo 'ann connect' 'ann echo hi'        a Unix-domain socket
 *
 * Each step is one argument: a name and a verb, or a verb alone. A name is one
 * connection; name*100 at connect makes it a crowd, and every step of the crowd is done
 * by each member. Steps are played in order; each has a time limit. The first that fails
 * ends the run with status 1 and one line. -h lists the verbs.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
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
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    EXIT_SKIP = 77,     /* this system cannot show what was asked for */
    MOST_PATIENCE = 20, /* times a limit, on a machine under load */
    FLOOD_LIMIT_S = 30,
    PATIENT_MS = 20, /* a look at a time after a deadline that was extended */
    QUIET_MS = 300,  /* the kernel has taken nothing for so long: it is full */
    PIECE_SIZE = 16384,
    MAX_DATAGRAM_SIZE = 65507, /* over IPv4 */
    MAX_LINE_SIZE = 1 << 20,
    MAX_CHILDREN = 8
};

struct member {
    int fd;
    bool answered, gone;
    uint32_t sent_seed, got_seed;        /* the generators of what is sent and expected */
    unsigned long long nsent, nexpected; /* bytes of the generator sent and compared */
};

struct crowd {
    char name[32];
    size_t size;
    struct member *members;
    double quiet_median_us;
};

static struct crowd crowds[16];
static size_t ncrowds;
static struct addrinfo *server_address;
static pid_t server_pid;
static int limit_ms = 5000, run_limit_s = 60;
static pid_t children[MAX_CHILDREN];
static size_t nchildren;
static pid_t pesterer; /* one of the children, 0: none */
static bool freezes; /* stop the server when a step fails: what it did last can be seen */
static int step_number;
static const char *step_text;

static struct {
    double cpu_us, now_ms, withheld_ms;
    long rss_kib;
    int descriptors;
} mark;

/* ---- time and messages ---- */

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double now_ms(void)
{
    return now_us() / 1e3;
}

static void nap(int nap_ms)
{
    double until_ms = now_ms() + nap_ms;
    double left_ms;
    while ((left_ms = until_ms - now_ms()) > 0) {
        struct timespec time = {.tv_sec = (time_t)(left_ms / 1000),
                                .tv_nsec = (long)(left_ms * 1e6) % 1000000000};
        nanosleep(&time, NULL);
    }
}

/* A pesterer may have stopped the server a moment ago. */
static void end_children(void)
{
    for (size_t i = 0; i < nchildren; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
    if (pesterer != 0)
        kill(server_pid, SIGCONT);
    nchildren = 0;
}

static void freeze_server(void)
{
    if (freezes && server_pid != 0)
        kill(server_pid, SIGSTOP);
}

static _Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "client: step %d '%s': ", step_number, step_text);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    end_children();
    freeze_server();
    exit(EXIT_FAILURE);
}

static _Noreturn void bad_script(const char *what)
{
    fprintf(stderr, "client: step %d '%s': %s\n", step_number, step_text, what);
    end_children();
    exit(EXIT_USAGE);
}

/* How long a process that could run had to wait for a processor. Linux tells it, and a
   signal handler may ask. 0 elsewhere. */
static double withheld_from_ms(const char *path)
{
    char text[128];
    int fd = open(path, O_RDONLY);
    ssize_t size = fd != -1 ? read(fd, text, sizeof text - 1) : -1;
    if (fd != -1)
        close(fd);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    /* Nanoseconds with a processor, and without. A signal handler may not call strtod. */
    const char *digit = strchr(text, ' ');
    double withheld_ns = 0;
    while (digit != NULL && *++digit >= '0' && *digit <= '9')
        withheld_ns = 10 * withheld_ns + (*digit - '0');
    return withheld_ns / 1e6;
}

static char server_schedstat[48];

/* A busy machine keeps the processor from the server and from this client. That is
   nobody's fault, and so no limit counts it. */
static double withheld_ms(void)
{
    double from_server_ms = server_pid != 0 ? withheld_from_ms(server_schedstat) : 0;
    return withheld_from_ms("/proc/self/schedstat") + from_server_ms;
}

static double withheld_before_step_ms;

/* Has the deadline passed, with what the machine withheld during this step added? */
static bool is_over(double deadline_ms)
{
    double past_ms = now_ms() - deadline_ms;
    if (past_ms < 0)
        return false;
    return past_ms > (MOST_PATIENCE - 1) * limit_ms ||
           past_ms >= withheld_ms() - withheld_before_step_ms;
}

static void run_limit_struck(int signal_number)
{
    static const char text[] = "client: the whole run took too long\n";
    static double granted_ms;
    double withheld = withheld_ms();
    (void)signal_number;
    if (withheld - granted_ms >= 1000 &&
        granted_ms < (MOST_PATIENCE - 1) * 1e3 * run_limit_s) {
        alarm((unsigned)((withheld - granted_ms) / 1000));
        granted_ms = withheld;
        return;
    }
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    freeze_server();
    _exit(EXIT_FAILURE);
}

static long number(const char *text)
{
    char *end;
    errno = 0;
    long value = text == NULL ? -1 : strtol(text, &end, 10);
    if (text == NULL || *text == '\0' || *end != '\0' || errno != 0 || value < 0)
        bad_script("a number is missing or wrong");
    return value;
}

/* Memory for so many of a size, all 0. */
static void *room_for(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        fail("no memory for %zu of %zu bytes", count, size);
    return memory;
}

/* ---- the bytes of a stream ---- */

/* xorshift32: every byte value comes, and no two connections have the same stream. */
static unsigned char next_byte(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return (unsigned char)(*seed >> 11);
}

/* Undoes \n, \r, \t, \0, \\ and \xHH in place. Returns the length, NUL bytes counted. */
static size_t unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\' || from[1] == '\0') {
            *to++ = *from;
            continue;
        }
        from++;
        char digits[3] = "";
        switch (*from) {
        case 'n':
            *to++ = '\n';
            break;
        case 'r':
            *to++ = '\r';
            break;
        case 't':
            *to++ = '\t';
            break;
        case '0':
            *to++ = '\0';
            break;
        case 'x':
            if (!isxdigit((unsigned char)from[1]) || !isxdigit((unsigned char)from[2]))
                bad_script("\\x needs two hexadecimal digits");
            memcpy(digits, from + 1, 2);
            *to++ = (char)strtol(digits, NULL, 16);
            from += 2;
            break;
        default:
            *to++ = *from;
        }
    }
    return (size_t)(to - text);
}

/* ---- waiting ---- */

/* Waits for events on a member until the deadline. Returns false when it has passed. */
static bool wait_until(const struct member *m, short events, double deadline_ms)
{
    for (;;) {
        double left_ms = deadline_ms - now_ms();
        struct pollfd p = {.fd = m->fd, .events = events};
        int nready = poll(&p, 1, left_ms > 0 ? (int)left_ms + 1 : PATIENT_MS);
        if (nready == 1)
            return true;
        if (nready == 0 && left_ms <= 0 && is_over(deadline_ms))
            return false;
    }
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void send_bytes(struct member *m, const char *bytes, size_t size)
{
    double deadline_ms = now_ms() + limit_ms;
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(m->fd, bytes + sent, size - sent, 0);
        if (n >= 0)
            sent += (size_t)n;
        else if (!would_block())
            fail("could not send: %s", strerror(errno));
        else if (!wait_until(m, POLLOUT, deadline_ms))
            fail("the server took only %zu of %zu bytes", sent, size);
    }
}

/* Receives up to size bytes. Returns their number, 0 for an end of input, -1 if nothing
   came until the deadline; a reset fails the step. */
static ssize_t receive(struct member *m, char *bytes, size_t size, double deadline_ms)
{
    for (;;) {
        ssize_t n = recv(m->fd, bytes, size, 0);
        if (n >= 0)
            return n;
        if (!would_block())
            fail("could not receive: %s", strerror(errno));
        if (!wait_until(m, POLLIN, deadline_ms))
            return -1;
    }
}

static void expect_bytes(struct member *m, const char *bytes, size_t size)
{
    char got[PIECE_SIZE];
    double deadline_ms = now_ms() + limit_ms;
    for (size_t done = 0; done < size;) {
        size_t want = size - done < sizeof got ? size - done : sizeof got;
        ssize_t n = receive(m, got, want, deadline_ms);
        if (n == -1)
            fail("expected %zu bytes, got %zu within %d ms", size, done, limit_ms);
        if (n == 0)
            fail("expected %zu bytes, got %zu and then the end", size, done);
        if (memcmp(got, bytes + done, (size_t)n) != 0)
            fail("expected '%.*s', got '%.*s'", (int)size, bytes, (int)n, got);
        done += (size_t)n;
    }
    m->answered = true;
}

/* ---- connections ---- */

static int new_socket(int type, bool small)
{
    int on = 1, small_size = 2048;
    int fd = socket(server_address->ai_family, type, 0);
    if (fd == -1)
        fail("socket: %s", strerror(errno));
    if (small)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small_size, sizeof small_size);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static void connect_member(struct member *m, bool small)
{
    int error;
    socklen_t length = sizeof error;
    m->fd = new_socket(SOCK_STREAM, small);
    if (connect(m->fd, server_address->ai_addr, server_address->ai_addrlen) == 0)
        return;
    if (errno != EINPROGRESS && errno != EINTR)
        fail("connect: %s", strerror(errno));
    if (!wait_until(m, POLLOUT, now_ms() + limit_ms))
        fail("no connection within %d ms", limit_ms);
    getsockopt(m->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0)
        fail("connect: %s", strerror(error));
}

static void close_member(struct member *m)
{
    if (m->fd != -1)
        close(m->fd);
    m->fd = -1;
}

static void reset_member(struct member *m)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(m->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close_member(m);
}

static struct crowd *find_crowd(const char *name)
{
    for (size_t i = 0; i < ncrowds; i++)
        if (strcmp(crowds[i].name, name) == 0)
            return &crowds[i];
    return NULL;
}

/* "crowd*100" is a name and a size. A name that is used again is connected anew. */
static struct crowd *make_crowd(char *name)
{
    char *star = strchr(name, '*');
    size_t size = 1;
    if (star != NULL) {
        *star = '\0';
        size = (size_t)number(star + 1);
    }
    struct crowd *c = find_crowd(name);
    if (c == NULL) {
        if (ncrowds == sizeof crowds / sizeof crowds[0] || strlen(name) > 31)
            bad_script("too many names, or too long a one");
        c = &crowds[ncrowds++];
        strcpy(c->name, name);
    }
    for (size_t i = 0; i < c->size; i++)
        close_member(&c->members[i]);
    free(c->members);
    c->members = room_for(size, sizeof *c->members);
    c->size = size;
    for (size_t i = 0; i < size; i++)
        c->members[i].sent_seed = c->members[i].got_seed =
            2463534242u + (uint32_t)(c - crowds) * 104729u + (uint32_t)(i + 1) * 7919u;
    return c;
}

/* ---- the verbs of one connection ---- */

static void do_connect(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        connect_member(&c->members[i], false);
}

static void do_connect_small(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        connect_member(&c->members[i], true);
}

/* Nothing is sent by that: the kernel notes where datagrams go, and takes them from there
   alone. */
static void do_connect_datagram(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++) {
        struct member *m = &c->members[i];
        m->fd = new_socket(SOCK_DGRAM, false);
        if (connect(m->fd, server_address->ai_addr, server_address->ai_addrlen) == -1)
            fail("connect: %s", strerror(errno));
    }
}

static void do_send(struct crowd *c, char *argument)
{
    size_t size = unescape(argument);
    for (size_t i = 0; i < c->size; i++)
        send_bytes(&c->members[i], argument, size);
}

static void do_expect(struct crowd *c, char *argument)
{
    size_t size = unescape(argument);
    for (size_t i = 0; i < c->size; i++)
        expect_bytes(&c->members[i], argument, size);
}

static void do_echo(struct crowd *c, char *argument)
{
    size_t size = unescape(argument);
    for (size_t i = 0; i < c->size; i++)
        send_bytes(&c->members[i], argument, size);
    for (size_t i = 0; i < c->size; i++)
        expect_bytes(&c->members[i], argument, size);
}

static void do_drip(struct crowd *c, char *argument)
{
    char *space = strchr(argument, ' ');
    int pause_ms = (int)number(space != NULL ? space + 1 : NULL);
    *space = '\0';
    size_t size = unescape(argument);
    for (size_t i = 0; i < size; i++) {
        send_bytes(&c->members[0], argument + i, 1);
        nap(pause_ms);
    }
}

static void do_silent(struct crowd *c, char *argument)
{
    char byte;
    double deadline_ms = now_ms() + (double)number(argument);
    for (size_t i = 0; i < c->size; i++) {
        ssize_t n = receive(&c->members[i], &byte, 1, deadline_ms);
        if (n != -1)
            fail(n == 0 ? "expected silence, got the end"
                        : "expected silence, got bytes");
    }
}

static void do_half_close(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        shutdown(c->members[i].fd, SHUT_WR);
}

static void do_close(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        close_member(&c->members[i]);
}

static void do_reset(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        reset_member(&c->members[i]);
}

static void do_end(struct crowd *c, char *argument)
{
    char byte;
    (void)argument;
    for (size_t i = 0; i < c->size; i++) {
        ssize_t n = receive(&c->members[i], &byte, 1, now_ms() + limit_ms);
        if (n == -1)
            fail("expected the end, got nothing within %d ms", limit_ms);
        if (n > 0)
            fail("expected the end, got more bytes");
    }
}

/* With a small receive buffer the kernel could take minutes for what it still has to
   send: the window hardly opens, and the sender probes it ever more seldom. */
static void open_window(const struct member *m)
{
    int size = 1 << 20;
    if (m->fd != -1)
        setsockopt(m->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/* Reads what comes and drops it, until the end or a reset. */
static void do_gone(struct crowd *c, char *argument)
{
    static char bytes[PIECE_SIZE];
    int within_ms = argument != NULL ? (int)number(argument) : limit_ms;
    double deadline_ms = now_ms() + within_ms;
    for (size_t i = 0; i < c->size; i++) {
        struct member *m = &c->members[i];
        open_window(m);
        for (;;) {
            ssize_t n = m->fd == -1 ? 0 : recv(m->fd, bytes, sizeof bytes, 0);
            if (n == 0 || (n == -1 && !would_block()))
                break;
            if (n == -1 && !wait_until(m, POLLIN, deadline_ms))
                fail("the connection is still there after %d ms", within_ms);
        }
        close_member(m);
    }
}

/* ---- lines ---- */

/* Does the text fit the pattern, in which * stands for any text and all else
   for itself? */
static bool fits(const char *pattern, const char *text)
{
    const char *star = NULL, *retry = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            retry = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* Receives one line, without its end. What comes behind it stays in the kernel. */
static const char *receive_line(struct member *m, double deadline_ms)
{
    static char line[MAX_LINE_SIZE + 1];
    size_t size = 0;
    for (;;) {
        char peeked[PIECE_SIZE];
        ssize_t n = recv(m->fd, peeked, sizeof peeked, MSG_PEEK);
        if (n == -1 && !would_block())
            fail("could not receive: %s", strerror(errno));
        if (n == 0)
            fail("expected a line, got the end after %zu bytes of one", size);
        if (n == -1) {
            if (!wait_until(m, POLLIN, deadline_ms))
                fail("expected a line, got %zu bytes of one within %d ms", size,
                     limit_ms);
            continue;
        }
        const char *newline = memchr(peeked, '\n', (size_t)n);
        size_t more = newline != NULL ? (size_t)(newline - peeked) + 1 : (size_t)n;
        if (more > MAX_LINE_SIZE - size)
            fail("a line is longer than %d bytes", MAX_LINE_SIZE);
        size += (size_t)recv(m->fd, line + size, more, 0);
        if (newline != NULL) {
            line[size - 1] = '\0';
            return line;
        }
    }
}

static void do_tell(struct crowd *c, char *argument)
{
    size_t size = strlen(argument);
    argument[size] = '\n'; /* every step has room for one more byte: see main */
    for (size_t i = 0; i < c->size; i++)
        send_bytes(&c->members[i], argument, size + 1);
}

static void do_hear(struct crowd *c, char *argument)
{
    for (size_t i = 0; i < c->size; i++) {
        const char *line = receive_line(&c->members[i], now_ms() + limit_ms);
        if (!fits(argument, line))
            fail("heard '%.300s'", line);
    }
}

static void do_hear_until(struct crowd *c, char *argument)
{
    for (size_t i = 0; i < c->size; i++) {
        double deadline_ms = now_ms() + limit_ms;
        while (!fits(argument, receive_line(&c->members[i], deadline_ms)))
            continue;
    }
}

static void do_show(struct crowd *c, char *argument)
{
    for (long left = number(argument); left > 0; left--)
        printf("%s\n", receive_line(&c->members[0], now_ms() + limit_ms));
}

/* "COUNT LINE": tells the line and hears one, so many times. */
static void do_rounds(struct crowd *c, char *argument)
{
    char *line = strchr(argument, ' ');
    if (line == NULL)
        bad_script("a number and a line are needed");
    *line++ = '\0';
    size_t size = strlen(line);
    line[size] = '\n';
    for (long left = number(argument); left > 0; left--) {
        send_bytes(&c->members[0], line, size + 1);
        receive_line(&c->members[0], now_ms() + limit_ms);
    }
}

/* ---- streams ---- */

/* Sends bytes of the generator without waiting. Returns how many the kernel took. */
static size_t send_stream(struct member *m, unsigned long long most)
{
    char bytes[PIECE_SIZE];
    size_t size = most < sizeof bytes ? (size_t)most : sizeof bytes;
    uint32_t seed = m->sent_seed;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)next_byte(&seed);
    ssize_t n = send(m->fd, bytes, size, 0);
    if (n == -1 && !would_block())
        fail("could not send: %s", strerror(errno));
    for (ssize_t i = 0; i < n; i++)
        next_byte(&m->sent_seed);
    m->nsent += n > 0 ? (unsigned long long)n : 0;
    return n > 0 ? (size_t)n : 0;
}

/* Receives and compares `most` bytes without waiting. Returns how many came. */
static size_t compare_stream(struct member *m, size_t most)
{
    char bytes[PIECE_SIZE];
    ssize_t n = recv(m->fd, bytes, most < sizeof bytes ? most : sizeof bytes, 0);
    if (n == 0)
        fail("the end came after %llu of %llu bytes", m->nexpected, m->nsent);
    if (n == -1 && !would_block())
        fail("could not receive after %llu bytes: %s", m->nexpected, strerror(errno));
    for (ssize_t i = 0; i < n; i++, m->nexpected++)
        if (bytes[i] != (char)next_byte(&m->got_seed))
            fail("byte %llu came back wrong", m->nexpected);
    return n > 0 ? (size_t)n : 0;
}

static struct pollfd *make_pollfds(const struct crowd *c)
{
    struct pollfd *p = room_for(c->size, sizeof *p);
    for (size_t i = 0; i < c->size; i++)
        p[i].fd = c->members[i].fd;
    return p;
}

/*
 * The one loop of all stream verbs. Each member sends until it has sent target_sent bytes
 * and, if compare is set, receives until everything sent has come back. Ends when nobody
 * has anything left, or when nothing has moved for patience_ms: then it returns false.
 */
static bool move_streams(struct crowd *c, unsigned long long to_send, bool compare,
                         int patience_ms)
{
    struct pollfd *p = make_pollfds(c);
    double last_ms = now_ms();
    bool moved_all = false;
    unsigned long long *left = room_for(c->size, sizeof *left);
    for (size_t i = 0; i < c->size; i++)
        left[i] = to_send;
    while (!is_over(last_ms + patience_ms)) {
        size_t busy = 0;
        for (size_t i = 0; i < c->size; i++) {
            const struct member *m = &c->members[i];
            p[i].events =
                (short)((left[i] > 0 ? POLLOUT : 0) |
                        (compare && m->nexpected < m->nsent + left[i] ? POLLIN : 0));
            p[i].fd = p[i].events != 0 ? m->fd : -1;
            busy += p[i].events != 0;
        }
        moved_all = busy == 0;
        if (moved_all)
            break;
        poll(p, (nfds_t)c->size, 50);
        for (size_t i = 0; i < c->size; i++) {
            size_t moved = 0;
            if (p[i].fd != -1 && p[i].revents & (POLLIN | POLLERR | POLLHUP) && compare)
                moved += compare_stream(&c->members[i], PIECE_SIZE);
            if (p[i].fd != -1 && p[i].revents & POLLOUT && left[i] > 0) {
                size_t sent = send_stream(&c->members[i], left[i]);
                left[i] -= sent;
                moved += sent;
            }
            if (moved > 0)
                last_ms = now_ms();
        }
    }
    free(p);
    free(left);
    return moved_all;
}

static void do_stream(struct crowd *c, char *argument)
{
    if (!move_streams(c, (unsigned long long)number(argument), true, limit_ms))
        fail("nothing moved for %d ms; %llu bytes sent, %llu back", limit_ms,
             c->members[0].nsent, c->members[0].nexpected);
}

static void do_pour(struct crowd *c, char *argument)
{
    if (!move_streams(c, (unsigned long long)number(argument), false, limit_ms))
        fail("the server took only %llu bytes", c->members[0].nsent);
}

static void do_fill(struct crowd *c, char *argument)
{
    (void)argument;
    if (move_streams(c, 1ull << 30, false, QUIET_MS))
        fail("the server took a gigabyte that nobody read");
    printf("%s took %llu bytes\n", c->name, c->members[0].nsent);
}

static void do_collect(struct crowd *c, char *argument)
{
    (void)argument;
    for (size_t i = 0; i < c->size; i++)
        open_window(&c->members[i]);
    if (!move_streams(c, 0, true, limit_ms))
        fail("%llu of %llu bytes came back", c->members[0].nexpected,
             c->members[0].nsent);
}

/* As many bytes as given, of what is still to come back: the rest stays where it is. */
static void do_take(struct crowd *c, char *argument)
{
    struct member *m = &c->members[0];
    double deadline_ms = now_ms() + limit_ms;
    for (size_t left = (size_t)number(argument); left > 0;) {
        size_t taken = compare_stream(m, left);
        left -= taken;
        if (taken == 0 && !wait_until(m, POLLIN, deadline_ms))
            fail("%zu bytes more were expected within %d ms", left, limit_ms);
    }
}

/* One datagram of so many bytes, and the same one back. */
static void do_datagram(struct crowd *c, char *argument)
{
    static char sent[MAX_DATAGRAM_SIZE], got[MAX_DATAGRAM_SIZE + 1];
    size_t size = (size_t)number(argument);
    if (size > sizeof sent)
        bad_script("a datagram is not so large");
    for (size_t i = 0; i < c->size; i++) {
        struct member *m = &c->members[i];
        for (size_t k = 0; k < size; k++)
            sent[k] = (char)next_byte(&m->sent_seed);
        if (send(m->fd, sent, size, 0) == -1)
            fail("could not send: %s", strerror(errno));
    }
    for (size_t i = 0; i < c->size; i++) {
        struct member *m = &c->members[i];
        ssize_t n = receive(m, got, sizeof got, now_ms() + limit_ms);
        if (n == -1)
            fail("no datagram came back within %d ms", limit_ms);
        if ((size_t)n != size)
            fail("expected a datagram of %zu bytes, got one of %zd", size, n);
        for (size_t k = 0; k < size; k++)
            if (got[k] != (char)next_byte(&m->got_seed))
                fail("byte %zu came back wrong", k);
    }
}

/* Comes and goes: connects, sends a byte, gets it back, closes. */
static void do_visit(struct crowd *c, char *argument)
{
    for (long left = number(argument); left > 0; left--) {
        struct member *m = &c->members[0];
        close_member(m);
        connect_member(m, false);
        send_bytes(m, "x", 1);
        expect_bytes(m, "x", 1);
    }
    close_member(&c->members[0]);
}

/* ---- round trips ---- */

static int compare_doubles(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* The sorted durations of so many round trips, in microseconds, without the time for
   which the machine had no processor for one of the two sides. */
static double *measure_trips(struct member *m, size_t count)
{
    double *trips_us = room_for(count, sizeof *trips_us);
    for (size_t i = 0; i < count; i++) {
        double withheld_before_ms = withheld_ms();
        double start_us = now_us();
        send_bytes(m, "0123456789abcdef", 16);
        expect_bytes(m, "0123456789abcdef", 16);
        trips_us[i] = now_us() - start_us;
        trips_us[i] -= (withheld_ms() - withheld_before_ms) * 1e3;
    }
    qsort(trips_us, count, sizeof *trips_us, compare_doubles);
    return trips_us;
}

static size_t trip_count(const char *text)
{
    long count = number(text);
    if (count == 0)
        bad_script("at least one round trip");
    return (size_t)count;
}

static void do_ping(struct crowd *c, char *argument)
{
    size_t count = trip_count(argument);
    double *trips_us = measure_trips(&c->members[0], count);
    c->quiet_median_us = trips_us[count / 2];
    printf("%s median_us=%.1f p90_us=%.1f max_us=%.1f\n", c->name, trips_us[count / 2],
           trips_us[count * 9 / 10], trips_us[count - 1]);
    free(trips_us);
}

/* The best of three, because another program may have had the processor in one
   of them. */
static void do_ping_within(struct crowd *c, char *argument)
{
    enum { ATTEMPTS = 3, FLOOR_US = 500 };
    char *space = strchr(argument, ' ');
    if (space == NULL)
        bad_script("a factor and a number of round trips are needed");
    *space = '\0';
    double most_us = (double)number(argument) * c->quiet_median_us;
    size_t count = trip_count(space + 1);
    double best_us = 0;
    if (most_us < FLOOR_US)
        most_us = FLOOR_US;
    for (int i = 0; i < ATTEMPTS; i++) {
        double *trips_us = measure_trips(&c->members[0], count);
        double median_us = trips_us[count / 2];
        free(trips_us);
        if (i == 0 || median_us < best_us)
            best_us = median_us;
        if (best_us <= most_us)
            break;
    }
    printf("%s median_us=%.1f quiet_median_us=%.1f\n", c->name, best_us,
           c->quiet_median_us);
    if (best_us > most_us)
        fail("the median round trip took %.0f us, quiet it took %.0f us", best_us,
             c->quiet_median_us);
}

/* How long the echo of a text takes, however long; "never" is an answer too. */
static void do_time_echo(struct crowd *c, char *argument)
{
    char byte;
    char *space = strrchr(argument, ' ');
    long most_ms = number(space != NULL ? space + 1 : NULL);
    *space = '\0';
    size_t size = unescape(argument), got = 0;
    double start_us = now_us();
    send_bytes(&c->members[0], argument, size);
    while (got < size) {
        if (receive(&c->members[0], &byte, 1, start_us / 1e3 + (double)most_ms) <= 0) {
            printf("%s waited_ms=never\n", c->name);
            return;
        }
        if (byte != argument[got])
            fail("byte %zu came back wrong", got);
        got++;
    }
    printf("%s waited_ms=%.1f\n", c->name, (now_us() - start_us) / 1e3);
}

/* The child keeps the connections of one crowd alone: a descriptor that it holds would
   keep a connection open which this process closes. */
static pid_t start_child(const struct crowd *keeps)
{
    if (nchildren == MAX_CHILDREN)
        bad_script("too many children");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == -1)
        fail("fork: %s", strerror(errno));
    if (pid == 0) {
        nchildren = 0;
        alarm(FLOOD_LIMIT_S);
        for (size_t i = 0; i < ncrowds; i++)
            for (size_t k = 0; k < crowds[i].size && &crowds[i] != keeps; k++)
                close_member(&crowds[i].members[k]);
    } else {
        children[nchildren++] = pid;
    }
    return pid;
}

/* A child sends as fast as it can and reads what comes back, until this run ends. */
static void do_flood(struct crowd *c, char *argument)
{
    (void)argument;
    if (start_child(c) != 0)
        return;
    move_streams(c, 1ull << 60, true, FLOOD_LIMIT_S * 1000);
    _exit(EXIT_SUCCESS);
}

/* ---- who of a crowd was answered ---- */

/* Reads from everybody without waiting. Returns how many were answered so far. */
static size_t count_answered(struct crowd *c)
{
    char bytes[PIECE_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < c->size; i++) {
        struct member *m = &c->members[i];
        if (m->fd != -1 && !m->answered && recv(m->fd, bytes, sizeof bytes, 0) > 0)
            m->answered = true;
        count += m->answered;
    }
    return count;
}

static size_t await_answered(struct crowd *c, size_t least)
{
    double deadline_ms = now_ms() + limit_ms;
    size_t count;
    while ((count = count_answered(c)) < least && !is_over(deadline_ms))
        nap(5);
    if (count < least)
        fail("%zu were answered, at least %zu expected", count, least);
    return count;
}

static void do_answered_at_least(struct crowd *c, char *argument)
{
    await_answered(c, (size_t)number(argument));
}

static void do_answered_at_most(struct crowd *c, char *argument)
{
    size_t most = (size_t)number(argument), count = count_answered(c);
    if (count > most)
        fail("%zu were answered, at most %zu expected", count, most);
}

/* Exactly so many, and for some milliseconds no further one. */
static void do_answered(struct crowd *c, char *argument)
{
    char *space = strchr(argument, ' ');
    long quiet_ms = number(space != NULL ? space + 1 : NULL);
    *space = '\0';
    size_t expected = (size_t)number(argument);
    await_answered(c, expected);
    nap((int)quiet_ms);
    size_t count = count_answered(c);
    if (count != expected)
        fail("%zu were answered, exactly %zu expected", count, expected);
}

static void leave_answered(struct crowd *c, size_t count, void (*leave)(struct member *))
{
    for (size_t i = 0; i < c->size && count > 0; i++) {
        if (c->members[i].fd != -1 && c->members[i].answered) {
            leave(&c->members[i]);
            count--;
        }
    }
    if (count > 0)
        fail("%zu more should leave than were answered", count);
}

static void do_close_answered(struct crowd *c, char *argument)
{
    leave_answered(c, (size_t)number(argument), close_member);
}

static void do_reset_answered(struct crowd *c, char *argument)
{
    leave_answered(c, (size_t)number(argument), reset_member);
}

/* ---- the server, from outside ---- */

static double server_cpu_us(void)
{
#if defined(_POSIX_CPUTIME) && _POSIX_CPUTIME >= 0
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(server_pid, &clock) == 0 && clock_gettime(clock, &used) == 0)
        return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
#endif
    /* ps prints [[days-]hours:]minutes:seconds, with hundredths where the system has
     * them. */
    char command[64], text[64] = "";
    snprintf(command, sizeof command, "ps -o time= -p %ld", (long)server_pid);
    /* NOLINTNEXTLINE(cert-env33-c): PATH is the tester's own, and the command is ours. */
    FILE *ps = popen(command, "r");
    if (ps == NULL || fgets(text, sizeof text, ps) == NULL)
        fail("the server's CPU time cannot be read");
    pclose(ps);
    double seconds = 0;
    for (char *part = strtok(text, ":-\n "); part != NULL; part = strtok(NULL, ":-\n "))
        seconds = seconds * 60 + strtod(part, NULL);
    return seconds * 1e6;
}

static long server_rss_kib(void)
{
    char text[64];
    long pages_all, pages;
    snprintf(text, sizeof text, "/proc/%ld/statm", (long)server_pid);
    FILE *file = fopen(text, "r");
    if (file != NULL && fscanf(file, "%ld %ld", &pages_all, &pages) == 2) {
        fclose(file);
        if (pages == 0)
            fail("the server is dead");
        return pages * (sysconf(_SC_PAGESIZE) / 1024);
    }
    snprintf(text, sizeof text, "ps -o rss= -p %ld", (long)server_pid);
    long kib = 0;
    /* NOLINTNEXTLINE(cert-env33-c): PATH is the tester's own, and the command is ours. */
    FILE *ps = popen(text, "r");
    if (ps == NULL || fscanf(ps, "%ld", &kib) != 1)
        fail("the server's memory cannot be read");
    pclose(ps);
    return kib;
}

/* -1 where the system does not show it. */
static int server_descriptors(void)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)server_pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -1;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void do_mark(struct crowd *c, char *argument)
{
    (void)c;
    (void)argument;
    mark.rss_kib = server_rss_kib();
    mark.descriptors = server_descriptors();
    mark.withheld_ms = withheld_from_ms(server_schedstat);
    mark.cpu_us = server_cpu_us();
    mark.now_ms = now_ms();
}

static void do_pass(struct crowd *c, char *argument)
{
    (void)c;
    nap((int)number(argument));
}

/* CPU since the mark, in percent of one core. */
static double cpu_percent(void)
{
    double used_us = server_cpu_us() - mark.cpu_us;
    return used_us / ((now_ms() - mark.now_ms) * 10);
}

static void do_cpu_below(struct crowd *c, char *argument)
{
    double most = (double)number(argument), used = cpu_percent();
    (void)c;
    if (used >= most)
        fail("the server used %.2f %% of a core", used);
}

/* Who waits for a processor would use it. */
static void do_cpu_above(struct crowd *c, char *argument)
{
    double withheld = withheld_from_ms(server_schedstat);
    double withheld_percent =
        (withheld - mark.withheld_ms) * 100 / (now_ms() - mark.now_ms);
    double least = (double)number(argument), used = cpu_percent() + withheld_percent;
    (void)c;
    if (used <= least)
        fail("the server used only %.2f %% of a core", used);
}

static void do_memory_below(struct crowd *c, char *argument)
{
    long most = number(argument), grown = server_rss_kib() - mark.rss_kib;
    (void)c;
    if (grown >= most)
        fail("the server's memory grew by %ld KiB", grown);
}

static void do_descriptors_same(struct crowd *c, char *argument)
{
    double deadline_ms = now_ms() + limit_ms;
    (void)c;
    (void)argument;
    if (mark.descriptors == -1) {
        puts("skip: this system shows no descriptors of a process");
        exit(EXIT_SKIP);
    }
    while (server_descriptors() != mark.descriptors) {
        if (is_over(deadline_ms))
            fail("the server had %d descriptors and has %d", mark.descriptors,
                 server_descriptors());
        nap(10);
    }
}

static void do_report(struct crowd *c, char *argument)
{
    (void)c;
    (void)argument;
    printf("cpu_us=%.0f wall_ms=%.0f rss_kib=%ld descriptors=%d\n",
           server_cpu_us() - mark.cpu_us, now_ms() - mark.now_ms,
           server_rss_kib() - mark.rss_kib, server_descriptors());
}

static int signal_by_name(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"TERM", SIGTERM},
                   {"INT", SIGINT},   {"HUP", SIGHUP},   {"USR1", SIGUSR1},
                   {"KILL", SIGKILL}};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(signals[i].name, name) == 0)
            return signals[i].number;
    bad_script("no such signal");
}

static void do_signal(struct crowd *c, char *argument)
{
    (void)c;
    if (kill(server_pid, signal_by_name(argument)) == -1)
        fail("kill: %s", strerror(errno));
}

#ifdef SIGWINCH
enum { WINDOW_SIGNAL = SIGWINCH };
#else
enum { WINDOW_SIGNAL = SIGURG }; /* ignored by default, too */
#endif

/* Starts a child that pesters the server beside the steps that follow. Returns true in
   the child. */
static bool start_pesterer(void)
{
    pid_t pid = start_child(NULL);
    if (pid != 0)
        pesterer = pid;
    return pid == 0;
}

/* It stops and continues the server again and again. */
static void do_pester(struct crowd *c, char *argument)
{
    long times = number(argument);
    (void)c;
    if (!start_pesterer())
        return;
    while (times-- > 0) {
        kill(server_pid, SIGSTOP);
        nap(1);
        kill(server_pid, SIGCONT);
        kill(server_pid, WINDOW_SIGNAL);
        nap(2);
    }
    _exit(EXIT_SUCCESS);
}

/* It sends the server one SIGUSR1 after the other. */
static void do_storm(struct crowd *c, char *argument)
{
    long times = number(argument);
    (void)c;
    if (!start_pesterer())
        return;
    while (times-- > 0 && kill(server_pid, SIGUSR1) == 0)
        continue;
    _exit(EXIT_SUCCESS);
}

static void do_pester_wait(struct crowd *c, char *argument)
{
    (void)c;
    (void)argument;
    if (pesterer == 0)
        bad_script("nobody pesters the server");
    waitpid(pesterer, NULL, 0);
    for (size_t i = 0; i < nchildren; i++)
        if (children[i] == pesterer)
            children[i] = children[--nchildren];
    pesterer = 0;
}

static void do_server_gone(struct crowd *c, char *argument)
{
    (void)c;
    (void)argument;
    for (size_t i = 0; i < ncrowds; i++) {
        char within_ms[] = "1000";
        do_gone(&crowds[i], within_ms);
    }
}

/* "COUNT FILE": a server that has much to say needs a moment. */
static void do_lines(struct crowd *c, char *argument)
{
    double deadline_ms = now_ms() + limit_ms;
    char *path = strchr(argument, ' ');
    (void)c;
    if (path == NULL)
        bad_script("a number and a file are needed");
    *path++ = '\0';
    for (long least = number(argument), count = 0;; nap(1), count = 0) {
        FILE *file = fopen(path, "r");
        for (int byte; file != NULL && (byte = getc(file)) != EOF;)
            count += byte == '\n';
        if (file != NULL)
            fclose(file);
        if (count >= least)
            break;
        if (now_ms() > deadline_ms)
            fail("%ld lines are there after %d ms", count, limit_ms);
    }
}

static void do_say(struct crowd *c, char *argument)
{
    (void)c;
    puts(argument);
}

/* ---- the script ---- */

static const struct verb {
    const char *name;
    bool has_who;
    const char *argument; /* what follows, NULL for nothing */
    void (*play)(struct crowd *c, char *argument);
    const char *help;
} verbs[] = {
    {"connect", true, NULL, do_connect, "connects; NAME*100 connects a crowd"},
    {"connect-datagram", true, NULL, do_connect_datagram, "the same, for datagrams"},
    {"connect-small", true, NULL, do_connect_small,
     "the same, with a small receive buffer"},
    {"send", true, "TEXT", do_send, "sends TEXT, in which \\n \\0 \\xff are bytes"},
    {"expect", true, "TEXT", do_expect, "the next bytes are TEXT"},
    {"echo", true, "TEXT", do_echo, "send, then expect"},
    {"drip", true, "TEXT MS", do_drip, "sends a byte, pauses, sends the next"},
    {"silent", true, "MS", do_silent, "nothing comes for so long"},
    {"tell", true, "LINE", do_tell, "sends LINE as it is, and a line's end"},
    {"hear", true, "PATTERN", do_hear, "the next line is this; * stands for any text"},
    {"hear-until", true, "PATTERN", do_hear_until, "the same, after any other lines"},
    {"show", true, "COUNT", do_show, "prints the next lines"},
    {"rounds", true, "COUNT LINE", do_rounds, "tell, then any line comes; so often"},
    {"half-close", true, NULL, do_half_close, "ends its output"},
    {"close", true, NULL, do_close, "closes"},
    {"reset", true, NULL, do_reset, "closes with a reset"},
    {"end", true, NULL, do_end, "the server's end of output comes next"},
    {"gone", true, "[MS]", do_gone, "the end or a reset comes"},
    {"stream", true, "BYTES", do_stream, "sends BYTES and compares what comes back"},
    {"pour", true, "BYTES", do_pour, "sends BYTES and reads nothing"},
    {"fill", true, NULL, do_fill, "sends until nothing more is taken, reads nothing"},
    {"collect", true, NULL, do_collect, "reads and compares what was poured or filled"},
    {"take", true, "BYTES", do_take, "the same, no more than so many bytes"},
    {"datagram", true, "BYTES", do_datagram,
     "sends one of so many bytes, and it comes back"},
    {"visit", true, "COUNT", do_visit,
     "connects, echoes a byte and closes, so many times"},
    {"ping", true, "COUNT", do_ping, "measures round trips"},
    {"ping-within", true, "FACTOR COUNT", do_ping_within,
     "their median is at most FACTOR times ping's"},
    {"time-echo", true, "TEXT MS", do_time_echo,
     "measures how long the echo takes, MS at most"},
    {"flood", true, NULL, do_flood, "sends as fast as it can beside all further steps"},
    {"answered", true, "COUNT MS", do_answered,
     "so many of a crowd got bytes, in MS none more"},
    {"answered-at-least", true, "COUNT", do_answered_at_least,
     "so many of a crowd got bytes"},
    {"answered-at-most", true, "COUNT", do_answered_at_most,
     "no more of a crowd got bytes"},
    {"close-answered", true, "COUNT", do_close_answered, "so many of those close"},
    {"reset-answered", true, "COUNT", do_reset_answered, "so many of those reset"},
    {"mark", false, NULL, do_mark, "remembers the server's CPU, memory, descriptors"},
    {"pass", false, "MS", do_pass, "lets time pass"},
    {"cpu-below", false, "PERCENT", do_cpu_below, "CPU of the server since the mark"},
    {"cpu-above", false, "PERCENT", do_cpu_above, "the same"},
    {"memory-below", false, "KIB", do_memory_below, "its growth since the mark"},
    {"descriptors-same", false, NULL, do_descriptors_same, "as many as at the mark"},
    {"report", false, NULL, do_report, "prints these figures"},
    {"signal", false, "NAME", do_signal, "sends the server STOP, CONT, TERM, INT ..."},
    {"pester", false, "COUNT", do_pester, "stops and continues it beside further steps"},
    {"storm", false, "COUNT", do_storm, "sends it SIGUSR1 so often beside further steps"},
    {"pester-wait", false, NULL, do_pester_wait, "until that has ended"},
    {"server-gone", false, NULL, do_server_gone, "every connection ends within a second"},
    {"lines", false, "COUNT FILE", do_lines, "until the file has so many lines"},
    {"say", false, "TEXT", do_say, "prints TEXT"},
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* Cuts the first word off. Returns what follows it, or NULL. */
static char *cut_word(char *text)
{
    char *space = strchr(text, ' ');
    if (space == NULL)
        return NULL;
    *space = '\0';
    return space + 1;
}

static void play_step(char *step)
{
    char *who = NULL, *word = step;
    char *rest = cut_word(word);
    const struct verb *verb = find_verb(word);
    if (verb == NULL || verb->has_who) {
        who = word;
        word = rest != NULL ? rest : who;
        rest = cut_word(word);
        verb = find_verb(word);
    }
    if (verb == NULL || verb->has_who != (who != NULL) || who == word)
        bad_script("no such verb; -h lists them");
    bool optional = verb->argument != NULL && verb->argument[0] == '[';
    if ((rest != NULL) != (verb->argument != NULL) && !optional)
        bad_script(verb->argument != NULL ? "its argument is missing"
                                          : "it takes no argument");

    struct crowd *c = NULL;
    if (who != NULL && (strncmp(verb->name, "connect", 7) == 0 ||
                        (strcmp(verb->name, "visit") == 0 && find_crowd(who) == NULL))) {
        c = make_crowd(who);
        for (size_t i = 0; i < c->size; i++)
            c->members[i].fd = -1;
    } else if (who != NULL && (c = find_crowd(who)) == NULL) {
        bad_script("nobody of that name has connected");
    }
    if (!verb->has_who && server_pid == 0 && verb->play != do_pass &&
        verb->play != do_say && verb->play != do_lines && verb->play != do_server_gone)
        bad_script("it needs -s PID");
    withheld_before_step_ms = withheld_ms();
    verb->play(c, rest);
    fflush(stdout);
}

/* ---- the command line ---- */

static void usage(FILE *out)
{
    fputs("usage: client -p PORT|PATH [-a ADDRESS] [-f] [-r RUN_S] [-s PID] "
          "[-t LIMIT_MS] STEP...\n"
          "       client free-port\n",
          out);
}

static void help(void)
{
    usage(stdout);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s %s", verbs[i].has_who ? "NAME " : "",
                 verbs[i].name, verbs[i].argument != NULL ? verbs[i].argument : "");
        printf("  %-30s %s\n", left, verbs[i].help);
    }
}

/* Systems give ports of 32768 or more to who asks for any: below them nobody takes the
   port before the server has it. */
static int print_free_port(void)
{
    enum { FIRST_PORT = 20000, NPORTS = 12000, STEP = 97 };
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    for (long i = 0; i < NPORTS; i++) {
        int port = FIRST_PORT + (int)((getpid() + i) * STEP % NPORTS);
        address.sin_port = htons((uint16_t)port);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1)
            continue;
        printf("%d\n", port);
        return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

/* Finds the server: a port, or what has a slash and so is the path of a Unix-domain
   socket. */
static bool find_server(const char *address, const char *port)
{
    static struct sockaddr_un path = {.sun_family = AF_UNIX};
    static struct addrinfo found = {.ai_family = AF_UNIX,
                                    .ai_addr = (struct sockaddr *)&path,
                                    .ai_addrlen = sizeof path};
    if (strchr(port, '/') != NULL) {
        server_address = &found;
        return (size_t)snprintf(path.sun_path, sizeof path.sun_path, "%s", port) <
               sizeof path.sun_path;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    return getaddrinfo(address, port, &hints, &server_address) == 0;
}

static void prepare(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    signal(SIGPIPE, SIG_IGN);
    /* It may strike more than once. signal(2) may forget the handler at the first. */
    struct sigaction action = {.sa_handler = run_limit_struck};
    sigaction(SIGALRM, &action, NULL);
    alarm((unsigned)run_limit_s);
    snprintf(server_schedstat, sizeof server_schedstat, "/proc/%ld/schedstat",
             (long)server_pid);
}

static void play(int count, char **steps)
{
    for (int i = 0; i < count; i++) {
        char *step = room_for(strlen(steps[i]) + 2, 1); /* tell adds a line's end */
        strcpy(step, steps[i]);
        step_number++;
        step_text = steps[i];
        play_step(step);
        free(step);
    }
    end_children();
}

int main(int argc, char **argv)
{
    const char *address = "127.0.0.1", *port = NULL;
    int letter;
    if (argc == 2 && strcmp(argv[1], "free-port") == 0)
        return print_free_port();
    while ((letter = getopt(argc, argv, "a:fhp:r:s:t:")) != -1) {
        step_text = argv[optind - 1];
        if (letter == 'h') {
            help();
            return EXIT_SUCCESS;
        }
        if (letter == 'a')
            address = optarg;
        else if (letter == 'f')
            freezes = true;
        else if (letter == 'p')
            port = optarg;
        else if (letter == 'r')
            run_limit_s = (int)number(optarg);
        else if (letter == 's')
            server_pid = (pid_t)number(optarg);
        else if (letter == 't')
            limit_ms = (int)number(optarg);
        else
            port = NULL, optind = argc;
    }
    if (port == NULL || optind == argc || !find_server(address, port)) {
        usage(stderr);
        return EXIT_USAGE;
    }
    prepare();
    play(argc - optind, argv + optind);
    return EXIT_SUCCESS;
}
