/* load: how busy the machine was while a scene was played, so that nobody takes a figure
   for the servers' that is the machine's. */
#ifndef LOAD_H
#define LOAD_H

/* Begins to measure. */
void load_begin(void);

/* CPU time that a server of the scene has used, in microseconds: that is no load. */
void load_add_server(double cpu_us);

/* The stage did something so many milliseconds after it was due. */
void load_note_late(double ms);

/* By how much the stage was late at most. */
double load_late_ms(void);

/* Tells the event `load`. */
void load_tell(double t_ms);

#endif
