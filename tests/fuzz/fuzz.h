/*
 * fuzz: what the harnesses in this folder share.
 *
 * A harness is one function that takes any bytes, gives them to a part of the project,
 * and checks what that part promises of any input. libFuzzer calls it with bytes that it
 * makes up (tests/fuzz/run), and replay.c with those of files.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The harness; the name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, with a word on stderr, if a promise is broken. */
void fuzz_need(bool holds, const char *promise);

/* A copy of some bytes and a NUL behind them, in memory of just that size: what reads
   further is found. It is to be freed. */
char *fuzz_copy(const void *bytes, size_t size);

/*
 * Input comes in pieces. Cuts `left` bytes: returns how many the next piece has. *state
 * is the caller's, of any value at first: the same one gives the same pieces.
 */
size_t fuzz_piece(uint32_t *state, size_t left);

#endif
