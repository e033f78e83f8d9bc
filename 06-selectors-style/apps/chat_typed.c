#include "chat_typed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../common/die.h"
#include "../../common/io_status.h"
#include "json_writer.h"
#include "lines.h"
#include "utf8.h"

enum {
    PIECE_SIZE = 4096,
    MAX_LINE_SIZE = 4096, /* of what is typed */
    MAX_TEXT_SIZE = 1000, /* of what is said: the protocol's limit */
    MAX_REQUEST_SIZE =
        4096, /* of a line to the server: its limit, if nobody changed it */
};

static const struct command {
    const char *name, *type, *member, *help;
} commands[] = {
    {"/join", "join_room", "room", "/join ROOM   go to another room"},
    {"/emoji", "set_emoji", "emoji", "/emoji X     choose the sign beside your name"},
    {"/who", "who", NULL, "/who         who is in this room?"},
    {"/history", "history", NULL, "/history     what was said in this room?"},
    {"/quit", NULL, NULL, "/quit        leave, as at the end of the input"},
    {"/help", NULL, NULL, "/help        show this"},
    {NULL, "chat", "text", "//TEXT       say TEXT with one slash in front"},
};

enum { NCOMMANDS = sizeof commands / sizeof commands[0], SAY = NCOMMANDS - 1 };

void chat_typed_show_commands(void)
{
    for (size_t i = 0; i < NCOMMANDS; i++)
        printf("  %s\n", commands[i].help);
}

static bool is_utf8(const char *text, size_t size)
{
    size_t length = 1;
    for (size_t i = 0; i < size && length > 0; i += length)
        length = utf8_length(text + i, size - i);
    return length > 0;
}

static void write_request(struct buffer *request, const struct command *command,
                          const char *text, size_t size)
{
    buffer_clear(request);
    json_put_open(request, NULL, '{');
    json_put_text(request, "type", command->type);
    if (command->member != NULL)
        json_put_string(request, command->member, text, size);
    json_put_close(request, '}');
    buffer_add_text(request, "\n");
}

/* As JSON a text can be six times as long as it was: control characters need \u0001. */
static void ask(struct chat_typed *typed, struct buffer *out,
                const struct command *command, const char *text, size_t size)
{
    struct buffer *request = &typed->request;
    if (!is_utf8(text, size)) {
        warn("not sent: the text is not UTF-8");
        return;
    }
    if (size > MAX_TEXT_SIZE) {
        warn("not sent: the text has %zu bytes, over %d", size, MAX_TEXT_SIZE);
        return;
    }
    write_request(request, command, text, size);
    if (buffer_size(request) > MAX_REQUEST_SIZE) {
        warn("not sent: too many characters in the text need an escape");
        return;
    }
    buffer_add(out, buffer_first(request), buffer_size(request));
    if (request->failed || out->failed)
        die("no memory is left");
}

/* The command with this name, or the last row, which has none. */
static const struct command *find_command(const char *name, size_t length)
{
    const struct command *c = commands;
    while (c->name != NULL &&
           (strlen(c->name) != length || memcmp(c->name, name, length) != 0))
        c++;
    return c;
}

static void obey_command(struct chat_typed *typed, struct buffer *out,
                         const struct line *line)
{
    const char *text = line->text, *end = text + line->size;
    size_t length = strcspn(text, " ");
    const struct command *command = find_command(text, length);
    text += length;
    text += strspn(text, " ");
    while (end > text && end[-1] == ' ')
        end--;
    if (command->name == NULL)
        warn("not sent: there is no such command, /help lists them");
    else if ((command->member == NULL) != (text == end))
        warn("not sent, it is used like this: %s", command->help);
    else if (command->type != NULL)
        ask(typed, out, command, text, (size_t)(end - text));
    else if (strcmp(command->name, "/help") == 0)
        chat_typed_show_commands();
    else
        typed->ended = true;
}

static void obey(struct chat_typed *typed, struct buffer *out, const struct line *line)
{
    size_t slashes = strspn(line->text, "/");
    if (slashes == 1)
        obey_command(typed, out, line);
    else
        ask(typed, out, &commands[SAY], line->text + (slashes > 0),
            line->size - (slashes > 0));
}

/* Passes over a line that is too long, as far as it is there. */
static void skip_line(struct chat_typed *typed)
{
    size_t held = buffer_size(&typed->in);
    const char *first = buffer_first(&typed->in);
    const char *newline = memchr(first, '\n', held);
    typed->skipping = newline == NULL;
    buffer_take(&typed->in, newline != NULL ? (size_t)(newline - first) + 1 : held);
}

static void obey_lines(struct chat_typed *typed, struct buffer *out)
{
    struct line line;
    if (typed->skipping)
        skip_line(typed);
    while (!typed->ended && !typed->skipping) {
        switch (lines_next(&typed->in, MAX_LINE_SIZE, &line)) {
        case LINES_NONE:
            return;
        case LINES_TOO_LONG:
            warn("not sent: the line is longer than %d bytes", MAX_LINE_SIZE);
            skip_line(typed);
            break;
        case LINES_LINE:
            obey(typed, out, &line);
        }
    }
}

/* The verdicts on recv are those on read too. */
void chat_typed_read(struct chat_typed *typed, struct buffer *out)
{
    char bytes[PIECE_SIZE];
    ssize_t nread = read(STDIN_FILENO, bytes, sizeof bytes);
    if (nread == -1 && io_verdict(IO_RECV, errno) >= IO_PENDING)
        die_errno("stdin");
    if (nread == -1)
        return;
    if (nread > 0)
        buffer_add(&typed->in, bytes, (size_t)nread);
    else
        buffer_add_text(&typed->in, "\n"); /* the last line may have none */
    if (typed->in.failed)
        die("no memory is left");
    obey_lines(typed, out);
    if (nread == 0)
        typed->ended = true;
}

void chat_typed_free(struct chat_typed *typed)
{
    buffer_free(&typed->in);
    buffer_free(&typed->request);
}
