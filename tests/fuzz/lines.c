/*
 * lines: cut anywhere, bytes give the same lines; none is empty, over the limit or
 * without its NUL; and they are those of a plain reading of the bytes.
 */
#include "../../06-selectors-style/apps/lines.h"

#include <string.h>

#include "fuzz.h"

enum { MAX_SIZE = 24 };

/* Notes a line, so that what was seen in two ways can be compared. */
static void note(struct buffer *seen, const char *text, size_t size)
{
    buffer_add_format(seen, "%zu:", size);
    buffer_add(seen, text, size);
}

/* Takes all lines that are there. Returns why there is no other. */
static enum lines_result take_all(struct buffer *in, struct buffer *seen)
{
    struct line line;
    enum lines_result result;
    while ((result = lines_next(in, MAX_SIZE, &line)) == LINES_LINE) {
        fuzz_need(line.size > 0, "a line is not empty");
        fuzz_need(line.size <= MAX_SIZE, "a line is not over the limit");
        fuzz_need(line.text[line.size] == '\0', "a NUL stands behind a line");
        note(seen, line.text, line.size);
    }
    return result;
}

/* The same as a page would define it, with all bytes at hand. */
static enum lines_result read_plainly(const char *bytes, size_t size, struct buffer *seen)
{
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        bool is_end = i < size && bytes[i] == '\n';
        if (i < size && !is_end)
            continue;
        size_t length = i - start;
        if (length > 0 && bytes[i - 1] == '\r')
            length--;
        if (length > MAX_SIZE)
            return LINES_TOO_LONG;
        if (is_end && length > 0)
            note(seen, bytes + start, length);
        start = i + 1;
    }
    return LINES_NONE;
}

static enum lines_result feed(const char *bytes, size_t size, bool single,
                              struct buffer *seen)
{
    struct buffer in = {0};
    enum lines_result result = LINES_NONE;
    uint32_t state = (uint32_t)size;
    for (size_t at = 0; at < size && result == LINES_NONE;) {
        size_t piece = single ? 1 : fuzz_piece(&state, size - at);
        buffer_add(&in, bytes + at, piece);
        result = take_all(&in, seen);
        at += piece;
    }
    buffer_free(&in);
    return result;
}

static bool is_same(const struct buffer *a, const struct buffer *b)
{
    return buffer_size(a) == buffer_size(b) &&
           memcmp(buffer_first(a), buffer_first(b), buffer_size(a)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct buffer in = {0}, expected = {0}, whole = {0}, pieces = {0}, single = {0};
    enum lines_result end = read_plainly(bytes, size, &expected);
    buffer_add(&in, bytes, size);
    fuzz_need(take_all(&in, &whole) == end && is_same(&whole, &expected),
              "the lines are those of a plain reading");
    fuzz_need(feed(bytes, size, false, &pieces) == end && is_same(&pieces, &expected),
              "in pieces the lines are the same");
    fuzz_need(feed(bytes, size, true, &single) == end && is_same(&single, &expected),
              "byte by byte the lines are the same");
    buffer_free(&in);
    buffer_free(&expected);
    buffer_free(&whole);
    buffer_free(&pieces);
    buffer_free(&single);
    return 0;
}
