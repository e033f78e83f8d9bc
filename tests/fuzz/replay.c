/*
 * replay: plays files to a harness, without libFuzzer: what was found once is not to come
 * back.
 *
 *     tests/fuzz/json FILE...
 *
 * Prints each file's name before it is played: the last one is that which fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

enum { MAX_SIZE = 1024 * 1024 };

static int replay(const char *name)
{
    static char bytes[MAX_SIZE];
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        perror(name);
        return -1;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    puts(name);
    fflush(stdout);
    char *copy = fuzz_copy(bytes, size);
    LLVMFuzzerTestOneInput((const uint8_t *)copy, size);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]) == -1)
            return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
