/*
 * chat_server: rooms, and what is said in them.
 *
 * Run:   06-selectors-style/apps/chat_server
 *        06-selectors-style/apps/chat_client      in one terminal, and in another
 * Read:  README.md here, "Chat" and "One line through the files".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "server.h"
#include "timestamp.h"

enum {
    DEFAULT_PORT = 8888,
    ID_SIZE = 32,
    MAX_TEXT_SIZE = 1000,
    MAX_EMOJI_SIZE = 32,
    HISTORY_LENGTH = 100
};

/* history[said % HISTORY_LENGTH] is the oldest message, and the next to be
   written over. */
struct room {
    const char *name;
    unsigned long long said;
    struct buffer history[HISTORY_LENGTH];
    struct shared news; /* what is said in it now */
};

struct user {
    struct client client;
    char id[ID_SIZE];
    char emoji[MAX_EMOJI_SIZE];
    size_t emoji_size;
    struct room *room;
};

static struct room rooms[] = {{.name = "general"}, {.name = "gaming"}, {.name = "tech"}};
enum { NROOMS = sizeof rooms / sizeof rooms[0] };

static struct server server;
static unsigned long long nusers; /* that ever joined: an id is never used again */

static struct user *user_of(struct client *client)
{
    return (struct user *)client;
}

static void put_emoji(struct buffer *out, const struct user *user)
{
    json_put_string(out, "emoji", user->emoji, user->emoji_size);
}

static void put_timestamp(struct buffer *out)
{
    char text[TIMESTAMP_SIZE];
    json_put_text(out, "timestamp", timestamp_now(text));
}

static void welcome(struct user *user)
{
    static const char emoji[] = "😀";
    char text[ID_SIZE + 16];
    snprintf(user->id, sizeof user->id, "User_%llu", ++nusers);
    snprintf(text, sizeof text, "Welcome %s!", user->id);
    user->emoji_size = strlen(emoji);
    memcpy(user->emoji, emoji, user->emoji_size);
    user->room = &rooms[0];

    struct buffer *out = message_begin("welcome");
    json_put_text(out, "id", user->id);
    json_put_text(out, "message", text);
    json_put_open(out, "rooms", '[');
    for (size_t i = 0; i < NROOMS; i++)
        json_put_text(out, NULL, rooms[i].name);
    json_put_close(out, ']');
    put_timestamp(out);
    server_send(&user->client, message_end(out));
}

/* A room keeps each message as it was sent, without the line's end. */
static void remember(struct room *room, const struct buffer *message)
{
    struct buffer *oldest = &room->history[room->said++ % HISTORY_LENGTH];
    buffer_free(oldest);
    buffer_add(oldest, buffer_first(message), buffer_size(message) - 1);
}

/* The message is written once, and copied to everybody in the room, the speaker too.
   Those on their way out are not among the members, or drop it: see stream_send. */
static void say(struct user *user, const struct message *m)
{
    const struct json_value *text = message_text(m, "text", MAX_TEXT_SIZE);
    if (text == NULL)
        return;
    struct buffer *out = message_begin("chat");
    json_put_text(out, "user", user->id);
    json_put_string(out, "message", text->text, text->size);
    put_emoji(out, user);
    json_put_text(out, "room", user->room->name);
    put_timestamp(out);
    const struct buffer *message = message_end(out);
    remember(user->room, message);
    stream_share(&user->room->news, message);
    for (struct client *c = server.members.first; c != NULL; c = c->next)
        if (user_of(c)->room == user->room)
            server_send_shared(c, &user->room->news);
}

static void join_room(struct user *user, const struct message *m)
{
    const struct json_value *name = message_field(m, "room", JSON_STRING);
    if (name == NULL)
        return;
    for (size_t i = 0; i < NROOMS; i++) {
        if (!json_is_text(name, rooms[i].name))
            continue;
        char text[64];
        user->room = &rooms[i];
        snprintf(text, sizeof text, "You are in %s now", rooms[i].name);
        struct buffer *out = message_begin("room_changed");
        json_put_text(out, "room", rooms[i].name);
        json_put_text(out, "message", text);
        server_send(&user->client, message_end(out));
        return;
    }
    message_refuse(m, "unknown_room", "the rooms are general, gaming and tech");
}

static void set_emoji(struct user *user, const struct message *m)
{
    const struct json_value *emoji = message_text(m, "emoji", MAX_EMOJI_SIZE);
    if (emoji == NULL)
        return;
    memcpy(user->emoji, emoji->text, emoji->size);
    user->emoji_size = emoji->size;
    struct buffer *out = message_begin("emoji_changed");
    put_emoji(out, user);
    server_send(&user->client, message_end(out));
}

static void tell_history(struct user *user)
{
    struct room *room = user->room;
    struct buffer *out = message_begin("history");
    json_put_text(out, "room", room->name);
    json_put_open(out, "messages", '[');
    for (unsigned long long i = 0; i < HISTORY_LENGTH; i++) {
        const struct buffer *message = &room->history[(room->said + i) % HISTORY_LENGTH];
        if (buffer_size(message) > 0)
            json_put_raw(out, NULL, buffer_first(message), buffer_size(message));
    }
    json_put_close(out, ']');
    server_send(&user->client, message_end(out));
}

static void tell_who(struct user *user)
{
    struct buffer *out = message_begin("who");
    json_put_text(out, "room", user->room->name);
    json_put_open(out, "users", '[');
    for (struct client *c = server.members.first; c != NULL; c = c->next) {
        if (user_of(c)->room != user->room)
            continue;
        json_put_open(out, NULL, '{');
        json_put_text(out, "user", user_of(c)->id);
        put_emoji(out, user_of(c));
        json_put_close(out, '}');
    }
    json_put_close(out, ']');
    server_send(&user->client, message_end(out));
}

static void take_messages(struct user *user)
{
    struct message m;
    while (message_next(&user->client, NULL, &m)) {
        if (message_is(&m, "chat"))
            say(user, &m);
        else if (message_is(&m, "join_room"))
            join_room(user, &m);
        else if (message_is(&m, "set_emoji"))
            set_emoji(user, &m);
        else if (message_is(&m, "history"))
            tell_history(user);
        else if (message_is(&m, "who"))
            tell_who(user);
        else
            message_refuse(&m, "unknown_type",
                           "a user can send chat, join_room, set_emoji, history and who");
    }
}

static void forget_history(void)
{
    for (size_t i = 0; i < NROOMS; i++)
        for (size_t k = 0; k < HISTORY_LENGTH; k++)
            buffer_free(&rooms[i].history[k]);
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, message_options);
    server_open(&server, &options, sizeof(struct user));
    struct server_event event;
    while (server_next(&server, &event)) {
        if (event.what == SERVER_JOINED)
            welcome(user_of(event.client));
        if (event.what == SERVER_INPUT)
            take_messages(user_of(event.client));
    }
    server_close(&server);
    message_close();
    forget_history();
    return EXIT_SUCCESS;
}
