/* events: what can be waited for, in one vocabulary for every technique. */
#ifndef EVENTS_H
#define EVENTS_H

enum {
    EVENT_READ = 1,  /* recv or accept will not block */
    EVENT_WRITE = 2, /* send will not block */
    EVENT_EDGE = 4,  /* reported once: use it up, it is not reported again */
    EVENT_END = 8    /* with EVENT_EDGE: an end or an error is queued behind the data */
};

/* One entry of what a wait returned. */
struct event {
    int fd;
    unsigned events; /* the bits above */
};

#endif
