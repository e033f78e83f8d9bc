/*
 * stage_web_probe: the stage's web server with scenes that are made up.
 *
 *     stage_web_probe -p 0 -d PAGE -n 1000 -b 100 -t 500
 *
 * POST /play?scene=first begins a record of 1000 events with 100 bytes each, spread over
 * 500 ms; "second" and "a b" do the same. The loop is like the stage's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../06-selectors-style/selector_option.h"
#include "../common/clock.h"
#include "../common/die.h"
#include "../common/options.h"
#include "../common/stop.h"
#include "../slides/stage/record.h"
#include "../slides/stage/web.h"

enum { MAX_BYTES = 1000000 };

static const char scenes[] = "[{\"name\":\"first\"},{\"name\":\"second\"}]\n";
static const char *const names[] = {"first", "second", "a b", NULL};

static const char *backend, *page_dir = "slides/stage/page";
static long nevents = 100, nbytes = 100, length_ms = 100;

static const struct option extra[] = {
    {'s', "NAME", "the backend to wait with", .text = &backend},
    {'d', "FOLDER", "where the page is", .text = &page_dir},
    {'n', "EVENTS", "of a scene", .number = &nevents, .most = 1000000},
    {'b', "BYTES", "in an event", .number = &nbytes, .most = MAX_BYTES},
    {'t', "MS", "length of a scene", .number = &length_ms, .most = 1000000},
    {0},
};

static struct {
    bool plays;
    long take; /* how many scenes have begun */
    long next; /* event */
    long long start_ms;
} show;

static double show_ms(void)
{
    return (double)(clock_now_ms() - show.start_ms);
}

static void begin_scene(const char *name)
{
    record_start();
    show.plays = true;
    show.take++;
    show.next = 0;
    show.start_ms = clock_now_ms();
    struct buffer *event = record_begin("scene", 0, NULL);
    json_put_text(event, "name", name);
    json_put_integer(event, "take", show.take);
    record_end();
    web_set_playing(true);
}

static void end_scene(const char *text)
{
    struct buffer *event = record_begin("end", show_ms(), NULL);
    json_put_text(event, "text", text);
    record_end();
    show.plays = false;
    web_set_playing(false);
}

static long long due_ms(long i)
{
    return show.start_ms + (long long)i * length_ms / (nevents > 0 ? nevents : 1);
}

static void add_event(void)
{
    static char filling[MAX_BYTES];
    memset(filling, 'x', (size_t)nbytes);
    struct buffer *event = record_begin("bytes", show_ms(), "lane");
    json_put_integer(event, "take", show.take);
    json_put_integer(event, "number", show.next++);
    json_put_string(event, "filling", filling, (size_t)nbytes);
    record_end();
}

/* Adds what is due. */
static void play_on(void)
{
    long long now_ms = clock_now_ms();
    while (show.plays && show.next < nevents && due_ms(show.next) <= now_ms)
        add_event();
    if (show.plays && show.next == nevents && due_ms(nevents) <= now_ms)
        end_scene("");
}

static void grant_wishes(void)
{
    char name[64];
    enum web_wish wish;
    while ((wish = web_next_wish(name, sizeof name)) != WEB_NOTHING) {
        if (wish == WEB_PLAY)
            begin_scene(name);
        else if (show.plays)
            end_scene("stopped");
    }
}

static int timeout_ms(void)
{
    int web_ms = web_timeout_ms();
    if (!show.plays)
        return web_ms;
    long long left_ms = due_ms(show.next) - clock_now_ms();
    if (left_ms < 0)
        left_ms = 0;
    return web_ms == -1 || left_ms < web_ms ? (int)left_ms : web_ms;
}

static void serve_batch(struct selector *selector)
{
    const struct selector_event *ready;
    int nready = selector_select(selector, timeout_ms(), &ready);
    if (nready == -1)
        nready = die_unless_retry(selector_wait_call(selector));
    for (int i = 0; i < nready; i++) {
        struct source *source = ready[i].key.data;
        if (source->kind != SOURCE_STOP)
            web_serve(source, ready[i].events);
    }
    grant_wishes();
    play_on();
    web_settle();
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, 0, extra);
    struct source stop = {SOURCE_STOP, stop_init()};
    struct selector *selector = selector_option_open(backend);
    if (selector_register(selector, stop.fd, EVENT_READ, &stop) == -1)
        die_errno("cannot wait for the stop signal");
    int port = web_open(selector, options.port, page_dir, scenes, names);
    printf("listening on 127.0.0.1:%d\n", port);
    fflush(stdout);
    while (!stop_requested())
        serve_batch(selector);
    web_close();
    record_close();
    selector_close(selector);
    return EXIT_SUCCESS;
}
