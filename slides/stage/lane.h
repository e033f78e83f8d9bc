/*
 * lane: one server on the stage: its process, what it says, what it costs, and its
 * clients.
 */
#ifndef LANE_H
#define LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "actor.h"
#include "scene.h"
#include "source.h"

struct selector;

enum lane_phase {
    LANE_WAITS,    /* for its turn */
    LANE_STARTING, /* its server has not said yet that it listens */
    LANE_READY,
    LANE_PLAYS,
    LANE_STOPPING, /* the server was asked to end */
    LANE_OVER
};

/* A client of the scene in this lane, or a group of them. */
struct cast {
    struct lane *lane;
    size_t index; /* into the scene's actors */
    struct actor *actors;
    size_t count;
    /* What they go on doing; a time of 0 is never. */
    double timer_us;     /* when the next of talking or dribbling is due */
    double period_us;    /* its interval */
    const char *dribble; /* what is still to be sent of it */
    bool talks;
    double flood_until_us;
    bool pings;
    double cost_us;  /* the server's CPU time when they began to ping; when they are done,
                       what that has used */
    bool is_costed;  /* they are done, */
    double nanswers; /* with so many answers; before that, those of earlier times */
    double told_us;  /* when their numbers were told last */
    bool is_news;    /* these have changed since */
};

/* What is measured of a lane, for one size. */
struct lane_figures {
    double cpu_us, played_us;       /* until the scene's end */
    double calls, wasted;           /* -1: not narrated */
    double descriptors, memory_kib; /* the most; memory from first_memory_kib on */
    double first_memory_kib;
    bool alive;
};

struct lane {
    struct scene_lane server;
    bool is_yours; /* not one of ours: it is given a port */
    bool narrated;
    enum lane_phase phase;
    pid_t pid; /* 0: no process */
    int port;
    bool crashed;
    struct source output, told;
    struct buffer output_in, told_in;
    double start_us;  /* when the process was started */
    double offset_us; /* the narrator's times plus this are ours */
    double turn_us;   /* when the playing began */
    double before_us; /* the lane's own time when it did, */
    double stands_us; /* and where that stands while it is not played */
    double stop_us;   /* when it was asked to stop */
    const struct scene *scene;
    size_t step;     /* the next */
    double step_us;  /* when the one before was carried out */
    bool is_settled; /* what was begun before this step is done */
    struct cast casts[SCENE_MAX_ACTORS];
    size_t ncasts;
    struct lane_figures figures;
    double sample_us, sampled_cpu_us, first_cpu_us;
    unsigned nsaid; /* lines on stderr that were told */
    double said_us[SCENE_MAX_MEASURES], heard_us[SCENE_MAX_MEASURES]; /* MEASURE_HEARS */
    double values[SCENE_MAX_SIZES][SCENE_MAX_MEASURES]; /* what came of each measure */
};

/* The lane's own time at this moment, in milliseconds: it runs while it is played. */
double lane_time_ms(const struct lane *lane);

/*
 * Starts the server, with its output and, if it is narrated, the narrator's lines in
 * pipes that the selector watches. descriptors is the most that it may open, 0 for as
 * many as the stage; it lives for limit_s seconds at most, even if the stage is killed.
 */
void lane_start(struct lane *lane, struct selector *selector, size_t descriptors,
                unsigned limit_s);

/* Reads what the server has said: SOURCE_OUTPUT or SOURCE_TOLD. Returns whether there
   was something. */
bool lane_read(struct lane *lane, struct source *source, struct selector *selector);

/* Tells an event `server` with this state. */
void lane_tell(const struct lane *lane, const char *state, const char *text);

/* Tells a line that the server has said, or that is said of it. */
void lane_say(struct lane *lane, const char *text);

/* Closes the stage's end of a pipe, if it is open. */
void lane_close_pipe(struct source *source, struct selector *selector);

/* Has the process ended? Then its end is told: a crash, unless it was asked to stop. */
void lane_watch_end(struct lane *lane, struct selector *selector);

/* Asks the server to end; at once, if it was asked before. */
void lane_stop(struct lane *lane);

/* How long ago was it started, in milliseconds? */
double lane_age_ms(const struct lane *lane);

/* Says what is wrong with the server, and stops it. */
void lane_give_up(struct lane *lane, const char *why);

/* Measures and tells a sample. */
void lane_sample(struct lane *lane);

/* Ends what is left of it, without a word: the process, pipes and clients. What was
   measured stays. */
void lane_clear(struct lane *lane, struct selector *selector);

#endif
