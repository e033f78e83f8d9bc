/*
 * frames: cut anywhere, bytes give the same frames; a frame written anew is what was
 * read; and what was written is read again.
 */
#include "../../06-selectors-style/apps/frames.h"

#include <string.h>

#include "fuzz.h"

enum { MAX_SIZE = 40, HEADER_SIZE = 6 };

/* Takes all frames that are there, and writes them anew. Returns why there is no
   other. */
static enum frames_result take_all(struct buffer *in, struct buffer *again)
{
    struct frame frame;
    enum frames_result result;
    while ((result = frames_next(in, MAX_SIZE, &frame)) == FRAMES_FRAME) {
        fuzz_need(frame.size <= MAX_SIZE, "a payload is not over the limit");
        frames_put_header(again, frame.type, frame.size);
        buffer_add(again, frame.payload, frame.size);
    }
    return result;
}

/* What the bytes begin with: is it a frame that is too long, or one that is not whole? */
static enum frames_result judge(const uint8_t *bytes, size_t size)
{
    size_t length = 0;
    if (size < HEADER_SIZE)
        return FRAMES_NONE;
    for (int i = 0; i < 4; i++)
        length = length * 256 + bytes[i];
    if (length > MAX_SIZE)
        return FRAMES_TOO_LONG;
    return size - HEADER_SIZE < length ? FRAMES_NONE : FRAMES_FRAME;
}

static void check_pieces(const uint8_t *data, size_t size, bool single)
{
    struct buffer in = {0}, again = {0};
    enum frames_result result = FRAMES_NONE;
    uint32_t state = (uint32_t)size;
    size_t at = 0;
    while (at < size && result == FRAMES_NONE) {
        size_t piece = single ? 1 : fuzz_piece(&state, size - at);
        buffer_add(&in, data + at, piece);
        result = take_all(&in, &again);
        at += piece;
    }
    size_t taken = buffer_size(&again);
    fuzz_need(taken + buffer_size(&in) == at, "no byte is lost, and none is made up");
    fuzz_need(memcmp(buffer_first(&again), data, taken) == 0,
              "frames that are written anew are what was read");
    fuzz_need(result == judge(data + taken, at - taken),
              "what is left is judged by its length");
    buffer_free(&in);
    buffer_free(&again);
}

static void check_whole(const uint8_t *data, size_t size)
{
    struct buffer in = {0}, again = {0};
    buffer_add(&in, data, size);
    enum frames_result result = take_all(&in, &again);
    size_t taken = buffer_size(&again);
    fuzz_need(taken + buffer_size(&in) == size &&
                  memcmp(buffer_first(&again), data, taken) == 0 &&
                  result == judge(data + taken, size - taken),
              "all at once the frames are the same");
    buffer_free(&in);
    buffer_free(&again);
}

/* All of the input as the payload of one frame, with a type from its first byte. */
static void check_round_trip(const uint8_t *data, size_t size)
{
    struct buffer wire = {0};
    struct frame frame;
    uint16_t type = (uint16_t)(data[0] << 8 | size % 256);
    frames_put_header(&wire, type, size);
    buffer_add(&wire, data, size);
    fuzz_need(frames_next(&wire, size, &frame) == FRAMES_FRAME && frame.type == type &&
                  frame.size == size && memcmp(frame.payload, data, size) == 0,
              "a frame that is written is read again");
    fuzz_need(buffer_size(&wire) == 0, "a frame is taken whole");
    buffer_free(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    check_whole(data, size);
    check_pieces(data, size, false);
    check_pieces(data, size, true);
    check_round_trip(data, size);
    return 0;
}
