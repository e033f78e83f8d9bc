#include "http_answer.h"

#include <string.h>
#include <time.h>

static const struct {
    enum http_status status;
    const char *name, *reason;
} statuses[] = {
    {HTTP_OK, "OK", ""},
    {HTTP_ACCEPTED, "Accepted", "It will be done."},
    {HTTP_NO_CONTENT, "No Content", ""},
    {HTTP_BAD_REQUEST, "Bad Request", "The request is not as it has to be."},
    {HTTP_FORBIDDEN, "Forbidden",
     "This page is for this machine and its own page alone."},
    {HTTP_NOT_FOUND, "Not Found", "There is no such thing here."},
    {HTTP_NOT_ALLOWED, "Method Not Allowed", "Allow says what can be done with it."},
    {HTTP_TIMEOUT, "Request Timeout", "The request took too long to come."},
    {HTTP_CONFLICT, "Conflict", "A scene is being played."},
    {HTTP_CONTENT_TOO_LARGE, "Content Too Large", "No request here has content."},
    {HTTP_TARGET_TOO_LONG, "URI Too Long", "The target is too long."},
    {HTTP_HEAD_TOO_LARGE, "Request Header Fields Too Large", "The head is too large."},
    {HTTP_NOT_IMPLEMENTED, "Not Implemented", "This is not known here."},
    {HTTP_OTHER_VERSION, "HTTP Version Not Supported", "HTTP/1.1 is spoken here."},
};

static size_t row_of(enum http_status status)
{
    size_t i = 0;
    while (statuses[i].status != status)
        i++;
    return i;
}

/* Date: a server with a clock has to send it (RFC 9110, section 6.6.1). */
static void put_date(struct buffer *out)
{
    char text[64];
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc) != NULL &&
        strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc) > 0)
        buffer_add_text(out, text);
}

static void put_field(struct buffer *out, const char *name, const char *value)
{
    buffer_add_text(out, name);
    buffer_add_text(out, ": ");
    buffer_add_text(out, value);
    buffer_add_text(out, "\r\n");
}

void http_put_head(struct buffer *out, const struct http_answer *answer)
{
    buffer_add_format(out, "HTTP/1.1 %d %s\r\n", (int)answer->status,
                      statuses[row_of(answer->status)].name);
    put_date(out);
    if (answer->type != NULL)
        put_field(out, "Content-Type", answer->type);
    if (answer->type != NULL && answer->length != HTTP_NO_LENGTH)
        buffer_add_format(out, "Content-Length: %lld\r\n", answer->length);
    if (answer->allow != NULL)
        put_field(out, "Allow", answer->allow);
    put_field(out, "Cache-Control", "no-store");
    put_field(out, "X-Content-Type-Options", "nosniff");
    put_field(out, "Content-Security-Policy",
              "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
              "form-action 'none'");
    put_field(out, "Referrer-Policy", "no-referrer");
    put_field(out, "Connection", "close");
    buffer_add_text(out, "\r\n");
}

void http_put_status(struct buffer *out, enum http_status status, const char *allow,
                     bool is_head)
{
    const char *reason = statuses[row_of(status)].reason;
    struct http_answer answer = {.status = status,
                                 .type = "text/plain; charset=utf-8",
                                 .length = (long long)strlen(reason) + 1,
                                 .allow = allow};
    if (status == HTTP_NO_CONTENT)
        answer.type = NULL;
    http_put_head(out, &answer);
    if (is_head || status == HTTP_NO_CONTENT)
        return;
    buffer_add_text(out, reason);
    buffer_add_text(out, "\n");
}
