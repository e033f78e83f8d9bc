/* text: what is printed for people: in 80 columns, and in colour where that is wanted. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

enum { TEXT_COLUMNS = 79 };

/* Prints UTF-8 broken into lines between words, each indented by so many spaces. */
void text_wrap(const char *text, size_t size, int indent);

/* How many columns does it take? Counts characters of UTF-8, each one wide. */
int text_width(const char *text, size_t size);

/* The size of the terminal that stdout is: 80 by 24 where the system does not tell it; 0
   columns if stdout is none. */
void text_screen(int *columns, int *rows);

/* Switches to this colour, as SGR codes have it: "1;31", "0". Nothing happens if stdout
   is no terminal or NO_COLOR is set. */
void text_colour(const char *code);

#endif
