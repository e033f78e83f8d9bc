/* words: a line of a scene's text, cut into words, and what words may mean. */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { MAX_WORDS = 24, WORDS_PROBLEM_SIZE = 200 };

struct words {
    char *word[MAX_WORDS];
    size_t size;                      /* of the line up to the end of its last word */
    size_t count, next;               /* next: the one to be taken next */
    char problem[WORDS_PROBLEM_SIZE]; /* the first thing that is wrong; "" if nothing */
};

/*
 * Cuts a line in place. Words are separated by spaces; one in quotes, double or single,
 * may hold spaces, and \n, \\, \" and \' in it stand for the byte that they name. From a
 * word that begins with # on the line is a comment. Returns false with w->problem set if
 * a quote does not end or there are too many words.
 */
bool words_cut(struct words *w, char *line);

/* Notes what is wrong, as printf would, unless something is noted already. */
void words_wrong(struct words *w, const char *format, ...);

/* Takes the next word, or NULL if there is none; `what` names it in the complaint, or is
   NULL if it may be missing. */
char *words_take(struct words *w, const char *what);

/* Takes the next word if it is this one. */
bool words_take_if(struct words *w, const char *word);

/* Takes a word that has to be this one. */
void words_take_this(struct words *w, const char *word);

/* Takes a whole number from least to most; 0 after a complaint. */
long words_take_number(struct words *w, const char *what, long least, long most);

/* Takes a number of bytes: 300, 64k or 8M. */
size_t words_take_bytes(struct words *w);

/* Takes seconds, "0.5", of an hour at most; returns milliseconds. */
double words_take_seconds(struct words *w, const char *what);

/* Takes a number that may have a fraction. */
double words_take_real(struct words *w, const char *what);

/* Complains if a word is left. */
void words_end(struct words *w);

#endif
