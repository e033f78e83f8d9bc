/*
 * http: reads the head of an HTTP/1.1 request, strictly (RFC 9110 and RFC 9112).
 *
 * Bytes go in, and out comes a request or the status to refuse it with. It knows nothing
 * of sockets. What two readers of one request may understand in two ways is the raw
 * material of attacks. So whatever the grammar does not allow is refused, and never
 * mended: a line that ends in LF alone, a blank before the colon, a folded line, a second
 * Host.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "http_text.h"

enum {
    HTTP_HEAD_SIZE = 8192,   /* most bytes of a head, with the empty line */
    HTTP_TARGET_SIZE = 1024, /* most bytes of a target */
    HTTP_MAX_FIELDS = 64
};

/* Status codes (RFC 9110, section 15), and 0 for a head that is not whole yet. */
enum http_status {
    HTTP_MORE = 0,
    HTTP_OK = 200,
    HTTP_ACCEPTED = 202,
    HTTP_NO_CONTENT = 204,
    HTTP_BAD_REQUEST = 400,
    HTTP_FORBIDDEN = 403,
    HTTP_NOT_FOUND = 404,
    HTTP_NOT_ALLOWED = 405,
    HTTP_TIMEOUT = 408,
    HTTP_CONFLICT = 409,
    HTTP_CONTENT_TOO_LARGE = 413,
    HTTP_TARGET_TOO_LONG = 414,
    HTTP_HEAD_TOO_LARGE = 431,
    HTTP_NOT_IMPLEMENTED = 501,
    HTTP_OTHER_VERSION = 505
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

/* A request; zeroed before its first bytes are read. The texts point into the head. */
struct http_request {
    enum http_method method;
    struct http_text path, query; /* of the target: before and behind the first '?' */
    struct http_text host, origin, fetch_site;

    /* From here on it is http.c's. */
    struct http_text content_length, transfer_encoding;
    size_t parsed;  /* bytes of the lines that were read */
    size_t scanned; /* bytes in which the next line's end was sought */
    size_t nlines;
};

/*
 * Reads on in a head of which `size` bytes have come. They begin at `bytes` in every call
 * for one request, and each is looked at a bounded number of times however they come.
 * Returns HTTP_OK once the head is whole; HTTP_MORE while it is not; else what to refuse
 * the request with, as soon as the line is whole that is wrong:
 *     400  the grammar of RFC 9112 is violated, or Host is missing (section 3.2)
 *     413  there is content: no request of ours has any
 *     414  the target is longer than HTTP_TARGET_SIZE
 *     431  the head is longer than HTTP_HEAD_SIZE, or has more fields than we count
 *     501  the method is not one of ours, or Transfer-Encoding is there
 *     505  the version is not 1.1; in 1.0 Host could be missing, and we live by it
 * What stands behind the head is not looked at. After anything but HTTP_MORE the result
 * of a further call is undefined.
 */
enum http_status http_read(struct http_request *r, const char *bytes, size_t size);

/*
 * Decodes the value of a name in the query, "a=1&name=value", into a C string. Percent
 * signs are decoded (RFC 3986, section 2.1); '+' is a plus. Returns whether there is just
 * one such value that is not empty, fits into `size` bytes with its NUL, and has no
 * control characters.
 */
bool http_query_value(const struct http_request *r, const char *name, char *value,
                      size_t size);

#endif
