#include "lineup.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gauge.h"
#include "record.h"

enum { SPARE_FDS = 192 }; /* the viewers among them */

static size_t allowed; /* descriptors of a process before we raised it; 0: we have not */

/* What is not built here, as 05 where there is no epoll, is passed over. */
static bool is_there(const char *command)
{
    char path[256];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(command, " "), command);
    return strchr(path, '/') == NULL || access(path, X_OK) == 0;
}

/* LD_PRELOAD is a list, parted by blanks and colons: no path in it can hold them
   (ld.so(8)). */
static bool can_narrate(void)
{
    char path[1024];
    return access("common/narrator.so", R_OK) == 0 && getcwd(path, sizeof path) != NULL &&
           strpbrk(path, " :") == NULL;
}

static void add_lane(struct lane *lane, const struct scene *scene,
                     const struct scene_lane *server, bool is_yours)
{
    *lane = (struct lane){.server = *server, .is_yours = is_yours};
    lane->narrated = scene->narrated && can_narrate();
    lane->output.fd = lane->told.fd = -1;
    lane->sampled_cpu_us = -1;
}

size_t lineup_set(struct lane *lanes, const struct scene *scene, const char *yours)
{
    size_t nlanes = 0;
    for (size_t i = 0; i < scene->nlanes; i++)
        if (is_there(scene->lanes[i].command))
            add_lane(&lanes[nlanes++], scene, &scene->lanes[i], false);
    if (yours == NULL || scene->is_lines)
        return nlanes;
    struct scene_lane server = {.name = "yours", .command = yours};
    add_lane(&lanes[nlanes++], scene, &server, true);
    return nlanes;
}

static void put_lists(struct buffer *out, const struct scene *scene,
                      const struct lane *lanes, size_t nlanes)
{
    json_put_open(out, "sizes", '[');
    for (size_t i = 0; i < scene->nsizes; i++)
        json_put_integer(out, NULL, (long long)scene->sizes[i]);
    json_put_close(out, ']');
    json_put_open(out, "lanes", '[');
    for (size_t i = 0; i < nlanes; i++) {
        json_put_open(out, NULL, '{');
        json_put_text(out, "name", lanes[i].server.name);
        record_put_words(out, "command", lanes[i].server.command);
        json_put_close(out, '}');
    }
    json_put_close(out, ']');
    json_put_open(out, "clients", '[');
    for (size_t i = 0; i < scene->nactors; i++) {
        json_put_open(out, NULL, '{');
        json_put_text(out, "name", scene->actors[i].name);
        json_put_integer(out, "count", (long long)scene->actors[i].count);
        json_put_close(out, '}');
    }
    json_put_close(out, ']');
}

static const char *why_silent(const struct scene *scene)
{
    if (scene->narrated)
        return "The narrator cannot be loaded here: there are no calls to show.";
    return "The narrator would cost time, and so this scene is played without it: there "
           "are no calls to show.";
}

void lineup_tell(const struct scene *scene, const struct lane *lanes, size_t nlanes)
{
    struct buffer *out = record_begin("scene", 0, NULL);
    json_put_text(out, "name", scene->name);
    json_put_text(out, "title", scene->title);
    json_put_text(out, "question", scene->question);
    json_put_text(out, "look", scene->look);
    json_put_number(out, "length", scene_length_ms(scene));
    json_put_flag(out, "together", scene->together);
    json_put_flag(out, "narrated", nlanes > 0 && lanes[0].narrated);
    if (nlanes > 0 && !lanes[0].narrated)
        json_put_text(out, "silence", why_silent(scene));
    json_put_integer(out, "processors", gauge_processors());
    put_lists(out, scene, lanes, nlanes);
    record_end();
}

bool lineup_has_descriptors(const struct scene *scene, size_t nlanes, char *problem)
{
    struct rlimit limit;
    size_t needed = scene_most_clients(scene) * (scene->together ? nlanes : 1) +
                    2 * nlanes + SPARE_FDS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed) {
        rlim_t before = limit.rlim_cur;
        if (allowed == 0)
            allowed = before;
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return true;
        snprintf(problem, SCENE_PROBLEM_SIZE,
                 "skipped: it needs %zu descriptors, and only %llu are allowed here "
                 "(ulimit -Hn)",
                 needed, (unsigned long long)limit.rlim_max);
        return false;
    }
    return true;
}

size_t lineup_descriptors(const struct scene *scene)
{
    return scene->descriptors > 0 ? scene->descriptors : allowed;
}
