/* cast: what is told of a lane's clients, and what came of what they did. */
#ifndef CAST_H
#define CAST_H

#include "lane.h"

struct buffer;

/* Begins an event of this kind about a client or a group. */
struct buffer *cast_begin(const struct cast *cast, const char *kind);

/* Tells a client's state; the text may be empty. */
void cast_tell_client(const struct actor *a, const char *state, const char *text);

/* Tells the state that it is in; that of a group's member is told with the group's. */
void cast_tell_state(const struct actor *a);

/* Tells the numbers that have changed, if that is due; when it will be due. */
void cast_tell_news(struct cast *cast, double now_us);
double cast_due_us(const struct cast *cast);

/* Takes what happened to a client in a call, and the lines that it has got. */
void cast_take_news(struct actor *a, enum actor_news news);
void cast_take_lines(struct actor *a);

/* Somebody says this text: from now on it may be heard. */
void cast_note_said(struct lane *lane, const char *text);

/* All answers that they have got. */
double cast_count_answers(const struct cast *cast);

/* CPU time of the server, or -1. */
double cast_server_cpu_us(const struct cast *cast);

#endif
