/* chat_screen: what the person in the chat sees, on a terminal or in a file. */
#ifndef CHAT_SCREEN_H
#define CHAT_SCREEN_H

#include <stdbool.h>

#include "json_reader.h"

/* Finds out whether a person sits at a terminal: only there is a prompt shown. */
void chat_screen_open(void);

/* Begins a line of the chat. On a terminal it takes the place of a half-typed line: the
   terminal still has that line and goes on editing it. */
void chat_screen_begin_line(void);

/* Shows a message of the server. Members that are missing, or of another type, show as
   nothing. */
void chat_screen_show(const struct json_value *message);

/* Asks for a prompt at the next chat_screen_flush, as every line shown does. */
void chat_screen_want_prompt(void);

/* Puts out what was shown, and the prompt if one is due and `asks` says that typing is of
   use. Dies if it cannot be written. */
void chat_screen_flush(bool asks);

#endif
