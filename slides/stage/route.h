/* route: what the web has for whom: its paths, who may ask, and what is wished for. */
#ifndef ROUTE_H
#define ROUTE_H

#include "viewer.h"
#include "web.h"

/* Reads the page's files; the rest is as in web_open. Dies on failure. */
void route_open(const char *page_dir, const char *scenes, const char *const *names);

/* The port at which viewers find us: only who calls us by it is answered. */
void route_set_port(int port);

/* Answers a viewer whose request is whole and well-formed. */
void route_answer(struct viewer *v);

/* As web_next_wish and web_set_playing. */
enum web_wish route_next_wish(char *name, size_t size);
void route_set_playing(bool playing);

/* Gives the memory of the files back. */
void route_close(void);

#endif
