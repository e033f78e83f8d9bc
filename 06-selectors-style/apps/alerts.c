#include "alerts.h"

#include "json_writer.h"
#include "server.h"

enum { MAX_LIMIT = 1000000 };

static const char *side_of(const struct alert *alert)
{
    return alert->above ? "above" : "below";
}

/* Reads what is wanted. False if it is wrong, which the sender has been told. */
static bool read_alert(struct alert *alert, const struct message *m)
{
    alert->above = message_has(m, "above");
    if (alert->above && message_has(m, "below")) {
        message_refuse(m, "bad_message", "an alert is for above or for below, not both");
        return false;
    }
    const struct json_value *limit = message_field(m, side_of(alert), JSON_NUMBER);
    if (limit == NULL)
        return false;
    alert->limit = limit->number;
    if (alert->limit >= 0 && alert->limit <= MAX_LIMIT)
        return true;
    message_refuse(m, "bad_message", "an alert's price is from 0 to 1000000");
    return false;
}

void alerts_set(struct alerts *alerts, const struct message *m, const struct stock *stock)
{
    struct alert alert = {.stock = stock};
    if (!read_alert(&alert, m))
        return;
    if (alerts->count == MAX_ALERTS) {
        message_refuse(m, "bad_message", "32 alerts are set already");
        return;
    }
    alerts->items[alerts->count++] = alert;
    struct buffer *out = message_begin("alert_set");
    json_put_text(out, "symbol", stock->symbol);
    json_put_number(out, side_of(&alert), alert.limit);
    server_send(m->from, message_end(out));
}

static bool is_reached(const struct alert *alert)
{
    double price = (double)alert->stock->cents / 100;
    return alert->above ? price >= alert->limit : price <= alert->limit;
}

/* Those that are not reached move up, and stay in order. */
void alerts_tell(struct alerts *alerts, struct client *to)
{
    size_t kept = 0;
    for (size_t i = 0; i < alerts->count; i++) {
        const struct alert alert = alerts->items[i];
        if (!is_reached(&alert)) {
            alerts->items[kept++] = alert;
            continue;
        }
        struct buffer *out = message_begin("alert");
        json_put_text(out, "symbol", alert.stock->symbol);
        json_put_cents(out, "price", alert.stock->cents);
        json_put_number(out, side_of(&alert), alert.limit);
        server_send(to, message_end(out));
    }
    alerts->count = kept;
}
