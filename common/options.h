/* options: the command line that all servers share, and what a program adds to it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
    const char *address; /* -a: where to listen, numeric */
    int port;            /* -p: 0 for any free one */
    size_t max_clients;  /* -m: further clients wait in the backlog */
};

/*
 * One option of a program. One of flag, number and text says where it goes. What that
 * place holds before the command line is read is the default; NULL and -1 are none.
 */
struct option {
    char letter;
    const char *value; /* what follows it, for the help: "PORT"; NULL for nothing */
    const char *help;
    bool *flag;        /* becomes true */
    long *number;      /* gets a whole number from least to most */
    const char **text; /* gets what follows */
    long least, most;
    const struct option *more; /* of the row that ends a table: another to go on with */
};

/*
 * Reads the command line. default_port is the program's; extra lists the options it has
 * beside -a, -p, -m and -h, or is NULL for none. A table ends with a row whose letter is
 * 0. -h prints the help on stdout and exits 0; anything wrong prints one line and the
 * usage on stderr and exits 2. Also tells die the program's name.
 */
struct options options_parse(int argc, char **argv, int default_port,
                             const struct option *extra);

/*
 * Reads a whole decimal number from least to most: digits only, no sign, no space.
 * Returns it, or -1 if the text is not one.
 */
long options_number(const char *text, long least, long most);

#endif
