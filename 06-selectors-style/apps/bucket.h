/*
 * bucket: a rate limit that allows bursts, the token bucket.
 *
 * A bucket holds up to `size` tokens and gains `per_second` of them; each message takes
 * one, and finds none if its sender has been too fast for too long.
 */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdbool.h>

struct bucket {
    long long size, per_second;
    long long thousandths; /* of a token: one a millisecond for each token a second */
    long long filled_ms;   /* when it was last filled */
};

/* A full bucket. */
void bucket_init(struct bucket *b, long long size, long long per_second,
                 long long now_ms);

/* Takes a token. Returns false if there is none. */
bool bucket_take(struct bucket *b, long long now_ms);

#endif
