#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct row {
    const char *name, *unit;
    double floor;
    bool has_actor, more_is_better;
} rows[] = {
    [MEASURE_WAIT] = {"wait", "ms", 20, true, false},
    [MEASURE_ANSWERS] = {"answers", "", 1, true, true},
    [MEASURE_SERVED] = {"served", "", 1, true, true},
    [MEASURE_ENDED] = {"ended", "", 1, true, false},
    [MEASURE_COST] = {"cost", "µs", 1, true, false},
    [MEASURE_HEARS] = {"hears", "ms", 20, true, false},
    [MEASURE_KEPT] = {"kept", "KiB", 16, true, false},
    [MEASURE_CPU] = {"cpu", "%", 2, false, false},
    [MEASURE_CALLS] = {"calls", "", 100, false, false},
    [MEASURE_WASTED] = {"wasted", "", 100, false, false},
    [MEASURE_DESCRIPTORS] = {"descriptors", "", 1, false, false},
    [MEASURE_MEMORY] = {"memory", "KiB", 256, false, false},
    [MEASURE_ALIVE] = {"alive", "", 1, false, true},
};

enum { NROWS = sizeof rows / sizeof *rows };

int measure_by_name(const char *name, enum measure_what *what)
{
    for (size_t i = 0; i < NROWS; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *what = (enum measure_what)i;
            return 0;
        }
    return -1;
}

bool measure_has_actor(enum measure_what what)
{
    return rows[what].has_actor;
}

const char *measure_unit(const struct measure *m)
{
    return m->growth ? "" : rows[m->what].unit;
}

bool measure_more_is_better(const struct measure *m)
{
    return rows[m->what].more_is_better && !m->growth;
}

bool measure_is_neutral(const struct measure *m)
{
    return m->what == MEASURE_DESCRIPTORS || m->what == MEASURE_ANSWERS;
}

double measure_floor(const struct measure *m)
{
    return m->growth ? 1 : rows[m->what].floor;
}

const char *measure_text(const struct measure *m, double value, char *text)
{
    int digits = value < 1 ? 2 : value < 100 ? 1 : 0;
    bool is_count = rows[m->what].unit[0] == '\0' && !m->growth;
    if (isnan(value))
        return strcpy(text, "-");
    if (isinf(value))
        return strcpy(text, "never");
    if (m->what == MEASURE_ALIVE && !m->growth)
        return strcpy(text, value > 0 ? "yes" : "no");
    snprintf(text, MEASURE_TEXT_SIZE, "%.*f%s", is_count ? 0 : digits, value,
             m->growth ? "x" : "");
    return text;
}
