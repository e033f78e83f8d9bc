#include "record.h"

#include <string.h>

#include "../../06-selectors-style/apps/utf8.h"
#include "../../common/die.h"

static struct buffer kept, event, framed;
static long number;

void record_start(void)
{
    buffer_free(&kept);
    number++;
}

long record_number(void)
{
    return number;
}

const char *record_text(size_t *size)
{
    *size = buffer_size(&kept);
    return *size == 0 ? NULL : buffer_first(&kept);
}

struct buffer *record_begin(const char *kind, double t_ms, const char *lane)
{
    buffer_clear(&event);
    json_put_open(&event, NULL, '{');
    json_put_text(&event, "e", kind);
    json_put_number(&event, "t", (double)(long long)(t_ms * 1000) / 1000);
    if (lane != NULL)
        json_put_text(&event, "lane", lane);
    return &event;
}

void record_end(void)
{
    json_put_close(&event, '}');
    buffer_clear(&framed);
    buffer_add_text(&framed, "data: ");
    buffer_add(&framed, buffer_first(&event), buffer_size(&event));
    buffer_add_text(&framed, "\n\n");
    buffer_add(&kept, buffer_first(&framed), buffer_size(&framed));
    if (event.failed || framed.failed || kept.failed)
        die("no memory for what happens on the stage");
}

/* A control character is a byte below a space, DEL, or U+0080 to U+009F. */
static bool is_shown(const char *bytes, size_t length)
{
    unsigned char first = (unsigned char)bytes[0];
    if (length == 1)
        return first >= ' ' && first != 0x7F;
    return length > 1 && (first != 0xC2 || (unsigned char)bytes[1] >= 0xA0);
}

void record_put_words(struct buffer *out, const char *name, const char *text)
{
    static struct buffer words;
    buffer_clear(&words);
    for (size_t left = strlen(text); left > 0;) {
        size_t length = utf8_length(text, left);
        if (is_shown(text, length))
            buffer_add(&words, text, length);
        else
            buffer_add_text(&words, "?");
        length = length > 0 ? length : 1;
        text += length;
        left -= length;
    }
    json_put_string(out, name, buffer_first(&words), buffer_size(&words));
    buffer_free(&words);
}

const char *record_next(struct record_place *place, size_t *size)
{
    enum { HEAD = 6, TAIL = 2 }; /* "data: " and the newlines */
    size_t all = buffer_size(&kept);
    if (place->number != number)
        *place = (struct record_place){.number = number};
    if (place->position == all)
        return NULL;
    const char *first = buffer_first(&kept) + place->position + HEAD;
    const char *end = memchr(first, '\n', all - place->position - HEAD);
    *size = (size_t)(end - first);
    place->position += HEAD + *size + TAIL;
    return first;
}

void record_close(void)
{
    buffer_free(&kept);
    buffer_free(&event);
    buffer_free(&framed);
}
