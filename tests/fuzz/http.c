/*
 * http: cut anywhere, a request is judged the same; its texts lie within its head;
 * written anew it is read as the same; and a value that is encoded is decoded to itself.
 */
#include "../../slides/stage/http.h"

#include <stdlib.h>
#include <string.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "fuzz.h"

enum { VALUE_SIZE = 64 };

static enum http_status read_in_pieces(const char *head, size_t size)
{
    struct http_request r = {0};
    enum http_status status = HTTP_MORE;
    uint32_t state = (uint32_t)size;
    for (size_t at = 0; at < size && status == HTTP_MORE;) {
        at += fuzz_piece(&state, size - at);
        status = http_read(&r, head, at);
    }
    return status;
}

/* Reads the first byte, then the first two anew, and so on: each time in memory of just
   that size. */
static enum http_status read_beginnings(const char *head, size_t size)
{
    enum http_status status = HTTP_MORE;
    for (size_t n = 1; n <= size && status == HTTP_MORE; n++) {
        struct http_request r = {0};
        char *beginning = malloc(n);
        if (beginning == NULL)
            abort();
        memcpy(beginning, head, n);
        status = http_read(&r, beginning, n);
        free(beginning);
    }
    return status;
}

static void check_within(struct http_text text, const char *head, size_t size)
{
    fuzz_need(text.first == NULL || (text.first >= head && text.size <= size &&
                                     text.first <= head + (size - text.size)),
              "a text lies within the head");
}

static bool is_same(struct http_text a, struct http_text b)
{
    return (a.first == NULL) == (b.first == NULL) && a.size == b.size &&
           (a.size == 0 || memcmp(a.first, b.first, a.size) == 0);
}

static void put_field(struct buffer *out, const char *name, struct http_text value)
{
    if (value.first == NULL)
        return;
    buffer_add_text(out, name);
    buffer_add(out, value.first, value.size);
    buffer_add_text(out, "\t \r\n");
}

/* What was understood, as a request with blanks in other places and names in other
   case. */
static void check_written_anew(const struct http_request *r)
{
    static const char *const methods[] = {
        [HTTP_GET] = "GET ", [HTTP_HEAD] = "HEAD ", [HTTP_POST] = "POST "};
    struct buffer out = {0};
    struct http_request again = {0};
    buffer_add_text(&out, methods[r->method]);
    buffer_add(&out, r->path.first, r->path.size);
    if (r->query.first != NULL) {
        buffer_add_text(&out, "?");
        buffer_add(&out, r->query.first, r->query.size);
    }
    buffer_add_text(&out, " HTTP/1.1\r\n");
    put_field(&out, "sec-FETCH-site:", r->fetch_site);
    put_field(&out, "ORIGIN:\t", r->origin);
    put_field(&out, "host: ", r->host);
    buffer_add_text(&out, "\r\n");
    if (buffer_size(&out) <= HTTP_HEAD_SIZE)
        fuzz_need(http_read(&again, buffer_first(&out), buffer_size(&out)) == HTTP_OK &&
                      again.method == r->method && is_same(again.path, r->path) &&
                      is_same(again.query, r->query) && is_same(again.host, r->host) &&
                      is_same(again.origin, r->origin) &&
                      is_same(again.fetch_site, r->fetch_site),
                  "a request that is written anew is the same");
    buffer_free(&out);
}

/* May it stand in a query as it is? RFC 3986 allows some of these less. */
static bool is_plain(char byte)
{
    return byte > ' ' && byte <= '~' && strchr("%&#", byte) == NULL;
}

/* The bytes as the value in a good request, some of them in their percent form. */
static void check_value(const char *bytes, size_t size)
{
    struct buffer out = {0};
    struct http_request r = {0};
    char value[VALUE_SIZE];
    bool is_fine = size > 0 && size < VALUE_SIZE;
    buffer_add_text(&out, "GET /path?b=1&a=");
    for (size_t i = 0; i < size; i++) {
        if (i % 3 == 0 && is_plain(bytes[i]))
            buffer_add(&out, bytes + i, 1);
        else
            buffer_add_format(&out, i % 2 ? "%%%02x" : "%%%02X", (unsigned char)bytes[i]);
        is_fine = is_fine && (unsigned char)bytes[i] >= ' ' && bytes[i] != 0x7f;
    }
    buffer_add_text(&out, "&c=2 HTTP/1.1\r\nHost: a\r\n\r\n");
    fuzz_need(http_read(&r, buffer_first(&out), buffer_size(&out)) == HTTP_OK,
              "a good request is taken");
    fuzz_need(http_query_value(&r, "a", value, sizeof value) == is_fine,
              "a value that fits and has no control characters is decoded, and no other");
    fuzz_need(!is_fine || (strlen(value) == size && memcmp(value, bytes, size) == 0),
              "a value that is encoded is decoded to itself");
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char value[VALUE_SIZE], *head = fuzz_copy(data, size);
    struct http_request r = {0};
    enum http_status status = http_read(&r, head, size);
    fuzz_need(read_in_pieces(head, size) == status, "in pieces it is judged the same");
    if (size < 512)
        fuzz_need(read_beginnings(head, size) == status,
                  "it is judged as soon as enough has come");
    const struct http_text texts[] = {r.path, r.query, r.host, r.origin, r.fetch_site};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_within(texts[i], head, size);
    if (status == HTTP_OK) {
        fuzz_need(r.scanned <= HTTP_HEAD_SIZE, "a head is not over the limit");
        check_written_anew(&r);
        http_query_value(&r, "scene", value, sizeof value);
    }
    if (size < (size_t)2 * VALUE_SIZE)
        check_value(head, size);
    free(head);
    return 0;
}
