#include "bucket.h"

enum { TOKEN = 1000 };

void bucket_init(struct bucket *b, long long size, long long per_second, long long now_ms)
{
    *b = (struct bucket){.size = size,
                         .per_second = per_second,
                         .thousandths = size * TOKEN,
                         .filled_ms = now_ms};
}

bool bucket_take(struct bucket *b, long long now_ms)
{
    b->thousandths += (now_ms - b->filled_ms) * b->per_second;
    b->filled_ms = now_ms;
    if (b->thousandths > b->size * TOKEN)
        b->thousandths = b->size * TOKEN;
    if (b->thousandths < TOKEN)
        return false;
    b->thousandths -= TOKEN;
    return true;
}
