#include "terminal.h"

#include <stdbool.h>
#include <stdio.h>

#include "../../06-selectors-style/apps/json_reader.h"
#include "../../common/clock.h"
#include "bars.h"
#include "record.h"
#include "table.h"
#include "text.h"
#include "transcript.h"

enum { REDRAW_MS = 100 };

static bool is_moving, is_changed; /* the bars: they are on the screen; not as they are */
static long long drawn_ms;
static struct json json = {.max_depth = 8};
static struct buffer line;

static void draw(void)
{
    bars_draw();
    is_changed = false;
    drawn_ms = clock_now_ms();
}

static void print_head(const struct json_value *event)
{
    struct buffer head = {0};
    const struct json_value *name = json_member(event, "name");
    const struct json_value *title = json_member(event, "title");
    const struct json_value *question = json_member(event, "question");
    buffer_add(&head, name->text, name->size);
    buffer_add_text(&head, ": ");
    buffer_add(&head, title->text, title->size);
    text_colour("1");
    text_wrap(buffer_first(&head), buffer_size(&head), 0);
    text_colour("0");
    text_wrap(question->text, question->size, 0);
    fflush(stdout);
    buffer_free(&head);
}

static void begin_scene(const struct json_value *event)
{
    print_head(event);
    int columns, rows;
    text_screen(&columns, &rows);
    is_moving = columns > TEXT_COLUMNS && json_member(event, "lanes")->count > 0;
    if (is_moving)
        draw();
    else
        printf("\n");
}

/* The bars stay on the screen as they are, and what follows stands below. */
static void stop_moving(void)
{
    if (is_moving)
        draw();
    if (is_moving)
        printf("\n");
    is_moving = false;
}

static void take(const struct json_value *event)
{
    const struct json_value *kind = json_member(event, "e");
    is_changed = bars_take(event) || is_changed;
    if (json_is_text(kind, "scene"))
        begin_scene(event);
    if (json_is_text(kind, "table") || json_is_text(kind, "end"))
        stop_moving();
    if (json_is_text(kind, "table"))
        transcript_print();
    transcript_take(event);
    table_take(event);
}

void terminal_show(void)
{
    static struct record_place place;
    const char *event;
    size_t size;
    while ((event = record_next(&place, &size)) != NULL) {
        buffer_clear(&line);
        buffer_add(&line, event, size);
        buffer_add(&line, "", 1);
        if (!line.failed && json_read(&json, buffer_first(&line), size))
            take(&json.values[0]);
    }
    if (is_moving && is_changed && clock_now_ms() - drawn_ms >= REDRAW_MS)
        draw();
}

int terminal_timeout_ms(void)
{
    return is_moving && is_changed ? REDRAW_MS : -1;
}

void terminal_close(void)
{
    buffer_free(&line);
    json_free(&json);
}
