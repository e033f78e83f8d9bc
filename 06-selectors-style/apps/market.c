#include "market.h"

#include "timestamp.h"

enum { MAX_CHANGE_CENTS = 200, LEAST_CENTS = 100 };

struct stock market[MARKET_SIZE] = {
    {"AAPL", "🍎", .cents = 15000}, {"GOOGL", "🔍", .cents = 280000},
    {"TSLA", "🚗", .cents = 80000}, {"AMZN", "📦", .cents = 340000},
    {"MSFT", "💻", .cents = 30000},
};

static unsigned long long nticks;
static char times[MARKET_HISTORY][TIMESTAMP_SIZE];
static uint64_t random_state;

/* A linear congruential generator (Knuth, TAOCP 3.3.4): repeatable on every machine,
   which rand(3) is not. Its upper bits are the good ones. */
static uint32_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33);
}

static void record_prices(void)
{
    unsigned long long place = nticks++ % MARKET_HISTORY;
    timestamp_now(times[place]);
    for (size_t i = 0; i < MARKET_SIZE; i++)
        market[i].history[place] = market[i].cents;
}

static void change_price(struct stock *stock)
{
    long long before = stock->cents;
    if (next_random() % 2 == 0)
        stock->cents +=
            (long long)(next_random() % (2 * MAX_CHANGE_CENTS + 1)) - MAX_CHANGE_CENTS;
    if (stock->cents < LEAST_CENTS)
        stock->cents = LEAST_CENTS;
    stock->change = stock->cents - before;
}

void market_open(uint64_t seed)
{
    random_state = seed;
    record_prices();
}

void market_tick(void)
{
    for (size_t i = 0; i < MARKET_SIZE; i++)
        change_price(&market[i]);
    record_prices();
}

unsigned market_bit(const struct stock *stock)
{
    return 1u << (stock - market);
}

unsigned market_changed(void)
{
    unsigned set = 0;
    for (size_t i = 0; i < MARKET_SIZE; i++)
        if (market[i].change != 0)
            set |= market_bit(&market[i]);
    return set;
}

size_t market_remembered(void)
{
    return nticks < MARKET_HISTORY ? (size_t)nticks : MARKET_HISTORY;
}

/* Where the tick with this number, counted from the oldest, stands. */
static size_t place_of(size_t tick)
{
    return (size_t)((nticks - market_remembered() + tick) % MARKET_HISTORY);
}

long long market_price_at(const struct stock *stock, size_t tick)
{
    return stock->history[place_of(tick)];
}

const char *market_time_at(size_t tick)
{
    return times[place_of(tick)];
}
