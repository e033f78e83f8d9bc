/* The conversations with the applications of lesson 06. */
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NVISITORS = 20,
    BURST = 8, /* under what the ticker lets a client send at once */
    HEADER_SIZE = 6,
    WORD_SIZE = 5,
    PAYLOAD_SIZE = 100 * 1024,
    NTALKERS = 6,
    NROUNDS = 400
};

/* ---- lines ---- */

/* The next line, without its end, valid until the next call; NULL if none will come. */
static char *hear_line(struct run *r, struct person *p, const char *what)
{
    static char line[IN_SIZE + 1];
    const char *newline;
    if (!person_is_there(r, p))
        return NULL;
    while ((newline = memchr(p->in, '\n', p->in_size)) == NULL) {
        if (p->in_size == sizeof p->in)
            run_fail(r, "%s hears a line that does not end", p->name);
        if (!person_receive(r, p, what))
            return NULL;
    }
    size_t size = (size_t)(newline - p->in);
    memcpy(line, p->in, size);
    line[size] = '\0';
    person_take(p, size + 1);
    if (size < 2 || line[0] != '{' || line[size - 1] != '}')
        run_fail(r, "%s hears what is no whole line: %.60s", p->name, line);
    return line;
}

/* Where nothing may be lost, whoever is in the chat hears every number in turn. */
static void check_number(struct run *r, struct person *p, const char *line)
{
    const char *number = strstr(line, "\"message\":\"no ");
    if (number == NULL)
        return;
    unsigned heard = (unsigned)strtoul(number + 14, NULL, 10);
    if (p->heard != 0 && heard != p->heard + 1 && r->exact)
        run_fail(r, "%s hears number %u after %u", p->name, heard, p->heard);
    p->heard = heard;
}

static void hear_until(struct run *r, struct person *p, const char *text)
{
    char *line;
    do {
        line = hear_line(r, p, text);
        if (line != NULL)
            check_number(r, p, line);
    } while (line != NULL && strstr(line, text) == NULL);
}

/* Joins, and keeps the name that the welcome tells. */
static struct person *join(struct run *r, const char *name)
{
    struct person *p = person_join(r, name);
    const char *line = hear_line(r, p, "its welcome");
    const char *id = line != NULL ? strstr(line, "id\":\"") : NULL;
    if (id != NULL)
        snprintf(p->id, sizeof p->id, "%.*s", (int)strcspn(id + 5, "\""), id + 5);
    else if (line != NULL)
        run_fail(r, "%s is greeted with %.60s", name, line);
    return p;
}

/* ---- a request, and what its answer contains ---- */

struct request {
    char text[80], answer[80];
};

static struct request chat_request(struct run *r, struct person *p)
{
    struct request q;
    (void)p;
    snprintf(q.text, sizeof q.text, "{\"type\":\"chat\",\"text\":\"no %u\"}\n",
             ++r->said);
    snprintf(q.answer, sizeof q.answer, "\"message\":\"no %u\"", r->said);
    return q;
}

static struct request game_request(struct run *r, struct person *p)
{
    struct request q;
    (void)r;
    snprintf(q.text, sizeof q.text, "{\"type\":\"score\",\"points\":1}\n");
    snprintf(q.answer, sizeof q.answer, "\"%s\":%u", p->id, ++p->asked);
    return q;
}

static struct request ticker_request(struct run *r, struct person *p)
{
    (void)r;
    (void)p;
    return (struct request){"{\"type\":\"subscribe\",\"symbols\":[\"AAPL\"]}\n",
                            "\"type\":\"snapshot\""};
}

/* So many requests in one piece, then their answers. */
static void ask(struct run *r, struct person *p,
                struct request (*make)(struct run *r, struct person *p), int count)
{
    struct request requests[BURST];
    char bytes[BURST * sizeof requests[0].text] = "";
    if (!person_is_there(r, p))
        return;
    for (int i = 0; i < count; i++) {
        requests[i] = make(r, p);
        strcat(bytes, requests[i].text);
    }
    person_send(r, p, bytes, strlen(bytes));
    for (int i = 0; i < count; i++)
        hear_until(r, p, requests[i].answer);
}

static void play_lines(struct run *r,
                       struct request (*make)(struct run *r, struct person *p))
{
    struct person *ann = join(r, "ann");
    ask(r, ann, make, 1);
    struct person *bob = join(r, "bob");
    ask(r, bob, make, BURST);
    person_leave(person_join(r, "cy"));
    struct person *dan = join(r, "dan");
    ask(r, dan, make, 1);
    person_reset(dan);
    ask(r, ann, make, 1);
    for (int i = 0; i < NVISITORS; i++) {
        struct person *p = join(r, "a visitor");
        ask(r, p, make, 1);
        person_leave(p);
    }
    ask(r, ann, make, 1);
    ask(r, join(r, "the late client"), make, 1);
    run_rest(r);
}

void app_chat(struct run *r)
{
    play_lines(r, chat_request);
}

void app_game(struct run *r)
{
    play_lines(r, game_request);
}

void app_ticker(struct run *r)
{
    play_lines(r, ticker_request);
}

/* All hear all: so many lines that everybody has to keep up. */
static void crowd_lines(struct run *r,
                        struct request (*make)(struct run *r, struct person *p))
{
    struct person *talkers[NTALKERS];
    for (int i = 0; i < NTALKERS; i++)
        talkers[i] = join(r, "a talker");
    for (int round = 0; round < NROUNDS; round++) {
        struct person *speaker = talkers[round % NTALKERS];
        ask(r, speaker, make, round % BURST);
        if (!person_is_there(r, speaker))
            return;
        struct request last = make(r, speaker);
        person_send(r, speaker, last.text, strlen(last.text));
        for (int i = 0; i < NTALKERS; i++)
            hear_until(r, talkers[i], last.answer);
    }
    run_rest(r);
}

void app_chat_crowd(struct run *r)
{
    crowd_lines(r, chat_request);
}

void app_game_crowd(struct run *r)
{
    crowd_lines(r, game_request);
}

/* ---- frames ---- */

static void put_header(char *bytes, size_t size)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(size >> (24 - 8 * i) & 0xFF);
    bytes[4] = 0;
    bytes[5] = 1; /* the type that is answered with a rocket */
}

/* Sends a frame, and compares the frame that comes back. */
static void frame(struct run *r, struct person *p, size_t size)
{
    static const char words[] = "🚀 Echo: ";
    static char sent[HEADER_SIZE + PAYLOAD_SIZE], due[sizeof sent + sizeof words];
    if (!person_is_there(r, p))
        return;
    put_header(sent, size);
    for (size_t i = 0; i < size; i++)
        sent[HEADER_SIZE + i] = person_byte(r->npersons, p->sent_at++);
    put_header(due, strlen(words) + size);
    memcpy(due + HEADER_SIZE, words, strlen(words));
    memcpy(due + HEADER_SIZE + strlen(words), sent + HEADER_SIZE, size);
    person_send(r, p, sent, HEADER_SIZE + size);
    for (size_t at = 0, end = HEADER_SIZE + strlen(words) + size; at < end;) {
        if (!person_receive(r, p, "the answer to its frame"))
            return;
        size_t piece = p->in_size < end - at ? p->in_size : end - at;
        if (memcmp(p->in, due + at, piece) != 0 || piece < p->in_size) {
            run_fail(r, "the answer to %s is another after %zu bytes", p->name, at);
            return;
        }
        at += piece;
        person_take(p, piece);
    }
}

void app_binary(struct run *r)
{
    struct person *ann = person_join(r, "ann");
    frame(r, ann, WORD_SIZE);
    struct person *bob = person_join(r, "bob");
    frame(r, bob, PAYLOAD_SIZE);
    person_leave(person_join(r, "cy"));
    struct person *dan = person_join(r, "dan");
    frame(r, dan, WORD_SIZE);
    person_reset(dan);
    frame(r, ann, WORD_SIZE);
    for (int i = 0; i < NVISITORS; i++) {
        struct person *p = person_join(r, "a visitor");
        frame(r, p, WORD_SIZE);
        person_leave(p);
    }
    frame(r, ann, 0);
    frame(r, person_join(r, "the late client"), WORD_SIZE);
    run_rest(r);
}

void app_binary_flow(struct run *r)
{
    struct person *ann = person_join(r, "ann");
    for (int i = 0; i < 11; i++) /* over a mebibyte */
        frame(r, ann, PAYLOAD_SIZE);
}

void app_binary_crowd(struct run *r)
{
    struct person *talkers[NTALKERS];
    for (int i = 0; i < NTALKERS; i++)
        talkers[i] = person_join(r, "a talker");
    for (int round = 0; round < NROUNDS; round++)
        for (int i = 0; i < NTALKERS; i++)
            frame(r, talkers[i], (size_t)(round * 31 + i) % 3000);
    run_rest(r);
}
