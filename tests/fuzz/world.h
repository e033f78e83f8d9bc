/*
 * world: descriptors to wait for, and a plain model of what each is ready for.
 *
 * They are the ends of socket pairs and pipes, non-blocking, and duplicates of these. The
 * model knows for each end how many bytes wait there and whether it is full, nothing in
 * between: so it can tell what any system has to say.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>

enum { WORLD_MAX_FDS = 256, WORLD_MAX_ENDS = 2 * WORLD_MAX_FDS };

/* An open file. Its peer is the one beside it. */
struct world_end {
    bool is_pipe;
    int count;   /* descriptors of it that are open */
    int waiting; /* bytes that wait here to be read */
    bool full;   /* the peer's next write would block */
    bool ended;  /* its own output has ended: half-close */
};

struct world_fd {
    int fd;
    size_t end;
};

struct world {
    struct world_fd fds[WORLD_MAX_FDS];
    size_t nfds;
    struct world_end ends[WORLD_MAX_ENDS];
    size_t nends;
};

/* A new pair of ends, and one more descriptor of the end of fds[i]. They stand behind the
   others. Nothing happens if there is no room. */
void world_add_socketpair(struct world *w);
void world_add_pipe(struct world *w);
void world_duplicate(struct world *w, size_t i);

/* Closes fds[i]; the last one takes its place. */
void world_close(struct world *w, size_t i);

/* Closes all. */
void world_end(struct world *w);

/* What can be done to the end of fds[i]: its peer gets a byte, or as many as fit; all
   that waits is read; its output ends. Nothing happens where that is not possible. */
void world_put(struct world *w, size_t i);
void world_fill(struct world *w, size_t i);
void world_empty(struct world *w, size_t i);
void world_half_close(struct world *w, size_t i);

/* What it makes sense to wait for at fds[i]: of a pipe's end one of the two. */
unsigned world_interest(const struct world *w, size_t i);

/* What fds[i] is ready for: EVENT_READ, EVENT_WRITE or both. */
unsigned world_ready(const struct world *w, size_t i);

#endif
