/* chat_typed: from what a person types to what the server is asked. */
#ifndef CHAT_TYPED_H
#define CHAT_TYPED_H

#include <stdbool.h>

#include "buffer.h"

struct chat_typed {
    struct buffer in, request;
    bool skipping; /* a line is too long: its rest is passed over */
    bool ended;    /* at the end of the input, and after /quit: nothing more is read */
};

/*
 * Reads once from stdin, obeys each whole line, and adds requests to `out`. What is wrong
 * with a line is said on stderr, and the line is not sent. Dies if stdin cannot be read,
 * or without memory.
 */
void chat_typed_read(struct chat_typed *typed, struct buffer *out);

/* Lists the commands on stdout. */
void chat_typed_show_commands(void);

void chat_typed_free(struct chat_typed *typed);

#endif
