#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/options.h"

enum { MOST_SECONDS = 3600 };

void words_wrong(struct words *w, const char *format, ...)
{
    va_list arguments;
    if (w->problem[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(w->problem, sizeof w->problem, format, arguments);
    va_end(arguments);
    for (char *at = w->problem; *at != '\0'; at++)
        if (*at == '\n') /* a word may hold one, a complaint is a line */
            *at = ' ';
}

static char unescaped(char letter)
{
    return letter == 'n' ? '\n' : letter;
}

/* Cuts a word in quotes, which begins behind the quote. Returns what comes behind it, or
   NULL if it does not end. */
static char *cut_quoted(char *at, char quote)
{
    char *to = at;
    for (; *at != quote; at++) {
        if (*at == '\0')
            return NULL;
        if (*at == '\\' && at[1] != '\0' && strchr("n\\\"'", at[1]) != NULL)
            *to++ = unescaped(*++at);
        else
            *to++ = *at;
    }
    *to = '\0';
    return at + 1;
}

bool words_cut(struct words *w, char *line)
{
    char *at = line;
    *w = (struct words){.count = 0};
    for (;;) {
        at += strspn(at, " \t\r");
        if (*at == '\0' || *at == '#')
            return true;
        if (w->count == MAX_WORDS) {
            words_wrong(w, "over %d words", MAX_WORDS);
            return false;
        }
        bool is_quoted = *at == '"' || *at == '\'';
        w->word[w->count++] = at + is_quoted;
        char *end = is_quoted ? cut_quoted(at + 1, *at) : at + strcspn(at, " \t\r");
        if (end == NULL) {
            words_wrong(w, "a quote does not end");
            return false;
        }
        if (is_quoted && *end != '\0' && strchr(" \t\r", *end) == NULL) {
            words_wrong(w, "there has to be a space behind a quote");
            return false;
        }
        w->size = (size_t)(end - line);
        at = end + (*end != '\0');
        *end = '\0';
    }
}

char *words_take(struct words *w, const char *what)
{
    if (w->next < w->count)
        return w->word[w->next++];
    if (what != NULL)
        words_wrong(w, "%s is missing", what);
    return NULL;
}

bool words_take_if(struct words *w, const char *word)
{
    if (w->next == w->count || strcmp(w->word[w->next], word) != 0)
        return false;
    w->next++;
    return true;
}

void words_take_this(struct words *w, const char *word)
{
    if (words_take_if(w, word))
        return;
    if (w->next < w->count)
        words_wrong(w, "expected '%s' and not '%s'", word, w->word[w->next]);
    else
        words_wrong(w, "'%s' is missing", word);
}

long words_take_number(struct words *w, const char *what, long least, long most)
{
    const char *word = words_take(w, what);
    long number = word != NULL ? options_number(word, least, most) : 0;
    if (number == -1)
        words_wrong(w, "%s is a whole number from %ld to %ld, not '%s'", what, least,
                    most, word);
    return number > 0 ? number : 0;
}

size_t words_take_bytes(struct words *w)
{
    enum { MOST = 64 * 1024 * 1024 };
    char *word = words_take(w, "a number of bytes");
    size_t size = word != NULL ? strlen(word) : 0, unit = 1;
    if (size == 0)
        return 0;
    if (word[size - 1] == 'k')
        unit = 1024;
    if (word[size - 1] == 'M')
        unit = 1024UL * 1024;
    if (unit > 1)
        word[size - 1] = '\0';
    long number = options_number(word, 1, MOST / (long)unit);
    if (number == -1)
        words_wrong(w, "a number of bytes is 300, 64k or 8M, and 64M at most");
    return number > 0 ? (size_t)number * unit : 0;
}

double words_take_real(struct words *w, const char *what)
{
    const char *word = words_take(w, what);
    char *end = NULL;
    if (word == NULL)
        return 0;
    double number = strtod(word, &end);
    if (*word == '\0' || strspn(word, "0123456789.") != strlen(word) || *end != '\0') {
        words_wrong(w, "%s is a number, not '%s'", what, word);
        return 0;
    }
    return number;
}

double words_take_seconds(struct words *w, const char *what)
{
    double seconds = words_take_real(w, what);
    if (seconds > MOST_SECONDS)
        words_wrong(w, "%s is %d seconds at most", what, MOST_SECONDS);
    return seconds * 1000;
}

void words_end(struct words *w)
{
    if (w->next < w->count)
        words_wrong(w, "'%s' is too much here", w->word[w->next]);
}
