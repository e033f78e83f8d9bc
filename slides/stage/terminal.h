/*
 * terminal: shows the record as text: where stdout is a terminal, lanes that move while
 * the scene plays; in any case the table and what follows from it.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

/* Reads the record on from where it stood, and shows what is new. */
void terminal_show(void);

/* When terminal_show is to be called again at the latest: milliseconds, or -1. */
int terminal_timeout_ms(void);

void terminal_close(void);

#endif
