#include "load.h"

#include <stdio.h>
#include <string.h>

#include "../../common/clock.h"
#include "gauge.h"
#include "record.h"

static double machine_us, own_us, servers_us, began_us, late_ms;

void load_begin(void)
{
    machine_us = gauge_machine_us();
    own_us = gauge_own_us();
    began_us = clock_now_us();
    servers_us = late_ms = 0;
}

void load_add_server(double cpu_us)
{
    servers_us += cpu_us > 0 ? cpu_us : 0;
}

void load_note_late(double ms)
{
    late_ms = ms > late_ms ? ms : late_ms;
}

double load_late_ms(void)
{
    return late_ms;
}

/* Processors that other programs kept busy; -1 where that cannot be known. */
static double busy_processors(void)
{
    double now_us = gauge_machine_us();
    if (machine_us < 0 || now_us < 0)
        return -1;
    double others_us = now_us - machine_us - (gauge_own_us() - own_us) - servers_us;
    return others_us > 0 ? others_us / (clock_now_us() - began_us) : 0;
}

void load_tell(double t_ms)
{
    enum { LATE_MS = 20 };
    const double some =
        0.5; /* of a processor: a browser that shows the page needs less */
    double others = busy_processors();
    long processors = gauge_processors();
    char text[200] = "", of[32] = "";
    if (processors > 0)
        snprintf(of, sizeof of, "of %ld ", processors);
    if (others > some)
        snprintf(text, sizeof text,
                 "This was played under load: other programs used %.1f %sprocessors%s",
                 others, of, late_ms > LATE_MS ? "" : ".");
    if (late_ms > LATE_MS)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "%s the stage itself was up to %.0f ms late.",
                 others > some ? ", and" : "This machine was busy:", late_ms);
    struct buffer *out = record_begin("load", t_ms, NULL);
    json_put_text(out, "text", text);
    json_put_number(out, "late_ms", (double)(long)late_ms);
    if (others >= 0)
        json_put_number(out, "others", (double)(long)(others * 100) / 100);
    record_end();
}
