/*
 * probe: what its parts share. A failure anywhere ends the program with status 1 and
 * a line that says what was played, what was expected, and what was seen.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../06-selectors-style/apps/json_reader.h"

enum {
    PROBE_LIMIT_S = 120, /* for a run, without what is asked for */
    PATIENCE_MS = 10000, /* for one thing to come */
    BURST = 20,          /* messages that a ticker's client has free */
    HEADER_SIZE = 6      /* of a frame */
};

/* ---- talks.c: what is known of each application ---- */

struct app {
    const char *name;
    const char *talk; /* a conversation */
    size_t talk_size;
    size_t greetings;     /* lines that a client gets on joining */
    const char *away;     /* what takes it out of the others' sight */
    const char *look;     /* shows the state and changes nothing */
    const char *requests; /* the types that it knows, NULL for frames */
    const char *answers;  /* and those of its answers */
    const char *members;  /* of its requests */
    bool limited;         /* in how many messages are taken at once */
};

/* The application of this name, or NULL. */
const struct app *app_find(const char *name);

/* ---- probe.c: the command line, time, chance and complaints ---- */

extern const char *probe_port;
extern long probe_server_pid; /* 0: not told */

double probe_now_ms(void);

/* Chance is the same after the same seed: one of 0 to n - 1. */
void probe_seed(uint64_t seed);
uint64_t probe_below(uint64_t n);

/* Says what is played from now on, seed and position included. */
void probe_at(const char *format, ...);

_Noreturn void probe_fail(const char *format, ...);

/* ---- player.c: one client ---- */

struct player {
    int fd;
    const struct app *app;
    struct buffer in;
    size_t nlines; /* that were told */
};

struct text {
    char *bytes; /* NULL for the end of the server's output */
    size_t size;
};

bool player_would_block(void);

void player_open(struct player *c, const struct app *app);
void player_close(struct player *c);
void player_reset(struct player *c);

void player_send(const struct player *c, const char *bytes, size_t size);

/* Sends a text in which ' stands for ". */
void player_tell(struct player *c, const char *text);

/* Asks for what shows the state, or sends a small frame. */
void player_ask(struct player *c);

/* Receives what is there. Returns its size, 0 for the end, -1 if there is nothing. */
ssize_t player_peek(struct player *c);

/* The size of the line or frame in front of what came, 0 if none is whole. */
size_t player_whole(const struct player *c);

/* The next line, with a NUL in place of its end, or the next frame, whole. */
struct text player_hear(struct player *c);

/* Ends its own output and receives all until the server's. */
void player_finish(struct player *c);

void player_must_be_quiet(struct player *c);

/* ---- referee.c: what an answer has to be ---- */

enum verdict { ANSWERED, REFUSED, RATE_LIMITED };

/* The text as JSON, valid until the next call, or NULL if it is none. */
const struct json_value *referee_read(struct text text);

/* The code with which a line has to be refused whatever the server's state, or NULL. */
const char *referee_due_code(const struct app *app, struct text line);

/* An answer is strict JSON of a documented type; an error has the code that is due. */
enum verdict referee_judge(const struct app *app, struct text answer, const char *due);

/* Fails at the first byte that differs. */
void referee_compare(struct text expected, struct text seen);

/* Takes out what differs by nature, ids and timestamps. Returns the size that is left. */
size_t referee_normalise(char *bytes, size_t size);

/* Joins, and reads what everybody is greeted with. */
void referee_join(struct player *c, const struct app *app);

/* A client that neither hears the others nor disturbs them. */
void referee_watch(struct player *watcher, const struct app *app);

/*
 * A round trip of such a client. Whatever was sent before by anyone has been read and
 * answered after two of them: the server takes all that is ready in one batch, but
 * accepts a client in a batch before.
 */
void referee_poke(struct player *watcher);

/* ---- what is played ---- */

void faults_cuts(const struct app *app, uint64_t seed);
void faults_garbage(const struct app *app, uint64_t seed, size_t count);
void faults_vanish(const struct app *app, uint64_t seed, size_t count);

/* So many messages or, if that is 0, for so long: then a fifth of the time is for warming
   up, and after that the growth of the server's memory has a bound. */
void crowd_run(size_t size, unsigned long long nmessages, long seconds, long most_kib);

void drift_run(const struct app *app, long interval_ms, long nintervals);

#endif
