#include "world.h"

#include <sys/socket.h>
#include <unistd.h>

#include "../../common/events.h"
#include "../../common/net.h"
#include "fuzz.h"

/* A byte takes some hundred times its size in the kernel, so few of them have to be far
   from filling the smallest buffer there is. */
enum { BUFFER_SIZE = 8192, MOST_WAITING = 3 };

static const struct world_end *end_of(const struct world *w, size_t i)
{
    return &w->ends[w->fds[i].end];
}

static const struct world_end *peer_of(const struct world *w, size_t i)
{
    return &w->ends[w->fds[i].end ^ 1];
}

static bool has_room(const struct world *w)
{
    return w->nfds + 2 <= WORLD_MAX_FDS && w->nends + 2 <= WORLD_MAX_ENDS;
}

static void add_pair(struct world *w, const int fds[2], bool is_pipe)
{
    for (int side = 0; side < 2; side++) {
        fuzz_need(net_set_nonblocking(fds[side]) == 0, "fcntl works");
        w->ends[w->nends] = (struct world_end){.is_pipe = is_pipe, .count = 1};
        w->fds[w->nfds++] = (struct world_fd){.fd = fds[side], .end = w->nends++};
    }
}

void world_add_socketpair(struct world *w)
{
    int fds[2], size = BUFFER_SIZE;
    if (!has_room(w))
        return;
    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair works");
    for (int side = 0; side < 2; side++)
        setsockopt(fds[side], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    add_pair(w, fds, false);
}

void world_add_pipe(struct world *w)
{
    int fds[2];
    if (!has_room(w))
        return;
    fuzz_need(pipe(fds) == 0, "pipe works");
    add_pair(w, fds, true);
}

void world_duplicate(struct world *w, size_t i)
{
    if (w->nfds == WORLD_MAX_FDS)
        return;
    int fd = dup(w->fds[i].fd);
    fuzz_need(fd != -1, "dup works");
    w->fds[w->nfds++] = (struct world_fd){.fd = fd, .end = w->fds[i].end};
    w->ends[w->fds[i].end].count++;
}

void world_close(struct world *w, size_t i)
{
    close(w->fds[i].fd);
    w->ends[w->fds[i].end].count--;
    w->fds[i] = w->fds[--w->nfds];
}

void world_end(struct world *w)
{
    while (w->nfds > 0)
        world_close(w, w->nfds - 1);
    w->nends = 0;
}

/* The first of a pipe's ends reads, the second writes. */
static bool may_write(const struct world *w, size_t i)
{
    bool is_reader = end_of(w, i)->is_pipe && w->fds[i].end % 2 == 0;
    return !is_reader && !end_of(w, i)->ended && peer_of(w, i)->count > 0 &&
           !peer_of(w, i)->full;
}

void world_put(struct world *w, size_t i)
{
    if (!may_write(w, i) || peer_of(w, i)->waiting >= MOST_WAITING)
        return;
    fuzz_need(write(w->fds[i].fd, "x", 1) == 1, "write works");
    w->ends[w->fds[i].end ^ 1].waiting++;
}

void world_fill(struct world *w, size_t i)
{
    static const char bytes[4096];
    if (!may_write(w, i))
        return;
    while (write(w->fds[i].fd, bytes, sizeof bytes) > 0)
        ;
    while (write(w->fds[i].fd, bytes, 1) > 0)
        ;
    w->ends[w->fds[i].end ^ 1].waiting = MOST_WAITING;
    w->ends[w->fds[i].end ^ 1].full = true;
}

void world_empty(struct world *w, size_t i)
{
    char bytes[16 * 1024];
    struct world_end *end = &w->ends[w->fds[i].end];
    if (end->waiting == 0)
        return;
    while (read(w->fds[i].fd, bytes, sizeof bytes) > 0)
        ;
    end->waiting = 0;
    end->full = false;
}

void world_half_close(struct world *w, size_t i)
{
    if (end_of(w, i)->is_pipe || !may_write(w, i))
        return;
    fuzz_need(shutdown(w->fds[i].fd, SHUT_WR) == 0, "shutdown works");
    w->ends[w->fds[i].end].ended = true;
}

unsigned world_interest(const struct world *w, size_t i)
{
    if (!end_of(w, i)->is_pipe)
        return EVENT_READ | EVENT_WRITE;
    return w->fds[i].end % 2 == 0 ? EVENT_READ : EVENT_WRITE;
}

unsigned world_ready(const struct world *w, size_t i)
{
    const struct world_end *end = end_of(w, i), *peer = peer_of(w, i);
    unsigned ready = 0;
    if (end->waiting > 0 || peer->ended || peer->count == 0)
        ready |= EVENT_READ;
    if (!peer->full || peer->count == 0)
        ready |= EVENT_WRITE;
    return ready & world_interest(w, i);
}
