/* source: what a descriptor that the stage waits for belongs to. The selector's data
   points to the struct that begins with it. */
#ifndef SOURCE_H
#define SOURCE_H

enum source_kind {
    SOURCE_STOP,     /* the signal that ends the program */
    SOURCE_OUTPUT,   /* a server's stdout */
    SOURCE_TOLD,     /* a server's stderr: the narrator's lines */
    SOURCE_ACTOR,    /* a client on the stage */
    SOURCE_LISTENER, /* where viewers come */
    SOURCE_VIEWER    /* a browser */
};

struct source {
    enum source_kind kind;
    int fd;
};

#endif
