#include "json_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A comma is due behind everything but an opening bracket: what was written
   last tells. */
static void begin_value(struct buffer *out, const char *name)
{
    if (buffer_size(out) > 0 && strchr("{[", out->bytes[out->end - 1]) == NULL)
        buffer_add_text(out, ",");
    if (name == NULL)
        return;
    buffer_add_text(out, "\"");
    buffer_add_text(out, name);
    buffer_add_text(out, "\":");
}

void json_put_open(struct buffer *out, const char *name, char bracket)
{
    begin_value(out, name);
    buffer_add(out, &bracket, 1);
}

void json_put_close(struct buffer *out, char bracket)
{
    buffer_add(out, &bracket, 1);
}

static void put_escaped(struct buffer *out, char byte)
{
    static const char letters[] = "\"\\bfnrt", bytes[] = "\"\\\b\f\n\r\t";
    const char *found = memchr(bytes, byte, sizeof bytes - 1);
    if (found != NULL)
        buffer_add_format(out, "\\%c", letters[found - bytes]);
    else
        buffer_add_format(out, "\\u%04x", (unsigned)byte);
}

void json_put_string(struct buffer *out, const char *name, const char *bytes, size_t size)
{
    size_t written = 0;
    begin_value(out, name);
    buffer_add_text(out, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= ' ' && byte != '"' && byte != '\\')
            continue;
        buffer_add(out, bytes + written, i - written);
        put_escaped(out, bytes[i]);
        written = i + 1;
    }
    buffer_add(out, bytes + written, size - written);
    buffer_add_text(out, "\"");
}

void json_put_text(struct buffer *out, const char *name, const char *text)
{
    json_put_string(out, name, text, strlen(text));
}

void json_put_integer(struct buffer *out, const char *name, long long number)
{
    begin_value(out, name);
    buffer_add_format(out, "%lld", number);
}

/* Every double survives 17 significant digits, most need 15. */
void json_put_number(struct buffer *out, const char *name, double number)
{
    char text[32];
    int digits = 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, number);
    while (strtod(text, NULL) != number && ++digits <= 17);
    begin_value(out, name);
    buffer_add_text(out, text);
}

void json_put_cents(struct buffer *out, const char *name, long long cents)
{
    long long amount = llabs(cents);
    begin_value(out, name);
    buffer_add_format(out, "%s%lld.%02lld", cents < 0 ? "-" : "", amount / 100,
                      amount % 100);
}

void json_put_flag(struct buffer *out, const char *name, bool flag)
{
    begin_value(out, name);
    buffer_add_text(out, flag ? "true" : "false");
}

void json_put_raw(struct buffer *out, const char *name, const char *bytes, size_t size)
{
    begin_value(out, name);
    buffer_add(out, bytes, size);
}
