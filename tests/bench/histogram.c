#include "histogram.h"

#include <stddef.h>

static const size_t PARTS = (size_t)1 << HISTOGRAM_BITS;

/* Below PARTS each value has a place of its own. Above, the place is the number of
   halvings that bring the value below 2 * PARTS, and what is left of it. */
static size_t place_of(uint64_t value)
{
    size_t halvings = 0;
    while (value >= 2 * PARTS) {
        value >>= 1;
        halvings++;
    }
    return halvings * PARTS + (size_t)value;
}

/* The middle of the values that share a place. */
static double value_at(size_t place)
{
    if (place < 2 * PARTS)
        return (double)place;
    size_t halvings = place / PARTS - 1;
    double width = (double)(UINT64_C(1) << halvings);
    return ((double)(place - halvings * PARTS) + 0.5) * width;
}

void histogram_add(struct histogram *h, uint64_t value)
{
    h->counts[place_of(value)]++;
    h->total++;
}

double histogram_value(const struct histogram *h, double share)
{
    double wanted = share * (double)h->total;
    uint64_t below = 0;
    for (size_t place = 0; place < HISTOGRAM_SIZE; place++) {
        below += h->counts[place];
        if (below > 0 && (double)below >= wanted)
            return value_at(place);
    }
    return 0;
}
