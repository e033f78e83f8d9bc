/*
 * game_server: players with a position and a score, and everybody sees everything.
 *
 * Run:   06-selectors-style/apps/game_server
 * Read:  README.md here, "Game"; then this.
 */
#include <stdio.h>
#include <stdlib.h>

#include "message.h"
#include "server.h"

enum { DEFAULT_PORT = 5555, MAX_STEP = 1000000, ID_SIZE = 32 };

/* Whole numbers up to here are exact in a double, which is what most JSON readers use. */
static const long long MAX_VALUE = 1LL << 53;

struct player {
    struct client client;
    char id[ID_SIZE];
    long long x, y, score;
};

static struct server server;
static struct shared states;        /* what everybody is told */
static unsigned long long nplayers; /* that ever joined: an id is never used again */

static struct player *player_of(struct client *client)
{
    return (struct player *)client;
}

static void put_positions(struct buffer *out)
{
    json_put_open(out, "positions", '{');
    for (struct client *c = server.members.first; c != NULL; c = c->next) {
        const struct player *p = player_of(c);
        json_put_open(out, p->id, '{');
        json_put_integer(out, "x", p->x);
        json_put_integer(out, "y", p->y);
        json_put_close(out, '}');
    }
    json_put_close(out, '}');
}

static void put_scores(struct buffer *out)
{
    json_put_open(out, "scores", '{');
    for (struct client *c = server.members.first; c != NULL; c = c->next)
        json_put_integer(out, player_of(c)->id, player_of(c)->score);
    json_put_close(out, '}');
}

/* The state is written once and sent to all. With n players it is n entries to each of n:
   what a change costs grows with the square. */
static void tell_everybody(void)
{
    struct buffer *out = message_begin("state");
    put_positions(out);
    put_scores(out);
    stream_share(&states, message_end(out));
    for (struct client *c = server.members.first; c != NULL; c = c->next)
        server_send_shared(c, &states);
}

static void welcome(struct player *player)
{
    snprintf(player->id, sizeof player->id, "Player_%llu", ++nplayers);
    struct buffer *out = message_begin("welcome");
    json_put_text(out, "id", player->id);
    server_send(&player->client, message_end(out));
}

/* No overflow: both are far from the ends of a long long. */
static long long add_up_to_limit(long long value, long long change)
{
    value += change;
    if (value > MAX_VALUE)
        return MAX_VALUE;
    return value < -MAX_VALUE ? -MAX_VALUE : value;
}

/* Both numbers are read before anything changes: a bad message leaves no trace. */
static void move(struct player *player, const struct message *m)
{
    long long dx = 0, dy = 0;
    if (message_has(m, "dx") && !message_integer(m, "dx", -MAX_STEP, MAX_STEP, &dx))
        return;
    if (message_has(m, "dy") && !message_integer(m, "dy", -MAX_STEP, MAX_STEP, &dy))
        return;
    player->x = add_up_to_limit(player->x, dx);
    player->y = add_up_to_limit(player->y, dy);
    tell_everybody();
}

static void score(struct player *player, const struct message *m)
{
    long long points;
    if (!message_integer(m, "points", -MAX_STEP, MAX_STEP, &points))
        return;
    player->score = add_up_to_limit(player->score, points);
    tell_everybody();
}

static void take_messages(struct player *player)
{
    struct message m;
    while (message_next(&player->client, NULL, &m)) {
        if (message_is(&m, "move"))
            move(player, &m);
        else if (message_is(&m, "score"))
            score(player, &m);
        else
            message_refuse(&m, "unknown_type", "a player can send move and score");
    }
}

static void play(const struct server_event *event)
{
    switch (event->what) {
    case SERVER_JOINED:
        welcome(player_of(event->client));
        tell_everybody();
        break;
    case SERVER_INPUT:
        take_messages(player_of(event->client));
        break;
    case SERVER_LEFT:
        tell_everybody();
        break;
    case SERVER_TICK:
        break;
    }
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, message_options);
    server_open(&server, &options, sizeof(struct player));
    struct server_event event;
    while (server_next(&server, &event))
        play(&event);
    server_close(&server);
    message_close();
    return EXIT_SUCCESS;
}
