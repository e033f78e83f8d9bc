/*
 * message: what the game, the chat and the ticker have in common: one JSON object a line.
 *
 * A line becomes a message, or it is answered with the error that the protocol names and
 * costs nothing else.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>

#include "bucket.h"
#include "json_reader.h"
#include "json_writer.h"
#include "server.h"

/* The options for options_parse: -l and -d, then those of server.h. */
extern const struct option message_options[];

/* A message that came in: an object with a string as its type. */
struct message {
    struct client *from;
    const struct json_value *object, *type;
};

/* Gives back the memory that reading and writing took. */
void message_close(void);

/*
 * Takes the client's next message. Returns false when there is none to be taken now. Bad
 * lines on the way are answered: bad_json, bad_message, line_too_long (which ends the
 * connection) and, for lines that find no token in the bucket, rate_limited; NULL is no
 * bucket. The message is valid until the next call.
 */
bool message_next(struct client *from, struct bucket *bucket, struct message *m);

/* Is it of this type? */
bool message_is(const struct message *m, const char *type);

/*
 * A member of this name and type, or NULL: then the sender has been told bad_message and
 * the message is to be dropped.
 */
const struct json_value *message_field(const struct message *m, const char *name,
                                       enum json_type type);

/* The same for a string of 1 to `most` bytes. */
const struct json_value *message_text(const struct message *m, const char *name,
                                      size_t most);

/* The same for a whole number from least to most. Returns false if it was refused. */
bool message_integer(const struct message *m, const char *name, long long least,
                     long long most, long long *number);

/* Has it a member of this name, of whatever type? */
bool message_has(const struct message *m, const char *name);

/* Answers a message with an error. `code` is the protocol's, the text is for people. */
void message_refuse(const struct message *m, const char *code, const char *text);

/* Begins an answer of this type: members are added to it with json_put_... */
struct buffer *message_begin(const char *type);

/* The same in a buffer of the caller's, which can be kept. */
struct buffer *message_begin_in(struct buffer *out, const char *type);

/* Ends it, ready for server_send. */
const struct buffer *message_end(struct buffer *out);

#endif
