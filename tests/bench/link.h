/* link: a connection to the server that is measured. */
#ifndef LINK_H
#define LINK_H

/* Connects to 127.0.0.1. Returns a descriptor in blocking mode, and dies of a failure. */
int link_open(int port);

/* Closes with a reset. That leaves nothing in TIME_WAIT, where so many connections would
   use up the ports. */
void link_reset(int fd);

#endif
