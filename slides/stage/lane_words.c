#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../06-selectors-style/apps/json_reader.h"
#include "../../06-selectors-style/apps/lines.h"
#include "../../common/clock.h"
#include "lane.h"
#include "record.h"

enum {
    MAX_SAID = 20, /* lines that a server may say on stderr */
    MAX_LINE = 8 * 1024
};

void lane_say(struct lane *lane, const char *text)
{
    if (lane->nsaid++ < MAX_SAID)
        lane_tell(lane, "says", text);
}

/* Its first line has to be "listening on ADDRESS:PORT". */
static void take_output(struct lane *lane, const char *line)
{
    const char *colon = strrchr(line, ':');
    if (lane->phase != LANE_STARTING)
        return;
    long port = 0;
    if (strncmp(line, "listening on ", 13) == 0 && colon != NULL)
        port = strtol(colon + 1, NULL, 10);
    lane->port = port > 0 && port <= 65535 ? (int)port : 0;
    if (lane->port == 0) {
        lane_say(lane, line);
        lane_give_up(lane, "but its first line has to be 'listening on 127.0.0.1:PORT'");
        return;
    }
    lane->phase = LANE_READY;
    lane_tell(lane, "listening", line);
}

/* The time of a narrator's line: its clock begins with the process. What reaches us first
   after it was written tells best how the clocks lie. */
static double told_time_ms(struct lane *lane, double told_s)
{
    double offset_us = clock_now_us() - told_s * 1e6;
    if (offset_us < lane->offset_us)
        lane->offset_us = offset_us;
    if (lane->phase == LANE_STARTING || lane->phase == LANE_READY)
        return lane->stands_us / 1000;
    double us = lane->before_us + told_s * 1e6 + lane->offset_us - lane->turn_us;
    double last_us = lane->phase == LANE_PLAYS ? us : lane->stands_us;
    us = us > lane->before_us ? us : lane->before_us;
    return (us < last_us ? us : last_us) / 1000;
}

/* Counts what is told while the scene plays; what was left out is told afterwards. */
static void count_calls(struct lane *lane, const struct json_value *told)
{
    const struct json_value *error = json_member(told, "errno");
    double left_out = json_number(told, "left_out");
    struct lane_figures *f = &lane->figures;
    if (f->calls < 0)
        f->calls = f->wasted = 0;
    if (lane->phase != LANE_PLAYS && (lane->phase != LANE_STOPPING || left_out == 0))
        return;
    f->calls += left_out > 0 ? left_out : 1;
    f->wasted += json_number(told, "wasted");
    f->wasted += error != NULL && json_is_text(error, "EAGAIN");
}

/* Is this line the narrator's? Then it is told, as it stands. */
static bool take_narration(struct lane *lane, const char *line, size_t size)
{
    static struct json json = {.max_depth = 4};
    char copy[MAX_LINE + 1];
    if (line[0] != '{')
        return false;
    memcpy(copy, line, size + 1);
    if (!json_read(&json, copy, size))
        return false;
    const struct json_value *told = &json.values[0];
    bool is_call = json_member(told, "call") != NULL;
    if (!is_call && json_member(told, "left_out") == NULL)
        return json_member(told, "note") != NULL;
    count_calls(lane, told);
    struct buffer *out = record_begin("call", told_time_ms(lane, json_number(told, "t")),
                                      lane->server.name);
    json_put_raw(out, "told", line, size);
    record_end();
    return true;
}

static void take_lines(struct lane *lane, struct buffer *in, bool is_output)
{
    struct line line;
    enum lines_result result;
    while ((result = lines_next(in, MAX_LINE, &line)) == LINES_LINE)
        if (is_output)
            take_output(lane, line.text);
        else if (!take_narration(lane, line.text, line.size))
            lane_say(lane, line.text);
    if (result == LINES_TOO_LONG)
        buffer_clear(in);
}

bool lane_read(struct lane *lane, struct source *source, struct selector *selector)
{
    static char bytes[64 * 1024];
    bool is_output = source == &lane->output;
    struct buffer *in = is_output ? &lane->output_in : &lane->told_in;
    ssize_t nread = read(source->fd, bytes, sizeof bytes);
    if (nread == 0)
        lane_close_pipe(source, selector);
    if (nread <= 0)
        return false; /* what would block, or was interrupted, is reported again */
    buffer_add(in, bytes, (size_t)nread);
    take_lines(lane, in, is_output);
    return true;
}
