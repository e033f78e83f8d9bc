/*
 * ticker_server: prices that change once an interval, sent to whoever asked for them.
 *
 * Run:   06-selectors-style/apps/ticker_server
 *        06-selectors-style/apps/ticker_server -t 100 -r 7
 *        ten ticks a second, and the same prices in every run
 * Read:  README.md here, "Ticker"; then timers.h and bucket.h, then this, then alerts.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../common/clock.h"
#include "alerts.h"
#include "market.h"
#include "message.h"
#include "server.h"

enum { DEFAULT_PORT = 9999, ID_SIZE = 32, BURST = 20, MESSAGES_PER_SECOND = 10 };

struct trader {
    struct client client;
    char id[ID_SIZE];
    unsigned wants; /* a bit for each stock */
    struct alerts alerts;
    struct bucket bucket;
};

/* Traders who want the same are told the same. It is written for the first of them. */
struct update {
    struct buffer text;
    struct shared shared;
};

enum { NSETS = 1 << MARKET_SIZE }; /* of stocks */

static struct update updates[NSETS];
static struct server server;
static unsigned long long ntraders; /* that ever joined: an id is never used again */

static struct trader *trader_of(struct client *client)
{
    return (struct trader *)client;
}

/* ---- what a tick tells ---- */

static void write_update(struct update *update, unsigned set)
{
    struct buffer *out = message_begin_in(&update->text, "price_update");
    json_put_open(out, "updates", '{');
    for (size_t i = 0; i < MARKET_SIZE; i++) {
        const struct stock *stock = &market[i];
        if ((set & market_bit(stock)) == 0)
            continue;
        json_put_open(out, stock->symbol, '{');
        json_put_cents(out, "price", stock->cents);
        json_put_text(out, "emoji", stock->emoji);
        json_put_cents(out, "change", stock->change);
        json_put_text(out, "timestamp", market_time_at(market_remembered() - 1));
        json_put_close(out, '}');
    }
    json_put_close(out, '}');
    stream_share(&update->shared, message_end(out));
}

static void forget_updates(void)
{
    for (size_t set = 0; set < NSETS; set++)
        buffer_free(&updates[set].text);
}

static void tick(void)
{
    market_tick();
    forget_updates();
    unsigned changed = market_changed();
    for (struct client *c = server.members.first; c != NULL; c = c->next) {
        unsigned set = trader_of(c)->wants & changed;
        if (set != 0 && buffer_size(&updates[set].text) == 0)
            write_update(&updates[set], set);
        if (set != 0)
            server_send_shared(c, &updates[set].shared);
        alerts_tell(&trader_of(c)->alerts, c);
    }
}

/* ---- what a trader asks ---- */

static void welcome(struct trader *trader)
{
    char text[ID_SIZE + 16];
    snprintf(trader->id, sizeof trader->id, "Trader_%llu", ++ntraders);
    snprintf(text, sizeof text, "Welcome %s!", trader->id);
    bucket_init(&trader->bucket, BURST, MESSAGES_PER_SECOND, clock_now_ms());
    struct buffer *out = message_begin("welcome");
    json_put_text(out, "client_id", trader->id);
    json_put_open(out, "available_stocks", '[');
    for (size_t i = 0; i < MARKET_SIZE; i++)
        json_put_text(out, NULL, market[i].symbol);
    json_put_close(out, ']');
    json_put_text(out, "message", text);
    server_send(&trader->client, message_end(out));
}

/* The stock of this name, or NULL: then the sender has been told. */
static struct stock *find_stock(const struct message *m, const struct json_value *symbol)
{
    for (size_t i = 0; i < MARKET_SIZE; i++)
        if (json_is_text(symbol, market[i].symbol))
            return &market[i];
    message_refuse(m, "unknown_symbol",
                   "the symbols are AAPL, GOOGL, TSLA, AMZN and MSFT");
    return NULL;
}

static struct stock *stock_field(const struct message *m)
{
    const struct json_value *symbol = message_field(m, "symbol", JSON_STRING);
    return symbol != NULL ? find_stock(m, symbol) : NULL;
}

static void tell_snapshot(struct trader *trader)
{
    struct buffer *out = message_begin("snapshot");
    json_put_open(out, "prices", '{');
    for (size_t i = 0; i < MARKET_SIZE; i++) {
        if ((trader->wants & market_bit(&market[i])) == 0)
            continue;
        json_put_open(out, market[i].symbol, '{');
        json_put_cents(out, "price", market[i].cents);
        json_put_text(out, "emoji", market[i].emoji);
        json_put_close(out, '}');
    }
    json_put_close(out, '}');
    server_send(&trader->client, message_end(out));
}

/* Subscribes or unsubscribes. The choice is made on a copy, so that a message with one
   wrong symbol changes nothing. */
static void choose(struct trader *trader, const struct message *m, bool wanted)
{
    unsigned wants = trader->wants;
    const struct json_value *symbols = message_field(m, "symbols", JSON_ARRAY);
    if (symbols == NULL)
        return;
    const struct json_value *symbol = symbols + 1;
    for (size_t i = 0; i < symbols->count; i++, symbol += symbol->span) {
        if (symbol->type != JSON_STRING) {
            message_refuse(m, "bad_message", "symbols has to be an array of strings");
            return;
        }
        const struct stock *stock = find_stock(m, symbol);
        if (stock == NULL)
            return;
        wants = wanted ? wants | market_bit(stock) : wants & ~market_bit(stock);
    }
    trader->wants = wants;
    tell_snapshot(trader);
}

static void tell_history(struct trader *trader, const struct message *m)
{
    long long count;
    const struct stock *stock = stock_field(m);
    if (stock == NULL || !message_integer(m, "count", 1, MARKET_HISTORY, &count))
        return;
    size_t end = market_remembered();
    size_t first = end > (size_t)count ? end - (size_t)count : 0;
    struct buffer *out = message_begin("history");
    json_put_text(out, "symbol", stock->symbol);
    json_put_open(out, "prices", '[');
    for (size_t i = first; i < end; i++) {
        json_put_open(out, NULL, '{');
        json_put_cents(out, "price", market_price_at(stock, i));
        json_put_text(out, "timestamp", market_time_at(i));
        json_put_close(out, '}');
    }
    json_put_close(out, ']');
    server_send(&trader->client, message_end(out));
}

static void set_alert(struct trader *trader, const struct message *m)
{
    const struct stock *stock = stock_field(m);
    if (stock != NULL)
        alerts_set(&trader->alerts, m, stock);
}

static void take_messages(struct trader *trader)
{
    struct message m;
    while (message_next(&trader->client, &trader->bucket, &m)) {
        if (message_is(&m, "subscribe"))
            choose(trader, &m, true);
        else if (message_is(&m, "unsubscribe"))
            choose(trader, &m, false);
        else if (message_is(&m, "history"))
            tell_history(trader, &m);
        else if (message_is(&m, "alert"))
            set_alert(trader, &m);
        else
            message_refuse(&m, "unknown_type",
                           "a trader can send subscribe, unsubscribe, history and alert");
    }
}

static void trade(const struct server_event *event)
{
    switch (event->what) {
    case SERVER_JOINED:
        welcome(trader_of(event->client));
        break;
    case SERVER_INPUT:
        take_messages(trader_of(event->client));
        break;
    case SERVER_TICK:
        tick();
        break;
    case SERVER_LEFT:
        break;
    }
}

int main(int argc, char **argv)
{
    long interval_ms = 1000, seed = -1;
    const struct option rows[] = {
        {'t', "MILLISECONDS", "the interval between two ticks", .number = &interval_ms,
         .least = 1, .most = 86400000},
        {'r', "SEED", "the same prices in every run with this seed", .number = &seed,
         .most = 999999999},
        {.more = message_options},
    };
    struct options options = options_parse(argc, argv, DEFAULT_PORT, rows);
    market_open(seed == -1 ? (uint64_t)time(NULL) : (uint64_t)seed);
    server_open(&server, &options, sizeof(struct trader));
    server_tick_every(&server, interval_ms);
    struct server_event event;
    while (server_next(&server, &event))
        trade(&event);
    server_close(&server);
    message_close();
    forget_updates();
    return EXIT_SUCCESS;
}
