/* options: the one command line that all servers share. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
    const char *address;  /* -a: where to listen, numeric */
    int port;             /* -p: 0 for any free one */
    size_t max_clients;   /* -m: further clients wait in the backlog */
    int nap_ms;           /* -n: nap between idle rounds (02) */
    bool edge_triggered;  /* -e: edge-triggered epoll (05) */
    const char *selector; /* -s: the backend's name, NULL for the best (06) */
    int idle_s;           /* -i: close clients silent for so long, 0 for never (06) */
};

/*
 * Reads the command line. default_port is the lesson's; extra names the options it has
 * beside -a, -p, -m and -h: a string of their letters, such as "e" or "si". -h prints the
 * help on stdout and exits 0; anything wrong prints one line and the usage on stderr and
 * exits 2. Also tells die the program's name.
 */
struct options options_parse(int argc, char **argv, int default_port, const char *extra);

/*
 * Reads a whole decimal number from least to most: digits only, no sign, no space.
 * Returns it, or -1 if the text is not one.
 */
long options_number(const char *text, long least, long most);

#endif
