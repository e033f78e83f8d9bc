/* transcript: what was said and heard in the first lane of a scene with a line
   protocol. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

struct json_value;

/* Keeps what an event says, if it belongs to the transcript; `scene` begins a new one. */
void transcript_take(const struct json_value *event);

/* Prints what was kept, if any of it was heard, and forgets it. */
void transcript_print(void);

#endif
