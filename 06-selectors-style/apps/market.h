/* market: the stocks of the ticker, their prices and the last hundred of these. */
#ifndef MARKET_H
#define MARKET_H

#include <stddef.h>
#include <stdint.h>

enum { MARKET_SIZE = 5, MARKET_HISTORY = 100 };

/* Money is counted in whole cents: a double has no exact 0.10. */
struct stock {
    const char *symbol, *emoji;
    long long cents;  /* the price */
    long long change; /* by the last tick, 0 for none */
    long long history[MARKET_HISTORY];
};

extern struct stock market[MARKET_SIZE];

/* Opens with the opening prices, which are the first tick. The same seed gives the same
   prices on every machine. */
void market_open(uint64_t seed);

/* One tick: each price changes with probability 1/2, by at most two units. */
void market_tick(void);

/* A set of stocks has a bit for each. One stock, and those that the last tick changed. */
unsigned market_bit(const struct stock *stock);
unsigned market_changed(void);

/*
 * The ticks that are remembered are numbered from the oldest, 0, to the newest,
 * market_remembered() - 1. The price of one, and the time of it as text.
 */
size_t market_remembered(void);
long long market_price_at(const struct stock *stock, size_t tick);
const char *market_time_at(size_t tick);

#endif
