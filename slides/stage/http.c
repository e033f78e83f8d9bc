#include "http.h"

#include <string.h>

enum { METHOD_SIZE = 32, VERSION_SIZE = 8 };

/* The longest line that can hold a good request: all that is longer is refused before it
   is whole, and so its end need not come. */
enum { FIRST_LINE_SIZE = METHOD_SIZE + 1 + HTTP_TARGET_SIZE + 1 + VERSION_SIZE + 2 };

/* ---- the request line (RFC 9112, 3) ---- */

static enum http_status read_target(struct http_request *r, struct http_text target)
{
    if (target.size == 0 || target.first[0] != '/')
        return HTTP_BAD_REQUEST;
    if (target.size > HTTP_TARGET_SIZE)
        return HTTP_TARGET_TOO_LONG;
    if (!http_text_is_visible(target) || memchr(target.first, '#', target.size) != NULL)
        return HTTP_BAD_REQUEST;
    r->path = http_text_before(target, '?');
    if (r->path.size < target.size)
        r->query = http_text_behind(target, r->path.size + 1);
    return HTTP_MORE;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static enum http_status read_version(struct http_text version)
{
    const char *v = version.first;
    if (version.size != VERSION_SIZE || memcmp(v, "HTTP/", 5) != 0 || !is_digit(v[5]) ||
        v[6] != '.' || !is_digit(v[7]))
        return HTTP_BAD_REQUEST;
    return http_text_is(version, "HTTP/1.1") ? HTTP_MORE : HTTP_OTHER_VERSION;
}

static enum http_status read_method(struct http_request *r, struct http_text method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (http_text_is(method, names[i])) {
            r->method = (enum http_method)i;
            return HTTP_MORE;
        }
    }
    return HTTP_NOT_IMPLEMENTED;
}

static enum http_status read_request_line(struct http_request *r, struct http_text line)
{
    struct http_text method = {line.first, http_text_token(line)};
    if (method.size == 0 || method.size == line.size || line.first[method.size] != ' ')
        return HTTP_BAD_REQUEST;
    struct http_text rest = http_text_behind(line, method.size + 1);
    struct http_text target = http_text_before(rest, ' ');
    if (target.size == rest.size)
        return HTTP_BAD_REQUEST;
    enum http_status status = read_target(r, target);
    if (status == HTTP_MORE)
        status = read_version(http_text_behind(rest, target.size + 1));
    return status == HTTP_MORE ? read_method(r, method) : status;
}

/* ---- fields (RFC 9112, 5) ---- */

/* Where the value of this field is kept; NULL if we do not look at it. */
static struct http_text *field_place(struct http_request *r, struct http_text name)
{
    const struct {
        const char *name;
        struct http_text *place;
    } known[] = {
        {"Host", &r->host},
        {"Origin", &r->origin},
        {"Sec-Fetch-Site", &r->fetch_site},
        {"Content-Length", &r->content_length},
        {"Transfer-Encoding", &r->transfer_encoding},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (http_text_is_word(name, known[i].name))
            return known[i].place;
    return NULL;
}

/* Of the fields that we look at each may be there once: of two, which would be meant? */
static enum http_status read_field(struct http_request *r, struct http_text line)
{
    struct http_text name = {line.first, http_text_token(line)};
    if (name.size == 0 || name.size == line.size || line.first[name.size] != ':')
        return HTTP_BAD_REQUEST;
    struct http_text value = http_text_trim(http_text_behind(line, name.size + 1));
    if (!http_text_is_value(value))
        return HTTP_BAD_REQUEST;
    if (r->nlines - 1 > HTTP_MAX_FIELDS)
        return HTTP_HEAD_TOO_LARGE;
    struct http_text *place = field_place(r, name);
    if (place == NULL)
        return HTTP_MORE;
    if (place->first != NULL)
        return HTTP_BAD_REQUEST;
    *place = value;
    return HTTP_MORE;
}

/* The head is whole. */
static enum http_status finish(const struct http_request *r)
{
    struct http_text length = r->content_length;
    if (r->host.first == NULL)
        return HTTP_BAD_REQUEST;
    if (length.first != NULL && length.size == 0)
        return HTTP_BAD_REQUEST;
    for (size_t i = 0; i < length.size; i++)
        if (!is_digit(length.first[i]))
            return HTTP_BAD_REQUEST;
    if (r->transfer_encoding.first != NULL)
        return HTTP_NOT_IMPLEMENTED;
    for (size_t i = 0; i < length.size; i++)
        if (length.first[i] != '0')
            return HTTP_CONTENT_TOO_LARGE;
    return HTTP_OK;
}

/* ---- lines ---- */

/* A line with its end, which is CR LF and nothing else. */
static enum http_status read_line(struct http_request *r, struct http_text line)
{
    bool is_first = r->nlines == 0;
    if (is_first && line.size > FIRST_LINE_SIZE)
        return HTTP_TARGET_TOO_LONG;
    if (line.size < 2 || line.first[line.size - 2] != '\r')
        return HTTP_BAD_REQUEST;
    line.size -= 2;
    if (!is_first && line.size == 0)
        return finish(r);
    r->nlines++;
    return is_first ? read_request_line(r, line) : read_field(r, line);
}

enum http_status http_read(struct http_request *r, const char *bytes, size_t size)
{
    while (r->scanned < size) {
        const char *end = memchr(bytes + r->scanned, '\n', size - r->scanned);
        r->scanned = end == NULL ? size : (size_t)(end - bytes) + 1;
        if (r->scanned > HTTP_HEAD_SIZE || end == NULL)
            break;
        struct http_text line = {bytes + r->parsed, r->scanned - r->parsed};
        enum http_status status = read_line(r, line);
        if (status != HTTP_MORE)
            return status;
        r->parsed = r->scanned;
    }
    if (r->nlines == 0 && size > FIRST_LINE_SIZE)
        return HTTP_TARGET_TOO_LONG;
    return size >= HTTP_HEAD_SIZE ? HTTP_HEAD_TOO_LARGE : HTTP_MORE;
}

bool http_query_value(const struct http_request *r, const char *name, char *value,
                      size_t size)
{
    bool found = false;
    struct http_text rest = r->query;
    while (rest.size > 0) {
        struct http_text pair = http_text_before(rest, '&');
        struct http_text pair_name = http_text_before(pair, '=');
        rest = http_text_behind(rest, pair.size + (pair.size < rest.size));
        if (pair_name.size == pair.size || !http_text_is(pair_name, name))
            continue;
        struct http_text coded = http_text_behind(pair, pair_name.size + 1);
        if (found || http_text_decode(coded, value, size) == 0)
            return false;
        found = true;
    }
    return found;
}
