#include "narrator.h"

#include <stdio.h>
#include <string.h>

#include "errno_name.h"

enum { WAITED_NS = 1000000, CALL_WIDTH = 46, RESULT_WIDTH = 14 };

struct line {
    char *bytes;
    size_t size;
};

/* The newline always fits. */
static void add(struct line *line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    line->size =
        text_print(line->bytes, line->size, NARRATOR_LINE_SIZE - 8, format, arguments);
    va_end(arguments);
}

static const struct io_status *status_of(const struct note *n)
{
    enum io_call io_call;
    if (n->error == 0 || !narrated_io_call(n->call, &io_call))
        return NULL;
    return io_status(io_call, n->error);
}

/* ---- for people ---- */

static void add_colour(struct line *line, const struct line_style *style,
                       const char *code)
{
    if (style->coloured)
        add(line, "\033[%sm", code);
}

static void add_verdict(struct line *line, const struct note *n,
                        const struct line_style *style)
{
    static const char *const colours[] = {"33", "33", "33", "36", "31", "31", "1;31"};
    const struct io_status *status = status_of(n);
    if (status == NULL) {
        add_colour(line, style, "31");
        add(line, "error: %s", strerror(n->error));
    } else {
        add_colour(line, style, colours[status->verdict]);
        add(line, "%s: %s", io_verdict_name(status->verdict), status->reason);
    }
    add_colour(line, style, "0");
}

static void add_result(struct line *line, const struct note *n)
{
    if (n->error != 0)
        add(line, "-1 %s", errno_name(n->error));
    else
        add(line, "%ld", n->result);
}

static void pad_to(struct line *line, size_t start, size_t width)
{
    while (line->size - start < width)
        add(line, " ");
}

static void add_text_line(struct line *line, const struct note *n,
                          const struct line_style *style)
{
    add(line, "%10.6f ", narrator_seconds(n->start_ns + n->took_ns));
    if (n->took_ns >= WAITED_NS)
        add(line, "%+9.3f  ", (double)n->took_ns / 1e9);
    else
        add(line, "%9s  ", "");
    if (style->pid != 0)
        add(line, "[%d] ", style->pid);
    if (style->thread != 0)
        add(line, "#%d ", style->thread);
    size_t start = line->size;
    add(line, "%s(%s)", narrated_name(n->call), n->arguments.bytes);
    pad_to(line, start, CALL_WIDTH);
    add(line, " = ");
    start = line->size;
    add_result(line, n);
    add(line, "%s%s", n->more.size > 0 ? " " : "", n->more.bytes);
    if (n->error != 0) {
        pad_to(line, start, RESULT_WIDTH);
        add(line, "  ");
        add_verdict(line, n, style);
    }
    if (n->fault != NULL) {
        add_colour(line, style, "35");
        add(line, "  (%s)", n->fault->text);
        add_colour(line, style, "0");
    }
}

/* ---- for programs ---- */

static void add_string(struct line *line, const char *name, const char *text)
{
    add(line, ",\"%s\":\"", name);
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            add(line, "\\%c", *text);
        else
            add(line, "%c", *text >= ' ' && *text <= '~' ? *text : '?');
    add(line, "\"");
}

static void add_json_line(struct line *line, const struct note *n,
                          const struct line_style *style)
{
    const struct io_status *status = status_of(n);
    add(line, "{\"t\":%.6f,\"took\":%.6f,\"pid\":%d,\"thread\":%d",
        narrator_seconds(n->start_ns + n->took_ns), (double)n->took_ns / 1e9, style->pid,
        style->thread);
    add_string(line, "call", narrated_name(n->call));
    if (n->fd != NO_FD)
        add(line, ",\"fd\":%d", n->fd);
    add_string(line, "arguments", n->arguments.bytes);
    add(line, ",\"result\":%ld", n->result);
    if (n->more.size > 0)
        add_string(line, "more", n->more.bytes);
    if (n->error != 0)
        add_string(line, "errno", errno_name(n->error));
    if (status != NULL) {
        add_string(line, "verdict", io_verdict_name(status->verdict));
        add_string(line, "action", io_verdict_action(status->verdict));
        add_string(line, "reason", status->reason);
    }
    if (n->fault != NULL)
        add_string(line, "injected", n->fault->text);
    add(line, "}");
}

size_t line_write(char *bytes, const struct note *n, const struct line_style *style)
{
    struct line line = {.bytes = bytes, .size = 0};
    if (style->json)
        add_json_line(&line, n, style);
    else
        add_text_line(&line, n, style);
    bytes[line.size++] = '\n';
    return line.size;
}
