#include "message.h"

#include <stdio.h>

#include "../../common/clock.h"
#include "lines.h"

static struct json json;
static struct buffer outgoing; /* one message is written at a time */
static long line_bytes = 4096, depth = 16;

const struct option message_options[] = {
    {'l', "BYTES", "the longest line that is read", .number = &line_bytes, .least = 64,
     .most = 1048576},
    {'d', "DEPTH", "how deep JSON may be nested", .number = &depth, .least = 1,
     .most = 1000},
    {.more = server_options},
};

void message_close(void)
{
    json_free(&json);
    buffer_free(&outgoing);
}

/* ---- what comes in ---- */

/* From a line to a message. False if it is none, which the sender has been told. */
static bool read_line(struct line *line, struct message *m)
{
    json.max_depth = (size_t)depth;
    if (!json_read(&json, line->text, line->size)) {
        char text[96];
        snprintf(text, sizeof text, "byte %zu: %s", json.error_at, json.error);
        message_refuse(m, "bad_json", text);
        return false;
    }
    m->object = &json.values[0];
    if (m->object->type != JSON_OBJECT) {
        message_refuse(m, "bad_message", "a message is an object");
        return false;
    }
    m->type = message_field(m, "type", JSON_STRING);
    return m->type != NULL;
}

bool message_next(struct client *from, struct bucket *bucket, struct message *m)
{
    struct line line;
    m->from = from;
    while (stream_takes(&from->stream)) {
        switch (lines_next(&from->stream.in, (size_t)line_bytes, &line)) {
        case LINES_NONE:
            return false;
        case LINES_TOO_LONG:
            message_refuse(m, "line_too_long",
                           "a line is longer than the limit: goodbye");
            server_end(from);
            return false;
        case LINES_LINE:
            break;
        }
        if (bucket != NULL && !bucket_take(bucket, clock_now_ms()))
            message_refuse(m, "rate_limited", "too many messages: slow down");
        else if (read_line(&line, m))
            return true;
    }
    return false;
}

bool message_is(const struct message *m, const char *type)
{
    return json_is_text(m->type, type);
}

const struct json_value *message_field(const struct message *m, const char *name,
                                       enum json_type type)
{
    static const char *const names[] = {"null",     "false",    "true",     "a number",
                                        "a string", "an array", "an object"};
    const struct json_value *value = json_member(m->object, name);
    if (value != NULL && value->type == type)
        return value;
    char text[96];
    snprintf(text, sizeof text,
             value == NULL ? "%s is missing: it is %s" : "%s has to be %s", name,
             names[type]);
    message_refuse(m, "bad_message", text);
    return NULL;
}

const struct json_value *message_text(const struct message *m, const char *name,
                                      size_t most)
{
    const struct json_value *value = message_field(m, name, JSON_STRING);
    if (value == NULL || (value->size >= 1 && value->size <= most))
        return value;
    char text[96];
    snprintf(text, sizeof text, "%s has to be 1 to %zu bytes", name, most);
    message_refuse(m, "bad_message", text);
    return NULL;
}

bool message_has(const struct message *m, const char *name)
{
    return json_member(m->object, name) != NULL;
}

bool message_integer(const struct message *m, const char *name, long long least,
                     long long most, long long *number)
{
    const struct json_value *value = message_field(m, name, JSON_NUMBER);
    if (value == NULL)
        return false;
    /* The range comes first: to convert a double that no long long holds is undefined. */
    double n = value->number;
    if (n >= (double)least && n <= (double)most && n == (double)(long long)n) {
        *number = (long long)n;
        return true;
    }
    char text[96];
    snprintf(text, sizeof text, "%s has to be a whole number from %lld to %lld", name,
             least, most);
    message_refuse(m, "bad_message", text);
    return false;
}

/* ---- what goes out ---- */

void message_refuse(const struct message *m, const char *code, const char *text)
{
    struct buffer *out = message_begin("error");
    json_put_text(out, "code", code);
    json_put_text(out, "message", text);
    server_send(m->from, message_end(out));
}

struct buffer *message_begin_in(struct buffer *out, const char *type)
{
    buffer_clear(out);
    json_put_open(out, NULL, '{');
    json_put_text(out, "type", type);
    return out;
}

struct buffer *message_begin(const char *type)
{
    return message_begin_in(&outgoing, type);
}

const struct buffer *message_end(struct buffer *out)
{
    json_put_close(out, '}');
    buffer_add_text(out, "\n");
    return out;
}
