#include <stdio.h>
#include <string.h>

#include "probe.h"

enum { MAX_DEPTH = 16 /* of JSON */ };

static const char error_codes[] = " bad_json bad_message unknown_type unknown_room "
                                  "unknown_symbol rate_limited ";

/* Reads a copy, because escapes are undone in place. */
const struct json_value *referee_read(struct text text)
{
    static struct json json = {.max_depth = MAX_DEPTH};
    static struct buffer copy;
    buffer_clear(&copy);
    buffer_add(&copy, text.bytes, text.size);
    buffer_add(&copy, "", 1);
    return json_read(&json, buffer_first(&copy), text.size) ? json.values : NULL;
}

/* Is this value a string, and one of the words of the list? */
static bool is_listed(const char *list, const struct json_value *value)
{
    char word[32];
    if (value == NULL || value->type != JSON_STRING || value->size > 20 ||
        memchr(value->text, ' ', value->size) != NULL)
        return false;
    snprintf(word, sizeof word, " %.*s ", (int)value->size, value->text);
    return strlen(word) == value->size + 2 && strstr(list, word) != NULL;
}

const char *referee_due_code(const struct app *app, struct text line)
{
    const struct json_value *message = referee_read(line);
    if (message == NULL)
        return "bad_json";
    const struct json_value *type =
        message->type == JSON_OBJECT ? json_member(message, "type") : NULL;
    if (type == NULL || type->type != JSON_STRING)
        return "bad_message";
    return is_listed(app->requests, type) ? NULL : "unknown_type";
}

enum verdict referee_judge(const struct app *app, struct text answer, const char *due)
{
    static const char start[] = "{\"type\":\"";
    if (answer.bytes == NULL)
        probe_fail("expected an answer, saw the end");
    const struct json_value *object = referee_read(answer);
    if (object == NULL || strncmp(answer.bytes, start, sizeof start - 1) != 0)
        probe_fail("expected a JSON object, saw '%s'", answer.bytes);
    if (due == NULL && is_listed(app->answers, json_member(object, "type")))
        return ANSWERED;
    const struct json_value *code = json_member(object, "code");
    const struct json_value *message = json_member(object, "message");
    bool sound = json_is_text(json_member(object, "type"), "error") &&
                 is_listed(error_codes, code) && message != NULL &&
                 message->type == JSON_STRING;
    if (sound && app->limited && json_is_text(code, "rate_limited"))
        return RATE_LIMITED;
    bool expected = due != NULL ? sound && json_is_text(code, due)
                                : sound && !json_is_text(code, "bad_json") &&
                                      !json_is_text(code, "unknown_type");
    if (!expected)
        probe_fail("expected %s, saw '%s'", due != NULL ? due : "a documented answer",
                   answer.bytes);
    return REFUSED;
}

void referee_join(struct player *c, const struct app *app)
{
    player_open(c, app);
    for (size_t i = 0; i < app->greetings; i++)
        if (player_hear(c).bytes == NULL)
            probe_fail("expected a greeting, saw the end");
}

void referee_poke(struct player *watcher)
{
    const struct app *app = watcher->app;
    if (app->requests == NULL) {
        player_ask(watcher);
        if (player_hear(watcher).size != HEADER_SIZE + 12)
            probe_fail("expected a frame for the watcher, saw another or the end");
        return;
    }
    player_tell(watcher, "{}\n");
    struct text answer = player_hear(watcher);
    while (answer.bytes != NULL &&
           strncmp(answer.bytes, "{\"type\":\"state\"", 15) == 0) {
        referee_judge(app, answer, NULL);
        answer = player_hear(watcher);
    }
    referee_judge(app, answer, "bad_message");
}

void referee_watch(struct player *watcher, const struct app *app)
{
    referee_join(watcher, app);
    if (app->away == NULL)
        return;
    player_tell(watcher, app->away);
    referee_judge(app, player_hear(watcher), NULL);
}

size_t referee_normalise(char *bytes, size_t size)
{
    static const char stamp[] = "\"timestamp\":\"YYYY-MM-DDThh:mm:ss.mmmZ\"";
    size_t left = 0;
    for (size_t i = 0; i < size;) {
        if (size - i >= sizeof stamp && memcmp(bytes + i, stamp, 13) == 0)
            i += sizeof stamp - 1;
        bytes[left++] = bytes[i++];
        if (bytes[left - 1] == '_')
            while (i < size && bytes[i] >= '0' && bytes[i] <= '9')
                i++;
    }
    return left;
}

void referee_compare(struct text expected, struct text seen)
{
    enum { BEFORE = 40, SHOWN = 80 };
    size_t i = 0, most = expected.size < seen.size ? expected.size : seen.size;
    while (i < most && expected.bytes[i] == seen.bytes[i])
        i++;
    if (i == expected.size && i == seen.size)
        return;
    size_t from = i < BEFORE ? 0 : i - BEFORE;
    size_t size = expected.size - from, other = seen.size - from;
    probe_fail("answers differ at byte %zu: expected '%.*s', saw '%.*s'", i,
               (int)(size < SHOWN ? size : SHOWN), expected.bytes + from,
               (int)(other < SHOWN ? other : SHOWN), seen.bytes + from);
}
