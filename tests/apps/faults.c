#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "probe.h"

enum {
    WARM_UPS = 100,  /* conversations after which a room's history is full */
    MULTI_CUTS = 30, /* conversations in many pieces */
    SLOTS = 8,       /* clients that vanish at about the same time */
    MAX_PAYLOAD = 1 << 20
};

static struct text text_of(const struct buffer *b)
{
    return (struct text){buffer_first(b), buffer_size(b)};
}

/* ---- cuts ---- */

/* Plays the conversation: the first piece has this many bytes, further ones 1 to most at
   random or, if that is 0, all that is left. What came back until the end is in c->in. */
static struct text play(struct player *c, struct player *watcher, size_t piece,
                        size_t most)
{
    const struct app *app = watcher->app;
    player_open(c, app);
    for (size_t done = 0; done < app->talk_size;) {
        player_send(c, app->talk + done, piece);
        done += piece;
        for (int i = 0; i < 2 && done < app->talk_size; i++)
            referee_poke(watcher);
        size_t left = app->talk_size - done,
               next = most > 0 ? 1 + (size_t)probe_below(most) : left;
        piece = next < left ? next : left;
    }
    player_finish(c);
    char *bytes = buffer_first(&c->in);
    return (struct text){bytes, referee_normalise(bytes, buffer_size(&c->in))};
}

/* Each line that is not empty gets one answer, the one too long too, but not the last,
   which comes behind it. */
static void must_answer_all(const struct app *app, struct text seen)
{
    size_t expected = app->greetings - 1, lines = 0;
    for (size_t i = 1; i < app->talk_size; i++)
        expected += strchr("\r\n", app->talk[i]) != NULL &&
                    strchr("\r\n", app->talk[i - 1]) == NULL;
    for (size_t i = 0; i < seen.size; i++)
        lines += seen.bytes[i] == '\n';
    if (lines != expected)
        probe_fail("expected %zu answers, saw %zu", expected, lines);
}

void faults_cuts(const struct app *app, uint64_t seed)
{
    static const size_t pieces[] = {1, 2, 5, 20, 100};
    struct player watcher, whole = {.fd = -1}, c;
    struct text expected = {NULL, 0};
    referee_watch(&watcher, app);
    for (int i = 0; i < WARM_UPS; i++) {
        if (whole.fd != -1)
            player_close(&whole);
        expected = play(&whole, &watcher, app->talk_size, 0);
    }
    if (app->requests != NULL)
        must_answer_all(app, expected);
    for (size_t at = 1; at <= app->talk_size; at++) {
        probe_at("cuts %s: cut at byte %zu", app->name, at);
        referee_compare(expected, play(&c, &watcher, at, 0));
        player_close(&c);
    }
    for (uint64_t i = 0; i < MULTI_CUTS; i++) {
        probe_at("cuts %s: seed %llu, many cuts no. %llu", app->name,
                 (unsigned long long)seed, (unsigned long long)i);
        probe_seed(seed + i);
        referee_compare(expected, play(&c, &watcher, 1, pieces[i % 5]));
        player_close(&c);
    }
    player_close(&whole);
    player_close(&watcher);
    printf("%s: %zu bytes, cut at each and %d times at many: %zu bytes of answers\n",
           app->name, app->talk_size, MULTI_CUTS, expected.size);
}

/* ---- garbage ---- */

static const char oddities[] = " null true -0 1e400 0.5 5 1000001 '' 'hi' 'AAPL' "
                               "'general' '🦀' '\\ud83d' '\\u0000' "
                               "[['AAPL'],{}] ['AAPL','TSLA'] {'type':'chat'} "
                               "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]] ";
/* One word of a list that has a space around each, with a mark in front and behind. */
static void add_word(struct buffer *out, const char *list, const char *mark)
{
    const char *start = list + probe_below(strlen(list) - 1);
    while (start > list && start[-1] != ' ')
        start--;
    start += *start == ' ';
    buffer_add_text(out, mark);
    for (; *start != ' '; start++)
        buffer_add(out, *start == '\'' ? "\"" : start, 1);
    buffer_add_text(out, mark);
}

/* A known type and members of whatever type. */
static void add_message(struct buffer *out, const struct app *app)
{
    buffer_add_text(out, "{\"type\":");
    add_word(out, app->requests, "\"");
    for (uint64_t left = probe_below(4); left > 0; left--) {
        buffer_add_text(out, ",");
        add_word(out, app->members, "\"");
        buffer_add_text(out, ":");
        add_word(out, oddities, "");
    }
    buffer_add_text(out, "}");
}

/* A line of the conversation, damaged in up to three places. */
static void add_damaged(struct buffer *out, const struct app *app)
{
    size_t start = (size_t)probe_below(app->talk_size), end = start;
    while (start > 0 && app->talk[start - 1] != '\n')
        start--;
    while (app->talk[end] != '\n')
        end++;
    buffer_add(out, app->talk + start, end - start);
    for (uint64_t left = probe_below(4); left > 0 && buffer_size(out) > 1; left--) {
        size_t at = (size_t)probe_below(buffer_size(out) - 1);
        char *byte = buffer_first(out) + at;
        if (probe_below(3) == 0)
            *byte = (char)(*byte ^ (1 << probe_below(8)));
        else if (probe_below(2) == 0)
            memmove(byte, byte + 1, buffer_size(out) - at - 1);
        else
            memmove(byte + 1, byte, buffer_size(out) - at - 1);
    }
}

static struct text make_garbage(struct buffer *out, const struct app *app)
{
    buffer_clear(out);
    switch (probe_below(3)) {
    case 0:
        for (uint64_t left = probe_below(200); left > 0; left--)
            buffer_add(out, &(char){(char)probe_below(256)}, 1);
        break;
    case 1:
        add_message(out, app);
        break;
    default:
        add_damaged(out, app);
    }
    buffer_add_text(out, "  "); /* so that it is not empty, and no "\r" */
    char *bytes = buffer_first(out);
    size_t size = buffer_size(out);
    for (size_t i = 0; i < size; i++)
        bytes[i] = bytes[i] == '\n' ? '!' : bytes[i];
    return (struct text){bytes, size};
}

/* The state as `look` shows it, in `state`; left empty if there was no look to be had. */
static void look_around(struct player *c, struct buffer *state)
{
    buffer_clear(state);
    player_ask(c);
    struct text answer = player_hear(c);
    if (referee_judge(c->app, answer, NULL) == ANSWERED)
        buffer_add(state, answer.bytes, answer.size);
}

/* One line gets one answer; if that is an error the state is as before. */
static void throw_line(struct player *c, struct player *watcher, struct buffer *state)
{
    static struct buffer line, before;
    struct text garbage = make_garbage(&line, c->app);
    const char *due = referee_due_code(c->app, garbage);
    player_send(c, garbage.bytes, garbage.size);
    player_send(c, "\n", 1);
    c->nlines++;
    enum verdict verdict = referee_judge(c->app, player_hear(c), due);
    buffer_clear(&before);
    buffer_add(&before, buffer_first(state), buffer_size(state));
    look_around(c, state);
    if (verdict == RATE_LIMITED && c->nlines < BURST)
        probe_fail("line %zu of %d that are free was rate_limited", c->nlines, BURST);
    if (verdict != ANSWERED && buffer_size(&before) > 0 && buffer_size(state) > 0)
        referee_compare(text_of(&before), text_of(state));
    referee_poke(watcher);
    player_must_be_quiet(c);
    player_must_be_quiet(watcher);
}

static void throw_lines(struct player *c, struct player *watcher, uint64_t seed,
                        size_t count)
{
    struct buffer state = {0};
    size_t stays = c->app->limited ? BURST : count;
    for (size_t i = 0; i < count; i++) {
        probe_at("garbage %s: seed %llu, line %zu", c->app->name,
                 (unsigned long long)seed, i);
        if (i % stays == 0) {
            if (i > 0)
                player_close(c);
            referee_join(c, c->app);
            look_around(c, &state);
        }
        throw_line(c, watcher, &state);
    }
    buffer_free(&state);
}

static void put_header(struct buffer *out, uint64_t size, uint64_t type)
{
    for (int shift = 40; shift >= 0; shift -= 8)
        buffer_add(out, &(unsigned char){(unsigned char)((size << 16 | type) >> shift)},
                   1);
}

static void throw_frame(struct player *c)
{
    static const char *const emoji[] = {"❓", "🚀", "💪", "✨"};
    static struct buffer frame, expected;
    uint64_t type = probe_below(2) == 0 ? probe_below(5) : probe_below(65536);
    const char *sign = emoji[type < 4 ? type : 0];
    uint64_t size = probe_below(50) == 0  ? probe_below(200000)
                    : probe_below(8) == 0 ? 0
                                          : probe_below(2000);
    buffer_clear(&frame);
    buffer_clear(&expected);
    put_header(&frame, size, type);
    put_header(&expected, size + strlen(sign) + strlen(" Echo: "), type);
    buffer_add_text(&expected, sign);
    buffer_add_text(&expected, " Echo: ");
    for (; size > 0; size--) {
        unsigned char byte = (unsigned char)probe_below(256);
        buffer_add(&frame, &byte, 1);
        buffer_add(&expected, &byte, 1);
    }
    player_send(c, buffer_first(&frame), buffer_size(&frame));
    referee_compare(text_of(&expected), player_hear(c));
}

/* At last a length over the limit: an error, and the end. */
static void throw_frames(struct player *c, struct player *watcher, uint64_t seed,
                         size_t count)
{
    struct buffer header = {0};
    player_open(c, c->app);
    for (size_t i = 0; i < count; i++) {
        probe_at("garbage binary: seed %llu, frame %zu", (unsigned long long)seed, i);
        throw_frame(c);
        referee_poke(watcher);
        player_must_be_quiet(c);
    }
    uint64_t size = MAX_PAYLOAD + 1 + probe_below(UINT32_MAX - MAX_PAYLOAD);
    put_header(&header, size, probe_below(65536));
    player_send(c, buffer_first(&header), buffer_size(&header));
    struct text answer = player_hear(c);
    if (answer.size <= HEADER_SIZE || memcmp(answer.bytes + 4, "\xff\xff", 2) != 0)
        probe_fail("length %llu: expected a frame of type 0xFFFF",
                   (unsigned long long)size);
    if (player_hear(c).bytes != NULL)
        probe_fail("length %llu: expected the end, saw a frame",
                   (unsigned long long)size);
    buffer_free(&header);
}

void faults_garbage(const struct app *app, uint64_t seed, size_t count)
{
    struct player c = {.app = app}, watcher;
    referee_watch(&watcher, app);
    probe_seed(seed);
    if (app->requests != NULL)
        throw_lines(&c, &watcher, seed, count);
    else
        throw_frames(&c, &watcher, seed, count);
    player_close(&c);
    referee_poke(&watcher);
    player_close(&watcher);
}

/* ---- vanish ---- */

/* What a new client sees of the state, ids and timestamps aside. */
static void look_afresh(const struct app *app, struct buffer *seen)
{
    struct player c;
    referee_join(&c, app);
    player_ask(&c);
    struct text answer = player_hear(&c);
    if (answer.bytes == NULL)
        probe_fail("expected an answer for a new client, saw the end");
    buffer_clear(seen);
    buffer_add(seen, answer.bytes, referee_normalise(answer.bytes, answer.size));
    player_close(&c);
}

enum way { CLOSES, RESETS, HALF_CLOSES, STAYS, NWAYS };

static void leave(struct player *c, enum way way)
{
    if (way == HALF_CLOSES)
        player_finish(c);
    if (way == RESETS)
        player_reset(c);
    else
        player_close(c);
}

static void converse_a_little(struct player *c, const struct app *app)
{
    char bytes[64];
    player_open(c, app);
    ssize_t ignored = send(c->fd, app->talk, (size_t)probe_below(app->talk_size), 0);
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    for (uint64_t left = probe_below(4); left > 0 && poll(&p, 1, 1) == 1; left--)
        ignored = recv(c->fd, bytes, sizeof bytes, 0);
    (void)ignored;
}

static bool same(const struct buffer *a, const struct buffer *b)
{
    return buffer_size(a) == buffer_size(b) &&
           memcmp(buffer_first(a), buffer_first(b), buffer_size(a)) == 0;
}

/* Those who are gone are gone for the others too, and leave nothing in the state. */
static void must_look_like(const struct app *app, const struct buffer *before)
{
    struct buffer after = {0};
    double deadline_ms = probe_now_ms() + PATIENCE_MS;
    do {
        poll(NULL, 0, 20);
        look_afresh(app, &after);
    } while (!same(before, &after) && probe_now_ms() < deadline_ms);
    referee_compare(text_of(before), text_of(&after));
    buffer_free(&after);
}

void faults_vanish(const struct app *app, uint64_t seed, size_t count)
{
    struct player *clients = calloc(count, sizeof *clients);
    enum way *ways = calloc(count, sizeof *ways);
    struct buffer before = {0};
    if (clients == NULL || ways == NULL)
        probe_fail("no memory for %zu clients", count);
    probe_seed(seed);
    look_afresh(app, &before);
    for (size_t i = 0; i < count + SLOTS; i++) {
        probe_at("vanish %s: seed %llu, client %zu", app->name, (unsigned long long)seed,
                 i);
        if (i >= SLOTS && ways[i - SLOTS] != STAYS)
            leave(&clients[i - SLOTS], ways[i - SLOTS]);
        if (i >= count)
            continue;
        ways[i] = (enum way)probe_below(NWAYS);
        converse_a_little(&clients[i], app);
    }
    for (size_t i = 0; i < count; i++)
        if (ways[i] == STAYS)
            player_close(&clients[i]);
    must_look_like(app, &before);
    buffer_free(&before);
    free(ways);
    free(clients);
}
