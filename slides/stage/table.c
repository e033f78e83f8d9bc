#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../06-selectors-style/apps/json_reader.h"
#include "text.h"

enum { MAX_COLUMNS = 32, LANE_WIDTH = 13, GAP = 2 };

static void print_right(const struct json_value *text, int width)
{
    int used = text_width(text->text, text->size);
    printf("%*s%.*s", width > used ? width - used : 0, "", (int)text->size, text->text);
}

/* The widest of a column: its head and its cells, with a sign behind them. */
static int width_of(const struct json_value *columns, const struct json_value *rows,
                    size_t column)
{
    const struct json_value *value = columns + 1, *row = rows + 1;
    for (size_t i = 0; i < column; i++)
        value += value->span;
    int width = text_width(value->text, value->size);
    for (size_t i = 0; i < rows->count; i++, row += row->span) {
        const struct json_value *cell = json_member(row, "cells") + 1;
        for (size_t j = 0; j < column; j++)
            cell += cell->span;
        const struct json_value *text = json_member(cell, "text");
        if (text_width(text->text, text->size) > width)
            width = text_width(text->text, text->size);
    }
    return width + GAP;
}

/* A sign takes two columns, and the last one of a line none if there is no sign. */
static void print_cell(const struct json_value *cell, int width)
{
    const struct json_value *mark = json_member(cell, "mark");
    bool is_best = json_is_text(mark, "best"), is_worst = json_is_text(mark, "worst");
    text_colour(is_best ? "32" : is_worst ? "31" : "0");
    print_right(json_member(cell, "text"), width);
    printf("%s", is_best ? " +" : is_worst ? " !" : "  ");
    text_colour("0");
}

static void print_table(const struct json_value *event)
{
    const struct json_value *columns = json_member(event, "columns");
    const struct json_value *rows = json_member(event, "rows"), *head = columns + 1;
    size_t count = columns->count < MAX_COLUMNS ? columns->count : MAX_COLUMNS;
    int widths[MAX_COLUMNS];
    printf("  %-*s", LANE_WIDTH, "server");
    for (size_t i = 0; i < count; i++, head += head->span) {
        widths[i] = width_of(columns, rows, i);
        print_right(head, widths[i]);
        printf("%s", i + 1 < count ? "  " : "\n");
    }
    const struct json_value *row = rows + 1;
    for (size_t i = 0; i < rows->count; i++, row += row->span) {
        const struct json_value *lane = json_member(row, "lane");
        const struct json_value *cell = json_member(row, "cells") + 1;
        printf("  %-*.*s", LANE_WIDTH, (int)lane->size, lane->text);
        for (size_t j = 0; j < count; j++, cell += cell->span)
            print_cell(cell, widths[j]);
        printf("\n");
    }
    printf("\n");
}

static void print_sentence(const struct json_value *text)
{
    if (text != NULL && text->size > 0)
        text_wrap(text->text, text->size, 2);
}

static void add_value(struct buffer *out, const struct json_value *text)
{
    buffer_add(out, text->text, text->size);
}

static void print_check(const struct json_value *event)
{
    struct buffer sentence = {0};
    if (json_member(event, "held")->type == JSON_TRUE)
        return;
    buffer_add_text(&sentence, "Not as expected: ");
    add_value(&sentence, json_member(event, "text"));
    buffer_add_text(&sentence, ". ");
    add_value(&sentence, json_member(event, "lane"));
    buffer_add_text(&sentence, " had ");
    add_value(&sentence, json_member(event, "saw"));
    buffer_add_text(&sentence, ".");
    text_wrap(buffer_first(&sentence), buffer_size(&sentence), 2);
    buffer_free(&sentence);
}

/* What servers said, and how they crashed: lines that are printed below the table. */
static struct buffer complaints;

static void keep_complaint(const struct json_value *event)
{
    const struct json_value *state = json_member(event, "state");
    bool crashed = json_is_text(state, "crashed");
    if (!crashed && !json_is_text(state, "says"))
        return;
    add_value(&complaints, json_member(event, "lane"));
    buffer_add_text(&complaints, crashed ? " crashed: " : " says: ");
    add_value(&complaints, json_member(event, "text"));
    buffer_add_text(&complaints, "\n");
}

static void print_complaints(void)
{
    while (buffer_size(&complaints) > 0) {
        const char *first = buffer_first(&complaints);
        size_t size =
            (size_t)((char *)memchr(first, '\n', buffer_size(&complaints)) - first);
        text_wrap(first, size, 2);
        buffer_take(&complaints, size + 1);
    }
    buffer_free(&complaints);
}

void table_take(const struct json_value *event)
{
    const struct json_value *kind = json_member(event, "e");
    if (json_is_text(kind, "server"))
        keep_complaint(event);
    if (json_is_text(kind, "table"))
        print_table(event);
    if (json_is_text(kind, "conclusion") || json_is_text(kind, "load"))
        print_sentence(json_member(event, "text"));
    if (json_is_text(kind, "check"))
        print_check(event);
    if (json_is_text(kind, "end")) {
        print_complaints();
        print_sentence(json_member(event, "text"));
        printf("\n");
        fflush(stdout);
    }
}
