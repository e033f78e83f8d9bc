/*
 * web: the page of the stage, served over HTTP/1.1 to viewers on this machine.
 *
 * A viewer's browser gets a few files that were read when the program began, the list of
 * scenes, and the record as Server-Sent Events. It may ask for a scene to be played. One
 * who reads slowly or is gone costs nothing: each has a position in the record, no queue.
 *
 * The loop is the caller's, and nothing here waits. It calls
 *
 *     selector_select with web_timeout_ms() at most
 *     web_serve for each event whose data is one of the web's sources
 *     web_next_wish until it returns WEB_NOTHING
 *     web_settle, once, when the batch is done and the record is written
 *
 * What a viewer sends is never trusted: a request that is not exactly what RFC 9112 says
 * is refused (see http.h), and so is one for another host than this machine, because a
 * foreign name that leads here is how a foreign page would read this one (DNS rebinding).
 */
#ifndef WEB_H
#define WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "source.h"

struct selector;

/* What a viewer may ask for. */
enum web_wish { WEB_NOTHING, WEB_PLAY, WEB_STOP };

/*
 * Listens on 127.0.0.1, port 0 for any free one, and registers with the selector.
 * page_dir holds index.html, a style and scripts, which are read now and never again.
 * scenes is the JSON that GET /scenes answers. names are the names of the scenes that can
 * be played, NULL behind the last: POST /play is answered with 404 for any other. All but
 * page_dir live until web_close. Returns the port. Dies on failure.
 */
int web_open(struct selector *selector, int port, const char *page_dir,
             const char *scenes, const char *const *names);

/*
 * Something of the web's is ready, for these events: SOURCE_LISTENER or SOURCE_VIEWER.
 * Moves bytes and closes nothing; may be called in any order within a batch.
 */
void web_serve(struct source *source, unsigned events);

/*
 * After each batch, and when the timeout is over: sends viewers what the record has for
 * them, tells the selector what they wait for, and closes those who are over or too slow.
 * Ends a rest whose time is over (see rest.h).
 */
void web_settle(void);

/* When web_settle is to be called at the latest: milliseconds, or -1 for never. To be
   asked just before each wait: what was added to the record meanwhile counts. */
int web_timeout_ms(void);

/* The next wish, once; with WEB_PLAY a scene's name, one of those that web_open got, is
   written to name. WEB_STOP may come while nothing is played. */
enum web_wish web_next_wish(char *name, size_t size);

/* Tells the web whether a scene is played now: then POST /play is answered with 409. Who
   grants a wish says so before the next batch. */
void web_set_playing(bool playing);

/* Closes everything and gives the memory back. The selector lives on. */
void web_close(void);

#endif
