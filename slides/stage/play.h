/* play: plays a scene: starts the servers, carries out the steps, measures, ends. */
#ifndef PLAY_H
#define PLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "source.h"

struct selector;

/*
 * Reads the scene of this name and begins to play it. `yours` is the command of a server
 * of the student's own, a further lane, or NULL. Whatever goes wrong is told in the
 * record: the scene is then over at once.
 */
void play_begin(struct selector *selector, const char *name, const char *yours);

bool play_is_on(void);

/* After each batch, and when play_timeout_ms is over: does what is due. */
void play_go_on(void);

/* How long the next wait may take, in milliseconds; -1 if nothing is due. */
int play_timeout_ms(void);

/* Something of the play's is ready: SOURCE_OUTPUT, SOURCE_TOLD or SOURCE_ACTOR. */
void play_serve(struct source *source, unsigned events);

/* Breaks the scene off, for a reason that is told. No process and no socket is left. */
void play_break_off(const char *why);

/* Expectations of the scene that was played last that did not come out, or 1 if it was
   broken off. */
size_t play_failures(void);

#endif
