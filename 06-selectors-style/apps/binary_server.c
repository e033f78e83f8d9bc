/*
 * binary_server: frames with a length in front, each answered with an emoji.
 *
 * Run:   06-selectors-style/apps/binary_server
 * Read:  README.md here, "Binary protocol"; then frames.h, then this.
 */
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "frames.h"
#include "server.h"

enum { DEFAULT_PORT = 7777, ERROR_TYPE = 0xFFFF };

static struct server server;
static long max_payload = 1024 * 1024L;
static struct buffer answer;

static const char *emoji_of(uint16_t type)
{
    switch (type) {
    case 1:
        return "🚀";
    case 2:
        return "💪";
    case 3:
        return "✨";
    default:
        return "❓";
    }
}

static void answer_frame(struct client *client, const struct frame *frame)
{
    static const char words[] = " Echo: ";
    const char *emoji = emoji_of(frame->type);
    size_t size = strlen(emoji) + strlen(words) + frame->size;
    buffer_clear(&answer);
    frames_put_header(&answer, frame->type, size);
    buffer_add_text(&answer, emoji);
    buffer_add_text(&answer, words);
    buffer_add(&answer, frame->payload, frame->size);
    server_send(client, &answer);
}

/* Where the next frame begins nobody can tell any more, so this is goodbye. */
static void refuse_length(struct client *client)
{
    static const char text[] = "the length is over the limit: goodbye";
    buffer_clear(&answer);
    frames_put_header(&answer, ERROR_TYPE, strlen(text));
    buffer_add_text(&answer, text);
    server_send(client, &answer);
    server_end(client);
}

static void take_frames(struct client *client)
{
    struct frame frame;
    while (stream_takes(&client->stream)) {
        switch (frames_next(&client->stream.in, (size_t)max_payload, &frame)) {
        case FRAMES_NONE:
            return;
        case FRAMES_TOO_LONG:
            refuse_length(client);
            return;
        case FRAMES_FRAME:
            answer_frame(client, &frame);
        }
    }
}

int main(int argc, char **argv)
{
    const struct option rows[] = {
        {'f', "BYTES", "the longest payload of a frame that is read",
         .number = &max_payload, .least = 1, .most = 268435456},
        {.more = server_options},
    };
    struct options options = options_parse(argc, argv, DEFAULT_PORT, rows);
    server_open(&server, &options, sizeof(struct client));
    struct server_event event;
    while (server_next(&server, &event))
        if (event.what == SERVER_INPUT)
            take_frames(event.client);
    server_close(&server);
    buffer_free(&answer);
    return EXIT_SUCCESS;
}
