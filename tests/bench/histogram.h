/*
 * histogram: many times, and how long the slowest of them were.
 *
 * Each power of two is cut into 128 equal parts, so a value is kept to within 0.8 %,
 * whatever its size, and counting one costs no memory.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BITS = 7, HISTOGRAM_SIZE = (64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS };

struct histogram {
    uint64_t counts[HISTOGRAM_SIZE], total;
};

/* Counts a value, any unit. */
void histogram_add(struct histogram *h, uint64_t value);

/*
 * The value that a share of all values, 0 to 1, does not exceed: 0.5 for the median, 1
 * for the largest. 0 if there is none.
 */
double histogram_value(const struct histogram *h, double share);

#endif
