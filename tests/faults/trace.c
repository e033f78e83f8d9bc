#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FD = 1024, LINE_SIZE = 2048, NCALLS = IO_CLOSE + 1 };

/* One line of the narrator, as far as it matters here. */
struct line {
    double began_ms, ended_ms;
    char call[16];
    enum io_call io_call; /* with has_table */
    bool has_table;
    int fd; /* that the call concerns; for epoll_ctl the one in the set; -1: none */
    long result;
    bool injected;
};

static double number_after(const char *text, const char *name, double otherwise)
{
    const char *found = strstr(text, name);
    return found != NULL ? strtod(found + strlen(name), NULL) : otherwise;
}

static bool read_line(char *text, struct line *line)
{
    const char *call = strstr(text, "\"call\":\"");
    if (text[0] != '{' || call == NULL)
        return false;
    call += 8;
    snprintf(line->call, sizeof line->call, "%.*s", (int)strcspn(call, "\""), call);
    line->has_table = io_call_by_name(line->call, &line->io_call) == 0;
    line->ended_ms = 1e3 * number_after(text, "\"t\":", 0);
    line->began_ms = line->ended_ms - 1e3 * number_after(text, "\"took\":", 0);
    line->fd = (int)number_after(text, "\"fd\":", -1);
    const char *control = strstr(text, "EPOLL_CTL_");
    if (control != NULL)
        line->fd = (int)number_after(control, ", ", -1);
    line->result = (long)number_after(text, "\"result\":", -1);
    line->injected = strstr(text, "\"injected\":\"") != NULL;
    return true;
}

/* ---- what followed each strike ---- */

struct watch {
    int person_of[MAX_FD];                /* who is behind a descriptor, -1: nobody */
    bool over[MAX_FD];                    /* a fault has ended this connection */
    double struck_ms[NCALLS][MAX_FD + 1]; /* 0: not lately; [MAX_FD]: without fd */
    int naccepted;
};

static size_t place_of(const struct line *line)
{
    bool waits = line->io_call == IO_SELECT || line->io_call == IO_POLL ||
                 line->io_call == IO_EPOLL_WAIT;
    return waits || line->fd < 0 || line->fd >= MAX_FD ? MAX_FD : (size_t)line->fd;
}

/* A close cuts every rest short, so the pause before it says nothing. */
static void watch_pauses(struct watch *w, const struct line *line, struct trace *t)
{
    size_t place = place_of(line);
    double *struck_ms = &w->struck_ms[line->io_call][place];
    if (line->io_call == IO_CLOSE) {
        memset(w->struck_ms, 0, sizeof w->struck_ms);
        return;
    }
    if (*struck_ms > 0) {
        t->npauses++;
        t->nhasty += line->began_ms - *struck_ms < HASTE_MS;
    }
    *struck_ms = line->injected ? line->ended_ms : 0;
}

static void watch_connections(struct watch *w, const struct line *line, bool ends,
                              struct trace *t)
{
    if (line->io_call == IO_ACCEPT && line->result >= 0 && line->result < MAX_FD) {
        w->person_of[line->result] = w->naccepted++;
        w->over[line->result] = false;
    }
    if (line->fd < 0 || line->fd >= MAX_FD)
        return;
    bool moves = line->io_call == IO_RECV || line->io_call == IO_SEND;
    t->went_on += moves && w->over[line->fd];
    if (moves && line->injected && ends)
        w->over[line->fd] = true;
    if (line->io_call == IO_CLOSE)
        w->over[line->fd] = false;
}

static void note_strike(const struct watch *w, const struct line *line, struct trace *t)
{
    int person = line->fd >= 0 && line->fd < MAX_FD ? w->person_of[line->fd] : -1;
    t->nstrikes++;
    if (person >= 0 && person < MAX_PERSONS)
        t->struck[person] = true;
    else
        t->struck_listener = true;
    if (w->naccepted == 0)
        t->struck_early = true;
}

/* Says so itself: in JSON {"note":"PLAN never struck: ..."}, else narrate: PLAN ... */
static void keep_never(const char *text, struct trace *t)
{
    static const char *const before[] = {"{\"note\":\"", "narrate: "};
    if (strstr(text, " never struck") == NULL)
        return;
    for (int i = 0; i < 2; i++) {
        size_t size = strlen(before[i]);
        if (strncmp(text, before[i], size) == 0)
            snprintf(t->never, sizeof t->never, "%.*s", (int)strcspn(text + size, "\"\n"),
                     text + size);
    }
}

void trace_read(const struct run *r, struct trace *t)
{
    static struct watch w;
    char text[LINE_SIZE];
    struct line line;
    const struct cell *cell = r->cell;
    bool ends = cell->status != NULL && cell->status->verdict == IO_ERROR_CONNECTION;
    FILE *log = fopen(r->log_path, "r");
    *t = (struct trace){.nstrikes = 0};
    memset(w.person_of, -1, sizeof w.person_of);
    while (log != NULL && fgets(text, sizeof text, log) != NULL) {
        keep_never(text, t);
        if (!read_line(text, &line) || !line.has_table)
            continue;
        if (line.injected)
            note_strike(&w, &line, t);
        watch_pauses(&w, &line, t);
        watch_connections(&w, &line, ends, t);
    }
    if (log != NULL)
        fclose(log);
}

size_t trace_count(const char *log_path, struct call_count *counts, size_t most)
{
    char text[LINE_SIZE];
    struct line line;
    size_t ncounts = 0, i;
    FILE *log = fopen(log_path, "r");
    while (log != NULL && fgets(text, sizeof text, log) != NULL) {
        if (!read_line(text, &line) || !line.has_table)
            continue;
        for (i = 0; i < ncounts && strcmp(counts[i].call, line.call) != 0; i++)
            ;
        if (i == ncounts && ncounts < most) {
            strcpy(counts[i].call, line.call);
            counts[ncounts++].count = 0;
        }
        counts[i < most ? i : 0].count++;
    }
    if (log != NULL)
        fclose(log);
    return ncounts;
}
