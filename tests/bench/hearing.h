/*
 * hearing: what all clients of a server hear is one stream, and each has heard so much
 * of it.
 *
 * Whoever is ahead of the others adds to the stream; what comes to all others has to be
 * the same, byte by byte. So a byte that is lost, added or out of order for anyone ends
 * the program, and to check a line for all costs one comparison a client.
 */
#ifndef HEARING_H
#define HEARING_H

#include <stddef.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../06-selectors-style/selector.h"

struct listener {
    int fd;
    size_t heard;  /* bytes of the stream */
    size_t nlines; /* lines of it that are whole */
};

struct line {
    size_t end;    /* behind its "\n" */
    size_t nheard; /* by how many it was heard */
};

struct hearing {
    struct listener *listeners;
    size_t nlisteners;
    struct selector *selector;
    struct buffer stream; /* all that was ever heard */
    struct line *lines;
    size_t nlines, max_lines;
    size_t nwhole;       /* lines that all have heard */
    double *arrivals_us; /* nlisteners for each line, in order of arrival; or NULL */
};

/* Connects all of them. More than max_lines lines end the program. */
void hearing_open(struct hearing *h, int port, size_t nlisteners, size_t max_lines);

/*
 * Before it begins: takes one line from a client, and no byte more. It is valid, with a
 * NUL in place of its end, until the next call.
 */
char *hearing_take_line(int fd);

/* The same, but the line stays. */
char *hearing_peek_line(int fd);

/* From here on all hear the same. */
void hearing_begin(struct hearing *h);

/* Waits, and receives what is there, once from each client. */
void hearing_listen(struct hearing *h);

/* The text of a line, with its "\n". */
const char *hearing_line(const struct hearing *h, size_t i, size_t *size);

/* Resets all connections. */
void hearing_close(struct hearing *h);

#endif
