#include "http_text.h"

#include <string.h>
#include <strings.h>

bool http_text_is(struct http_text text, const char *other)
{
    return text.first != NULL && text.size == strlen(other) &&
           memcmp(text.first, other, text.size) == 0;
}

bool http_text_is_word(struct http_text text, const char *other)
{
    return text.first != NULL && text.size == strlen(other) &&
           strncasecmp(text.first, other, text.size) == 0;
}

struct http_text http_text_before(struct http_text text, char byte)
{
    const char *end = memchr(text.first, byte, text.size);
    size_t size = end == NULL ? text.size : (size_t)(end - text.first);
    return (struct http_text){text.first, size};
}

struct http_text http_text_behind(struct http_text text, size_t n)
{
    return (struct http_text){text.first + n, text.size - n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct http_text http_text_trim(struct http_text text)
{
    while (text.size > 0 && is_blank(text.first[0]))
        text = http_text_behind(text, 1);
    while (text.size > 0 && is_blank(text.first[text.size - 1]))
        text.size--;
    return text;
}

static bool is_visible(char c)
{
    return c > ' ' && c <= '~';
}

size_t http_text_token(struct http_text text)
{
    size_t n = 0;
    while (n < text.size && is_visible(text.first[n]) &&
           strchr("\"(),/:;<=>?@[\\]{}", text.first[n]) == NULL)
        n++;
    return n;
}

/* The value of a hexadecimal digit, or -1. */
static int digit_value(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = memchr(digits, c, sizeof digits - 1);
    return found == NULL ? -1 : (int)((found - digits) % 16);
}

/* The byte that the "%41" at the beginning stands for, or -1. */
static int percent_value(struct http_text text)
{
    if (text.size < 3)
        return -1;
    int high = digit_value(text.first[1]), low = digit_value(text.first[2]);
    return high == -1 || low == -1 ? -1 : high * 16 + low;
}

bool http_text_is_visible(struct http_text text)
{
    for (; text.size > 0; text = http_text_behind(text, 1)) {
        if (!is_visible(text.first[0]))
            return false;
        if (text.first[0] == '%' && percent_value(text) == -1)
            return false;
    }
    return true;
}

static bool is_control(int byte)
{
    return byte < ' ' || byte == 0x7f;
}

bool http_text_is_value(struct http_text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_control((unsigned char)text.first[i]) && text.first[i] != '\t')
            return false;
    return true;
}

size_t http_text_decode(struct http_text text, char *value, size_t size)
{
    size_t n = 0;
    while (text.size > 0) {
        bool is_encoded = text.first[0] == '%';
        int byte = is_encoded ? percent_value(text) : (unsigned char)text.first[0];
        if (is_control(byte) || n + 1 >= size)
            return 0;
        value[n++] = (char)byte;
        text = http_text_behind(text, is_encoded ? 3 : 1);
    }
    value[n] = '\0';
    return n;
}
