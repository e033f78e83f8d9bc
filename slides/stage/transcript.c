#include "transcript.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../06-selectors-style/apps/json_reader.h"
#include "text.h"

enum { LANE_SIZE = 32, LINE_SIZE = 400 };

static char lane[LANE_SIZE];
static struct buffer lines;
static bool is_heard;

/* Cuts a line to the screen, at a whole character. */
static size_t cut(const char *text, size_t size)
{
    while (text_width(text, size) > TEXT_COLUMNS)
        size--;
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return size;
}

static void add(const struct json_value *event, const char *sign)
{
    char line[LINE_SIZE];
    const struct json_value *client = json_member(event, "client");
    const struct json_value *text = json_member(event, "text");
    int size = snprintf(line, sizeof line, "  %5.2f %-8.*s%s %.*s",
                        json_number(event, "t") / 1000, (int)client->size, client->text,
                        sign, (int)text->size, text->text);
    buffer_add(&lines, line, cut(line, size < LINE_SIZE ? (size_t)size : LINE_SIZE - 1));
    buffer_add(&lines, "\n", 1);
}

void transcript_take(const struct json_value *event)
{
    const struct json_value *kind = json_member(event, "e");
    const struct json_value *where = json_member(event, "lane");
    if (json_is_text(kind, "scene")) {
        buffer_clear(&lines);
        lane[0] = '\0';
        is_heard = false;
    }
    if (!json_is_text(kind, "act") && !json_is_text(kind, "hears"))
        return;
    if (lane[0] == '\0')
        snprintf(lane, sizeof lane, "%.*s", (int)where->size, where->text);
    if (!json_is_text(where, lane))
        return;
    is_heard = is_heard || json_is_text(kind, "hears");
    add(event, json_is_text(kind, "hears") ? "<" : ">");
}

void transcript_print(void)
{
    if (is_heard && !lines.failed)
        printf("%.*s\n", (int)buffer_size(&lines), buffer_first(&lines));
    buffer_free(&lines);
}
