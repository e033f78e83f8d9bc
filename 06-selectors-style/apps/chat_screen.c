#include "chat_screen.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../common/die.h"
#include "utf8.h"

enum { NAME_SIZE = 16 };

static bool on_terminal, prompt_due;

void chat_screen_open(void)
{
    on_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

void chat_screen_begin_line(void)
{
    if (on_terminal)
        fputs("\r\033[K", stdout);
    prompt_due = true;
}

void chat_screen_want_prompt(void)
{
    prompt_due = true;
}

void chat_screen_flush(bool asks)
{
    if (on_terminal && prompt_due && asks)
        fputs("> ", stdout);
    prompt_due = false;
    if (fflush(stdout) == EOF)
        die_errno("stdout");
}

/* U+0080 to U+009F are control characters too: some terminals take U+009B for "ESC [". */
static bool is_control(const char *character)
{
    const unsigned char *b = (const unsigned char *)character;
    return b[0] < ' ' || b[0] == 0x7F || (b[0] == 0xC2 && b[1] < 0xA0);
}

/* Shows text that others wrote. A control character could move the cursor, overwrite what
   stands there, or make the terminal answer as if its user had typed: it becomes "?". */
static void put_text(const char *bytes, size_t size)
{
    while (size > 0) {
        size_t length = utf8_length(bytes, size);
        if (length == 0 || is_control(bytes))
            putchar('?');
        else
            fwrite(bytes, 1, length, stdout);
        length += length == 0;
        bytes += length;
        size -= length;
    }
}

static void put_value(const struct json_value *value);

static void put_member(const struct json_value *object, const char *name)
{
    const struct json_value *value = json_member(object, name);
    if (value == NULL)
        return;
    bool timestamp = strcmp(name, "timestamp") == 0 && value->type == JSON_STRING;
    if (timestamp && value->size > 18)
        put_text(value->text + 11, 8); /* the time of day */
    else
        put_value(value);
}

/* Of an array each element, of a user the emoji and the name. How deep this goes is
   bounded by the depth that the reader allows. */
static void put_value(const struct json_value *value)
{
    if (value->type == JSON_STRING)
        put_text(value->text, value->size);
    if (value->type == JSON_OBJECT) {
        put_member(value, "emoji");
        putchar(' ');
        put_member(value, "user");
    }
    if (value->type != JSON_ARRAY)
        return;
    const struct json_value *element = value + 1;
    for (size_t i = 0; i < value->count; i++, element += element->span) {
        fputs(i > 0 ? ", " : "", stdout);
        put_value(element);
    }
}

/* In the format {name} stands for the message's member of that name. */
static void put_line(const char *format, const struct json_value *message)
{
    char name[NAME_SIZE];
    chat_screen_begin_line();
    for (; *format != '\0'; format++) {
        if (*format != '{') {
            putchar(*format);
            continue;
        }
        size_t length = strcspn(++format, "}");
        snprintf(name, sizeof name, "%.*s", (int)length, format);
        put_member(message, name);
        format += length;
    }
    putchar('\n');
}

static const char chat_format[] = "[{room}] {emoji} {user} {timestamp}: {message}";

static const char *format_of(const struct json_value *message)
{
    static const char *const known[][2] = {
        {"chat", chat_format},
        {"welcome", "* you are {id}, the rooms are {rooms}"},
        {"room_changed", "* you are in {room} now"},
        {"emoji_changed", "* your emoji is {emoji} now"},
        {"history", "* history of {room}:"},
        {"who", "* in {room}: {users}"},
        {"error", "! {message}"},
    };
    const struct json_value *type = json_member(message, "type");
    for (size_t i = 0; type != NULL && i < sizeof known / sizeof known[0]; i++)
        if (json_is_text(type, known[i][0]))
            return known[i][1];
    return "* {type}: {message}";
}

void chat_screen_show(const struct json_value *message)
{
    put_line(format_of(message), message);
    const struct json_value *old = json_member(message, "messages");
    if (old == NULL || old->type != JSON_ARRAY)
        return;
    const struct json_value *chat = old + 1;
    for (size_t i = 0; i < old->count; i++, chat += chat->span)
        if (chat->type == JSON_OBJECT)
            put_line(chat_format, chat);
}
