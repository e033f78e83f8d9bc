/*
 * http_answer: writes the head of an HTTP/1.1 answer, and the answers that refuse.
 *
 * Every answer says that the connection ends with it, that nobody keeps a copy, and how
 * little the page may do: load from here alone, be framed by nobody, send no address on.
 */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "../../06-selectors-style/apps/buffer.h"
#include "http.h"

enum { HTTP_NO_LENGTH = -1 };

struct http_answer {
    enum http_status status;
    const char *type;  /* of the content; NULL: there is none */
    long long length;  /* of the content in bytes; HTTP_NO_LENGTH: until the end */
    const char *allow; /* the methods, for HTTP_NOT_ALLOWED; else NULL */
};

/* Writes the status line, the fields and the empty line. Whether there was memory for
   them says out->failed. */
void http_put_head(struct buffer *out, const struct http_answer *answer);

/*
 * Writes a whole answer whose content is a line of text that says what the status means.
 * allow is as above. is_head: without the content, because the request was a HEAD
 * (RFC 9110, section 9.3.2).
 */
void http_put_status(struct buffer *out, enum http_status status, const char *allow,
                     bool is_head);

#endif
