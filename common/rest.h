/*
 * rest: a server's pause after the system ran short of something.
 *
 * Out of descriptors or memory, a call that failed will fail again at once, while its
 * descriptor stays ready: a loop that goes on asking spins. So whoever met the shortage
 * rests, and all who rest try again together, a tenth of a second later or as soon as a
 * connection was closed.
 */
#ifndef REST_H
#define REST_H

#include <stdbool.h>

/* Begins a rest of 100 ms. One that is under way is not made longer. */
void rest_begin(void);

/* Ends the rest early: something was given back. */
void rest_cut_short(void);

/* Is a rest under way? */
bool rest_is_on(void);

/*
 * How long the next wait may take: milliseconds left of the rest, or -1 if there is none.
 * Once it is 0, call rest_end and let those who rest try again.
 */
int rest_left_ms(void);

/* Ends the rest. */
void rest_end(void);

#endif
