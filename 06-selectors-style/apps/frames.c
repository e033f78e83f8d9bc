#include "frames.h"

enum { HEADER_SIZE = 6 };

/* Byte by byte: so neither the machine's byte order nor the alignment of what arrived
   matters, and no struct is laid over the wire. */
enum frames_result frames_next(struct buffer *in, size_t max_size, struct frame *frame)
{
    if (buffer_size(in) < HEADER_SIZE)
        return FRAMES_NONE;
    const unsigned char *h = (const unsigned char *)buffer_first(in);
    uint32_t size = (uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 |
                    (uint32_t)h[3];
    frame->type = (uint16_t)(h[4] << 8 | h[5]);
    if (size > max_size)
        return FRAMES_TOO_LONG;
    if (buffer_size(in) - HEADER_SIZE < size)
        return FRAMES_NONE;
    buffer_take(in, HEADER_SIZE);
    frame->payload = buffer_take(in, size);
    frame->size = size;
    return FRAMES_FRAME;
}

void frames_put_header(struct buffer *out, uint16_t type, size_t size)
{
    unsigned char header[HEADER_SIZE] = {
        (unsigned char)(size >> 24), (unsigned char)(size >> 16),
        (unsigned char)(size >> 8),  (unsigned char)size,
        (unsigned char)(type >> 8),  (unsigned char)type};
    buffer_add(out, header, sizeof header);
}
