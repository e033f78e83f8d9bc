#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int text_width(const char *text, size_t size)
{
    int width = 0;
    for (size_t i = 0; i < size; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

void text_wrap(const char *text, size_t size, int indent)
{
    int column = 0;
    for (size_t at = 0; at < size;) {
        size_t word = 0;
        while (at + word < size && text[at + word] != ' ' &&
               text_width(text + at, word + 1) <= TEXT_COLUMNS - indent)
            word++;
        int width = text_width(text + at, word);
        if (column > 0 && column + 1 + width > TEXT_COLUMNS) {
            putchar('\n');
            column = 0;
        }
        if (column == 0)
            column += printf("%*s", indent, "");
        else
            column += printf(" ");
        fwrite(text + at, 1, word, stdout);
        column += width;
        at += word;
        while (at < size && text[at] == ' ')
            at++;
    }
    putchar('\n');
}

void text_screen(int *columns, int *rows)
{
    *columns = isatty(STDOUT_FILENO) ? 80 : 0;
    *rows = 24;
#ifdef TIOCGWINSZ /* POSIX has none before 2024; every system that we know has this one */
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        size.ws_row > 0) {
        *columns = size.ws_col;
        *rows = size.ws_row;
    }
#endif
}

void text_colour(const char *code)
{
    const char *no_colour = getenv("NO_COLOR");
    bool wanted = isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0');
    if (wanted)
        printf("\033[%sm", code);
}
