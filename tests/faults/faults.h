/*
 * faults: what the parts of the fault matrix share.
 *
 * A cell is one program and one plan of faults. It is played in a process of its own: the
 * program is started under common/narrate, clients (or, for a client, a server) talk to
 * it, it is asked to end, and what the narrator wrote is compared with the verdict of
 * io_status on the fault. A cell leaves nothing behind: the program is in its process
 * group, which is killed afterwards, and has an alarm of its own.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../common/io_status.h"

enum {
    MAX_WORDS = 12,
    MAX_PLANS = 12,
    MAX_PERSONS = 64,
    PROBLEM_SIZE = 320,
    PATH_SIZE = 128,
    IN_SIZE = 32 * 1024,
    CELL_LIMIT_S = 60,
    HASTE_MS = 5 /* a pause that is shorter is none */
};

struct run;

/* ---- programs.c: what is tested, and what is excepted ---- */

enum trait {
    ONE_AT_A_TIME = 1, /* a second client waits for the first */
    BUSY = 2,          /* it burns CPU on purpose, and knows no other pause */
    EDGE = 4,          /* it is told once of what has arrived */
    IS_CLIENT = 8
};

struct program {
    const char *name;
    const char *command[MAX_WORDS]; /* {port} stands for the port */
    unsigned traits;
    const char *wait_call;        /* what it waits with, NULL: nothing */
    void (*play)(struct run *r);  /* the conversation of a cell */
    void (*flow)(struct run *r);  /* a mebibyte there and back, NULL: play */
    void (*crowd)(struct run *r); /* thousands of round trips, NULL: play */
};

extern const struct program programs[];
extern const size_t nprograms;

/* What is excepted from the expectation that a verdict sets. */
enum effect {
    EFFECT_NONE,
    EFFECT_MAY_END,     /* the program may end with a message and a status over 0 */
    EFFECT_ENDS_STRUCK, /* the client that was struck may be ended */
    EFFECT_HANGS,       /* one that was struck may wait in vain, the others may not */
    EFFECT_PEER_LEAVES  /* a client ends with a message once its server leaves */
};

struct exception {
    const char *program, *call, *error, *which; /* patterns as in the shell */
    int verdict;                                /* an enum io_verdict, -1: any */
    enum effect effect;
    const char *reason;
};

extern const struct exception exceptions[];
extern const size_t nexceptions;

/* ---- run.c: a cell while it is played ---- */

/* The columns of the table: the verdicts, and what is no errno. */
enum { COLUMN_SHORT = IO_ERROR_MISTAKE + 1, COLUMN_SOAK, NCOLUMNS };

struct cell {
    const struct program *program;
    char plans[MAX_PLANS][48];
    size_t nplans;
    long seed;
    int column; /* an enum io_verdict, or one of the others */
    char call[16], which[16];
    enum io_call io_call;
    const struct io_status *status;    /* NULL in the other columns */
    const struct exception *exception; /* or NULL */
};

struct person {
    const char *name;
    int fd;                 /* -1: it is not there */
    bool ended;             /* not by its own wish */
    bool hung;              /* it waited in vain, as an exception lets it */
    size_t sent_at, got_at; /* positions in its stream */
    unsigned asked, heard;  /* requests sent, numbers heard */
    char id[24];            /* the name that an application gave it */
    size_t in_size;         /* bytes of in that were not taken */
    char in[IN_SIZE];
};

struct run {
    const struct cell *cell;
    const char *log_path, *error_path;
    pid_t pid;
    int in, out; /* its stdin and stdout, -1: none */
    int port;
    int patience_ms;
    int status;                 /* from waitpid */
    bool refuses;               /* nobody listens any more */
    bool exact;                 /* nothing may be lost, because no connection may end */
    bool complete;              /* a client has shown all that it was to show */
    unsigned said;              /* numbers given out */
    char problem[PROBLEM_SIZE]; /* the first that was noticed, or "" */
    struct person persons[MAX_PERSONS]; /* in the order in which they connected */
    size_t npersons;
};

double run_now_ms(void);

/* Starts the program; a server has said where it listens when this returns. */
void run_start(struct run *r);

/* Ends a server by SIGTERM, which everybody has to notice; waits for the end. */
void run_stop(struct run *r);

/* Keeps the first problem. */
void run_fail(struct run *r, const char *format, ...);

/* Is there anything left to find out? */
bool run_goes_on(const struct run *r);

/* Has the program ended? Who was about to be accepted may hear nothing of that. */
bool run_has_ended(const struct run *r);

/* Everybody is silent for a moment, and the server rests too. */
void run_rest(struct run *r);

/* ---- person.c: one client of a server ---- */

/* Connects; NULL if that cannot be. */
struct person *person_join(struct run *r, const char *name);
bool person_is_there(const struct run *r, const struct person *p);
void person_leave(struct person *p);
void person_reset(struct person *p);

/* Sends the next bytes of its stream and compares what comes back. */
void person_echo(struct run *r, struct person *p, size_t size);
void person_send(struct run *r, struct person *p, const char *bytes, size_t size);

/* Waits until at least one more byte is in p->in. False: nothing more will come. */
bool person_receive(struct run *r, struct person *p, const char *what);
void person_take(struct person *p, size_t size);

/* Waits for the end of what the server sends. */
void person_await_end(struct run *r, struct person *p);

/* The byte of person number n at a position. */
char person_byte(size_t n, size_t at);

/* ---- the conversations ---- */

void echo_play(struct run *r);
void echo_play_singly(struct run *r);
void echo_flow(struct run *r);
void echo_crowd(struct run *r);
void echo_crowd_singly(struct run *r);
void app_chat(struct run *r);
void app_game(struct run *r);
void app_ticker(struct run *r);
void app_binary(struct run *r);
void app_chat_crowd(struct run *r);
void app_game_crowd(struct run *r);
void app_binary_flow(struct run *r);
void app_binary_crowd(struct run *r);
void peer_echo(struct run *r);
void peer_chat(struct run *r);

/* ---- trace.c: what the narrator wrote ---- */

struct trace {
    size_t nstrikes;
    char never[PROBLEM_SIZE]; /* a plan that never struck, or "" */
    bool struck[MAX_PERSONS]; /* by the order in which they were accepted */
    bool struck_listener;
    bool struck_early;      /* before the first client was accepted */
    size_t npauses, nhasty; /* after a strike: how often, how often too short */
    size_t went_on;         /* calls on a connection after it was over */
};

void trace_read(const struct run *r, struct trace *t);

/* How often each call with a table was made. */
struct call_count {
    char call[16];
    size_t count;
};

size_t trace_count(const char *log_path, struct call_count *counts, size_t most);

/* ---- judge.c ---- */

enum outcome { OUTCOME_HELD, OUTCOME_DEVIATED, OUTCOME_NOT_STRUCK, NOUTCOMES };

/* Plays the cell and says how it went; `why` has PROBLEM_SIZE bytes. */
enum outcome judge_cell(const struct cell *cell, const char *log_path,
                        const char *error_path, char *why);

#endif
