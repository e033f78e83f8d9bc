/* errno_name: the names of errnos, which C has no portable way to ask for. */
#ifndef ERRNO_NAME_H
#define ERRNO_NAME_H

/* "EAGAIN" for its number, or "errno 999" for one that has no name here. The text is
   constant, or stands in a buffer of the calling thread. */
const char *errno_name(int error);

/* The number for a name, or -1. */
int errno_by_name(const char *name);

#endif
