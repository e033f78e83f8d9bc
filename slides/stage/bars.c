#include "bars.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../06-selectors-style/apps/json_reader.h"
#include "scene.h"
#include "text.h"

enum {
    BAR = 42, /* columns of a bar */
    MAX_LANES = SCENE_MAX_LANES + 1,
    OTHER_ROWS = 6,   /* of a screen: what stands above and below the bars */
    UNKNOWN_MS = 1000 /* a scene's length, where its text does not tell it */
};

struct bar {
    char cells[BAR + 1];
    char state;
    int upto;             /* cells before this are drawn */
    char counts[BAR + 1]; /* of a group: what stands instead */
};

static struct {
    char name[SCENE_NAME_SIZE];
    struct bar bars[SCENE_MAX_ACTORS];
    double cpu, wasted;
    bool crashed;
} lanes[MAX_LANES];
static char clients[SCENE_MAX_ACTORS][SCENE_NAME_SIZE];
static size_t nlanes, nclients, nrows;
static double length_ms;
static bool is_compact;

/* ---- what happens ---- */

static size_t place_of(const struct json_value *event, const char *member, bool is_lane)
{
    const struct json_value *name = json_member(event, member);
    size_t count = is_lane ? nlanes : nclients, i = 0;
    while (name != NULL && i < count &&
           !json_is_text(name, is_lane ? lanes[i].name : clients[i]))
        i++;
    return i;
}

static int cell_of(double t_ms)
{
    int cell = (int)(t_ms / length_ms * BAR);
    return cell < 0 ? 0 : cell >= BAR ? BAR - 1 : cell;
}

/* The state lasts until the next: its cells are filled up to there. */
static void advance(struct bar *bar, double t_ms)
{
    int cell = cell_of(t_ms);
    for (; bar->upto <= cell; bar->upto++)
        bar->cells[bar->upto] = bar->state;
}

static void set_state(struct bar *bar, double t_ms, char state)
{
    advance(bar, t_ms);
    if (bar->cells[cell_of(t_ms)] != 'w' || state == '#' || state == 'x')
        bar->cells[cell_of(t_ms)] = state;
    bar->state = state == '#' ? '-' : state == 'x' ? ' ' : state;
}

static char letter_of(const struct json_value *state)
{
    static const struct {
        const char *name;
        char letter;
    } letters[] = {{"connecting", '?'}, {"connected", '-'}, {"waiting", 'w'},
                   {"served", '#'},     {"silent", '_'},    {"reads", '-'},
                   {"left", 'x'},       {"ended", 'x'},     {"failed", 'x'}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (json_is_text(state, letters[i].name))
            return letters[i].letter;
    return ' ';
}

static void take_group(struct bar *bar, const struct json_value *event)
{
    static const char *const names[] = {"connecting", "connected", "waiting", "left",
                                        "ended"};
    bar->counts[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = strlen(bar->counts);
        double count = json_number(event, names[i]);
        if (count > 0)
            snprintf(bar->counts + size, sizeof bar->counts - size, "%s%.0f %s",
                     size > 0 ? ", " : "", count, names[i]);
    }
}

static void take_lane_event(const struct json_value *event, const char *kind)
{
    size_t i = place_of(event, "lane", true), j = place_of(event, "client", false);
    double t_ms = json_number(event, "t");
    if (i == nlanes)
        return;
    for (size_t k = 0; k < nclients; k++)
        advance(&lanes[i].bars[k], t_ms);
    if (strcmp(kind, "client") == 0 && j < nclients)
        set_state(&lanes[i].bars[j], t_ms, letter_of(json_member(event, "state")));
    if (strcmp(kind, "group") == 0 && j < nclients)
        take_group(&lanes[i].bars[j], event);
    if (strcmp(kind, "sample") == 0) {
        lanes[i].cpu = json_number(event, "cpu");
        lanes[i].wasted = json_number(event, "wasted");
    }
    if (strcmp(kind, "server") == 0 &&
        json_is_text(json_member(event, "state"), "crashed"))
        lanes[i].crashed = true;
}

/* ---- a scene ---- */

static void copy_name(char *to, const struct json_value *object)
{
    const struct json_value *name = json_member(object, "name");
    snprintf(to, SCENE_NAME_SIZE, "%.*s", name != NULL ? (int)name->size : 0,
             name != NULL ? name->text : "");
}

static void read_cast(const struct json_value *event)
{
    const struct json_value *list = json_member(event, "lanes");
    const struct json_value *item = list != NULL ? list + 1 : NULL;
    nlanes = nclients = 0;
    for (size_t i = 0; list != NULL && i < list->count && i < MAX_LANES; i++) {
        memset(&lanes[nlanes], 0, sizeof *lanes);
        for (size_t k = 0; k < SCENE_MAX_ACTORS; k++) {
            memset(lanes[nlanes].bars[k].cells, ' ', BAR);
            lanes[nlanes].bars[k].state = ' ';
        }
        copy_name(lanes[nlanes++].name, item);
        item += item->span;
    }
    list = json_member(event, "clients");
    item = list != NULL ? list + 1 : NULL;
    for (size_t i = 0; list != NULL && i < list->count && i < SCENE_MAX_ACTORS; i++) {
        copy_name(clients[nclients++], item);
        item += item->span;
    }
}

static void begin(const struct json_value *event)
{
    read_cast(event);
    length_ms = json_number(event, "length");
    if (length_ms <= 0)
        length_ms = UNKNOWN_MS;
    int columns, rows;
    text_screen(&columns, &rows);
    is_compact = (long)(nlanes * nclients) > rows - OTHER_ROWS;
    nrows = 0;
}

bool bars_take(const struct json_value *event)
{
    static const char *const kinds[] = {"client", "group", "sample", "server"};
    const struct json_value *kind = json_member(event, "e");
    if (json_is_text(kind, "scene")) {
        begin(event);
        return true;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (json_is_text(kind, kinds[i])) {
            take_lane_event(event, kinds[i]);
            return true;
        }
    return false;
}

/* ---- drawing ---- */

/* The most telling of a cell's states over all clients. */
static char telling(size_t lane, int cell)
{
    static const char order[] = "w#?_-x ";
    const char *best = order + sizeof order - 2;
    for (size_t k = 0; k < nclients; k++) {
        const char *found = strchr(order, lanes[lane].bars[k].cells[cell]);
        if (found != NULL && *found != '\0' && found < best)
            best = found;
    }
    return *best;
}

/* Calls that only said "would block". */
static void draw_count(double count)
{
    if (count < 10000)
        printf(" waste %.0f", count);
    else if (count < 10e6)
        printf(" waste %.0fk", count / 1e3);
    else
        printf(" waste %.0fM", count / 1e6);
}

static void draw_meter(size_t i, size_t row)
{
    if (lanes[i].crashed && row == 0)
        printf(" crashed");
    else if (row == 0)
        printf(" cpu %3.0f %%", lanes[i].cpu);
    else if (row == 1 && lanes[i].wasted > 0)
        draw_count(lanes[i].wasted);
}

static void draw_bar(const char *cells)
{
    char last = '\0';
    for (; *cells != '\0'; cells++) {
        if (*cells != last)
            text_colour(*cells == 'w' ? "1;33" : *cells == '#' ? "1;32" : "0");
        putchar(last = *cells);
    }
    text_colour("0");
}

static void draw_lane(size_t i)
{
    for (size_t k = 0; k < (is_compact ? 1 : nclients); k++) {
        char cells[BAR + 1] = "";
        for (int cell = 0; is_compact && cell < BAR; cell++)
            cells[cell] = telling(i, cell);
        const struct bar *bar = &lanes[i].bars[k];
        printf("\r\033[K  %-13.13s %-6.6s ", k == 0 ? lanes[i].name : "",
               is_compact ? "" : clients[k]);
        if (!is_compact && bar->counts[0] != '\0')
            printf("%-*.*s", BAR, BAR, bar->counts);
        else
            draw_bar(is_compact ? cells : bar->cells);
        draw_meter(i, k);
        printf("\n");
        nrows++;
    }
}

void bars_draw(void)
{
    if (nrows > 0)
        printf("\033[%zuA", nrows);
    else
        printf("  - connected   w waits   # is served   x has gone   ? connects\n");
    nrows = 0;
    for (size_t i = 0; i < nlanes; i++)
        draw_lane(i);
    fflush(stdout);
}
