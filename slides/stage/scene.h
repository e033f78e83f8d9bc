/*
 * scene: what is played, read from a short text (see README.md for the words it knows).
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "measure.h"

#define SCENE_DIR "slides/stage/scenes"

enum {
    SCENE_MAX_ACTORS = 16,
    SCENE_MAX_STEPS = 128,
    SCENE_MAX_LANES = 12,
    SCENE_MAX_SIZES = 4,
    SCENE_MAX_COLUMNS = 6,
    SCENE_MAX_EXPECTATIONS = 16,
    SCENE_MAX_MEASURES = SCENE_MAX_COLUMNS + 1 + SCENE_MAX_EXPECTATIONS,
    SCENE_MAX_GROUP = 2000,
    SCENE_NAME_SIZE = 32,
    SCENE_PROBLEM_SIZE = 400
};

/* A client, or a group of clients that do the same. */
struct scene_actor {
    char name[SCENE_NAME_SIZE];
    size_t count; /* 0: the size that is played */
};

enum deed {
    DEED_CONNECT,
    DEED_SAY,     /* sends a text and waits for the answer */
    DEED_BEGIN,   /* sends a text that is no whole message: nothing answers it */
    DEED_SEND,    /* sends so many bytes */
    DEED_PING,    /* says a few bytes, hears the answer, and again */
    DEED_DRIBBLE, /* sends a text, a byte at a time */
    DEED_TALK,    /* says something once an interval, until it does something else */
    DEED_FLOOD,   /* sends without a pause */
    DEED_STOP_READING,
    DEED_READ_AGAIN,
    DEED_FINISH, /* ends its output: half-close */
    DEED_CLOSE,
    DEED_RESET,
    DEED_END /* of the scene */
};

enum step_when {
    STEP_AT,    /* so long after the beginning */
    STEP_AFTER, /* so long after the step before */
    STEP_THEN   /* as soon as what was begun is done */
};

struct step {
    enum step_when when;
    enum deed deed;
    double due_ms;    /* of STEP_AT and STEP_AFTER */
    size_t actor;     /* who; not of DEED_END */
    const char *text; /* what is said */
    const char
        *until;  /* DEED_SAY: the answer is the line that holds this; NULL: the next */
    size_t size; /* bytes, or round trips */
    double period_ms; /* every, or for, so long */
    const char *line; /* the step in its own words, behind the client's name */
};

struct scene_lane {
    char name[SCENE_NAME_SIZE];
    const char *command;
};

/* Of a measure: is it over, or under, a limit? */
struct comparison {
    struct measure measure;
    bool over;
    double limit;
};

struct column {
    const char *head; /* {n} in it stands for the size */
    struct measure measure;
};

/* The sentence at the end: which, depends on how many lanes the comparison holds for. */
struct conclusion {
    struct comparison comparison;
    const char *all, *some, *none;
};

enum { WHERE_EVERYWHERE, WHERE_AT, WHERE_ELSEWHERE };

struct expectation {
    struct comparison comparison;
    int where; /* ELSEWHERE: not in lanes that an expectation before names */
    const char *lanes[SCENE_MAX_LANES];
    size_t nlanes;
    const char *text;
};

struct scene {
    char name[SCENE_NAME_SIZE];
    long place; /* among the scenes: they are played in this order */
    const char *title, *question, *look;
    bool together; /* all servers at once; else one after the other */
    bool narrated;
    bool is_lines;      /* the protocol is lines, and not an echo */
    size_t descriptors; /* how many a server may open; 0: as many as it likes */
    double patience_ms; /* how long STEP_THEN waits at most */
    size_t sizes[SCENE_MAX_SIZES], nsizes;
    struct scene_lane lanes[SCENE_MAX_LANES];
    size_t nlanes;
    struct scene_actor actors[SCENE_MAX_ACTORS];
    size_t nactors;
    struct step steps[SCENE_MAX_STEPS];
    size_t nsteps;
    struct column columns[SCENE_MAX_COLUMNS];
    size_t ncolumns;
    bool concludes; /* there is a line 'conclude' */
    struct conclusion conclusion;
    struct expectation expectations[SCENE_MAX_EXPECTATIONS];
    size_t nexpectations;
    char *text, *lines; /* what the pointers above point into */
};

/*
 * Reads the scene of this name from its file in SCENE_DIR. Returns 0, or -1 with
 * a problem written to `problem`: one line that names file and line. scene_free is to be
 * called either way.
 */
int scene_read(struct scene *scene, const char *name, char *problem);

/* The same from an open file; NULL is one that could not be opened. It has no name then,
   and `path` is what a problem names. */
int scene_read_file(struct scene *scene, const char *path, FILE *file, char *problem);

void scene_free(struct scene *scene);

/*
 * All its measures in a row, for i = 0, 1, ...: the columns', the conclusion's, the
 * expectations'. NULL after the last.
 */
const struct measure *scene_measure(const struct scene *scene, size_t i);

/* The number of sizes, and the size of a group: 1 and its count if there are none. */
size_t scene_rounds(const struct scene *scene);
size_t scene_group_size(const struct scene *scene, size_t actor, size_t round);

/* The most clients that one server has in this scene, for any of the sizes. */
size_t scene_most_clients(const struct scene *scene);

/* How long it takes as far as its text tells, and at most, in milliseconds. */
double scene_length_ms(const struct scene *scene);
double scene_limit_ms(const struct scene *scene);

#endif
