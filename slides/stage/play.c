#include "play.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "../../06-selectors-style/selector.h"
#include "../../common/clock.h"
#include "../../common/die.h"
#include "../../common/events.h"
#include "directing.h"
#include "figures.h"
#include "lane.h"
#include "lineup.h"
#include "load.h"
#include "record.h"
#include "scene.h"

enum {
    START_MS = 5000, /* a server's patience until it listens */
    STOP_MS = 2000,  /* from SIGTERM to SIGKILL */
    POLL_MS = 5,     /* while processes begin or end */
    SAMPLE_MS = 100,
    SPARE_S = 60 /* that a server may live beyond the length of its scene */
};

static struct scene scene;
static struct lane lanes[SCENE_MAX_LANES + 1];
static size_t nlanes, turn, round_now, nfailures;
static bool is_on;
static struct selector *selector;

bool play_is_on(void)
{
    return is_on;
}

size_t play_failures(void)
{
    return nfailures;
}

/* The lanes' own times run together or one after the other; the latest stands for all. */
static double time_ms(void)
{
    double latest_ms = 0;
    for (size_t i = 0; i < nlanes; i++)
        if (lane_time_ms(&lanes[i]) > latest_ms)
            latest_ms = lane_time_ms(&lanes[i]);
    return latest_ms;
}

static void tell_end(const char *why)
{
    struct buffer *out = record_begin("end", time_ms(), NULL);
    json_put_text(out, "name", scene.name);
    json_put_text(out, "text", why);
    record_end();
}

/* However the program ends, no server is left: every die leads through exit(3). */
static void end_servers(void)
{
    for (size_t i = 0; i < nlanes; i++)
        if (lanes[i].pid != 0)
            kill(-lanes[i].pid, SIGKILL);
}

/* ---- beginning ---- */

static void start_server(struct lane *lane)
{
    unsigned limit_s = (unsigned)(scene_limit_ms(&scene) / 1000) + SPARE_S;
    lane_start(lane, selector, lineup_descriptors(&scene), limit_s);
}

static void start_turn(void)
{
    for (size_t i = scene.together ? 0 : turn; i < nlanes; i++) {
        start_server(&lanes[i]);
        if (!scene.together)
            return;
    }
}

/* What cannot be played is told as a scene that is over. */
static void tell_unplayable(const char *why)
{
    scene.title = scene.title != NULL ? scene.title : scene.name;
    scene.question = scene.question != NULL ? scene.question : "";
    scene.look = scene.look != NULL ? scene.look : "";
    lineup_tell(&scene, lanes, nlanes);
    tell_end(why);
    scene_free(&scene);
}

void play_begin(struct selector *s, const char *name, const char *yours)
{
    static bool is_prepared;
    char problem[SCENE_PROBLEM_SIZE];
    if (!is_prepared && atexit(end_servers) != 0)
        die("atexit");
    is_prepared = true;
    record_start();
    selector = s;
    nlanes = turn = round_now = 0;
    nfailures = 1;
    if (scene_read(&scene, name, problem) == -1) {
        tell_unplayable(problem);
        return;
    }
    nlanes = lineup_set(lanes, &scene, yours);
    if (nlanes == 0) {
        tell_unplayable("no server of this scene is built here: make builds them");
        return;
    }
    if (!lineup_has_descriptors(&scene, nlanes, problem)) {
        nfailures = 0;
        tell_unplayable(problem);
        return;
    }
    nfailures = 0;
    is_on = true;
    load_begin();
    lineup_tell(&scene, lanes, nlanes);
    start_turn();
}

/* ---- the end ---- */

static void clear_lanes(void)
{
    for (size_t i = 0; i < nlanes; i++)
        lane_clear(&lanes[i], selector);
    is_on = false;
}

static void finish(void)
{
    figures_tell_table(&scene, lanes, nlanes, time_ms());
    figures_tell_conclusion(&scene, lanes, nlanes, time_ms());
    nfailures = figures_tell_checks(&scene, lanes, nlanes, time_ms());
    load_tell(time_ms());
    tell_end("");
    clear_lanes();
    scene_free(&scene);
}

void play_break_off(const char *why)
{
    if (!is_on)
        return;
    nfailures = 1;
    tell_end(why);
    clear_lanes();
    scene_free(&scene);
}

/* ---- the course ---- */

static void start_playing(struct lane *lane)
{
    lane_sample(lane);
    lane->first_cpu_us = lane->sampled_cpu_us;
    lane->turn_us = clock_now_us();
    lane->before_us = lane->stands_us;
    lane->phase = LANE_PLAYS;
    if (scene.nsizes > 0) {
        struct buffer *out = record_begin("size", lane_time_ms(lane), lane->server.name);
        json_put_integer(out, "size", (long long)scene.sizes[round_now]);
        record_end();
    }
    directing_begin(lane, &scene, round_now);
}

static void end_playing(struct lane *lane)
{
    struct lane_figures *f = &lane->figures;
    lane_sample(lane);
    f->played_us = clock_now_us() - lane->turn_us;
    f->cpu_us = lane->sampled_cpu_us < 0 || lane->first_cpu_us < 0
                    ? -1
                    : lane->sampled_cpu_us - lane->first_cpu_us;
    f->alive = !lane->crashed;
    load_add_server(f->cpu_us);
    lane_stop(lane);
    directing_end(lane, selector);
}

/* The server has ended: what it did is known to the last call. */
static void end_turn(struct lane *lane)
{
    if (lane->ncasts > 0)
        figures_keep(lane, &scene, round_now);
    else
        figures_keep_nothing(lane, &scene);
    lane_clear(lane, selector);
}

static bool has_turn(size_t i)
{
    return scene.together || i == turn;
}

static bool is_any_in(enum lane_phase phase)
{
    for (size_t i = 0; i < nlanes; i++)
        if (has_turn(i) && lanes[i].phase == phase)
            return true;
    return false;
}

/* Those who play together begin together: when the last is ready. */
static void begin_turns(void)
{
    for (size_t i = 0; i < nlanes; i++)
        if (lanes[i].phase == LANE_STARTING && lane_age_ms(&lanes[i]) > START_MS)
            lane_give_up(
                &lanes[i],
                "nothing: its first line has to be 'listening on 127.0.0.1:PORT'");
    if (is_any_in(LANE_STARTING))
        return;
    for (size_t i = 0; i < nlanes; i++)
        if (lanes[i].phase == LANE_READY)
            start_playing(&lanes[i]);
}

static void go_on_with(struct lane *lane)
{
    double now_us = clock_now_us();
    if (lane->phase == LANE_WAITS || lane->phase == LANE_OVER)
        return;
    lane_watch_end(lane, selector);
    if (lane->phase == LANE_STOPPING && now_us - lane->stop_us > STOP_MS * 1000.0)
        lane_stop(lane);
    if (lane->phase == LANE_PLAYS && now_us - lane->sample_us >= SAMPLE_MS * 1000.0) {
        load_note_late((now_us - lane->sample_us) / 1000 - SAMPLE_MS);
        lane_sample(lane);
    }
    if (lane->phase == LANE_PLAYS && directing_go_on(lane, selector))
        end_playing(lane);
    if (lane->phase == LANE_OVER)
        end_turn(lane);
}

/* One after the other: the next size of this lane, or the next lane. A server that could
   not be started is not tried again. */
static void pass_turn(void)
{
    bool was_played = lanes[turn].turn_us > 0;
    round_now++;
    if (round_now == scene_rounds(&scene) || !was_played) {
        round_now = 0;
        turn++;
    }
    if (turn < nlanes)
        start_server(&lanes[turn]);
    else
        finish();
}

void play_go_on(void)
{
    if (!is_on)
        return;
    for (size_t i = 0; i < nlanes; i++)
        go_on_with(&lanes[i]);
    begin_turns();
    for (size_t i = 0; i < nlanes; i++)
        if (has_turn(i) && lanes[i].phase != LANE_OVER)
            return;
    if (scene.together)
        finish();
    else
        pass_turn();
}

int play_timeout_ms(void)
{
    double due_us = INFINITY, now_us = clock_now_us();
    if (!is_on)
        return -1;
    for (size_t i = 0; i < nlanes; i++) {
        double lane_us = now_us + POLL_MS * 1000.0;
        if (lanes[i].phase == LANE_PLAYS) {
            lane_us = directing_due_us(&lanes[i]);
            if (lane_us > lanes[i].sample_us + SAMPLE_MS * 1000.0)
                lane_us = lanes[i].sample_us + SAMPLE_MS * 1000.0;
        }
        if (lanes[i].phase != LANE_OVER && has_turn(i) && lane_us < due_us)
            due_us = lane_us;
    }
    if (isinf(due_us) || due_us <= now_us)
        return 0;
    return (int)((due_us - now_us) / 1000 + 0.999);
}

void play_serve(struct source *source, unsigned events)
{
    if (source->kind == SOURCE_ACTOR) {
        directing_serve((struct actor *)(void *)source, events, selector);
        return;
    }
    for (size_t i = 0; i < nlanes; i++)
        if (source == &lanes[i].output || source == &lanes[i].told)
            lane_read(&lanes[i], source, selector);
}
