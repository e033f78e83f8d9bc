/*
 * frames: from bytes to frames of the binary protocol, and back.
 *
 * A frame is its payload's length in 4 bytes, its type in 2, both in network byte order,
 * then the payload. The length is checked before anything is done for it: memory is taken
 * for bytes that arrived, never for bytes that were promised.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdint.h>

#include "buffer.h"

enum frames_result {
    FRAMES_NONE,    /* no whole frame is there: wait for more bytes */
    FRAMES_FRAME,   /* here is one */
    FRAMES_TOO_LONG /* its length is over the limit */
};

struct frame {
    uint16_t type;
    const char *payload;
    size_t size;
};

/*
 * Takes the next frame from the buffer. The payload stays where it is until the next
 * buffer_add, buffer_clear or buffer_free. With FRAMES_TOO_LONG nothing is taken.
 */
enum frames_result frames_next(struct buffer *in, size_t max_size, struct frame *frame);

/* Adds the header of a frame whose payload of `size` bytes is to follow. */
void frames_put_header(struct buffer *out, uint16_t type, size_t size);

#endif
