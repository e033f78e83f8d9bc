/* directing: has the clients of one lane do what the scene says, when it says so. */
#ifndef DIRECTING_H
#define DIRECTING_H

#include <stdbool.h>

#include "lane.h"
#include "scene.h"

struct selector;

/* Prepares the clients of a round: none has come yet. */
void directing_begin(struct lane *lane, const struct scene *scene, size_t round);

/* Carries out what is due, and tells what is to be told. Returns true at the end of the
   scene. */
bool directing_go_on(struct lane *lane, struct selector *selector);

/* When something will be due next, by clock_now_us. */
double directing_due_us(const struct lane *lane);

/* Moves a client's bytes after it was reported ready. */
void directing_serve(struct actor *actor, unsigned events, struct selector *selector);

/* Tells what is still to be told, and ends all connections; what was measured of them
   stays. */
void directing_end(struct lane *lane, struct selector *selector);

#endif
