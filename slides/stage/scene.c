#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../06-selectors-style/apps/utf8.h"
#include "scene_lines.h"

enum { MAX_TEXT = 64 * 1024, LAST_PLACE = 1000, PATH_SIZE = 160 };

/* ---- lines ---- */

static void add_size(struct words *w, struct scene *scene)
{
    while (w->next < w->count && scene->nsizes < SCENE_MAX_SIZES)
        scene->sizes[scene->nsizes++] =
            (size_t)words_take_number(w, "a size", 1, SCENE_MAX_GROUP);
    if (scene->nsizes == 0)
        words_wrong(w, "sizes are missing: sizes 10 100 900");
}

static void add_lane(struct words *w, struct scene *scene)
{
    struct scene_lane *lane = &scene->lanes[scene->nlanes];
    const char *name = words_take(w, "the lane's name");
    if (scene->nlanes == SCENE_MAX_LANES ||
        (name != NULL && strlen(name) >= SCENE_NAME_SIZE))
        words_wrong(w, "at most %d lanes, with names of under %d letters",
                    SCENE_MAX_LANES, SCENE_NAME_SIZE);
    if (w->problem[0] != '\0')
        return;
    lane->command = words_take(w, "the server's command, in quotes");
    if (w->problem[0] != '\0')
        return;
    strcpy(lane->name, name);
    scene->nlanes++;
}

static void take_protocol(struct words *w, struct scene *scene)
{
    words_take_this(w, "lines");
    scene->is_lines = true;
}

static void take_play(struct words *w, struct scene *scene)
{
    scene->together = words_take_if(w, "together");
    if (!scene->together) {
        words_take_this(w, "one");
        words_take_this(w, "by");
        words_take_this(w, "one");
    }
}

static void take_conclusion(struct words *w, struct scene *scene)
{
    scene_take_comparison(w, scene, &scene->conclusion.comparison);
    scene->concludes = true;
}

/* A line that says something about the scene; false if it begins with none of these. */
static bool read_setting(struct words *w, struct scene *scene, const char *line)
{
    if (words_take_if(w, "title"))
        scene->title = words_take(w, "the title, in quotes");
    else if (words_take_if(w, "question"))
        scene->question = words_take(w, "the question, in quotes");
    else if (words_take_if(w, "look"))
        scene->look = words_take(w, "what to look for, in quotes");
    else if (words_take_if(w, "servers"))
        take_play(w, scene);
    else if (words_take_if(w, "place"))
        scene->place = words_take_number(w, "the place", 1, LAST_PLACE);
    else if (words_take_if(w, "unnarrated"))
        scene->narrated = false;
    else if (words_take_if(w, "protocol"))
        take_protocol(w, scene);
    else if (words_take_if(w, "descriptors"))
        scene->descriptors = (size_t)words_take_number(w, "the number", 12, 100000);
    else if (words_take_if(w, "patience"))
        scene->patience_ms = words_take_seconds(w, "the patience");
    else if (words_take_if(w, "sizes"))
        add_size(w, scene);
    else if (words_take_if(w, "lane"))
        add_lane(w, scene);
    else if (words_take_if(w, "column"))
        scene_add_column(w, scene);
    else if (words_take_if(w, "conclude"))
        take_conclusion(w, scene);
    else if (words_take_if(w, "all"))
        scene->conclusion.all = words_take(w, "the sentence, in quotes");
    else if (words_take_if(w, "some"))
        scene->conclusion.some = words_take(w, "the sentence, in quotes");
    else if (words_take_if(w, "none"))
        scene->conclusion.none = words_take(w, "the sentence, in quotes");
    else if (words_take_if(w, "expect"))
        scene_add_expectation(w, scene, line);
    else
        return false;
    return true;
}

/* `line` is what w was cut from, as it was. */
static void read_line(struct words *w, struct scene *scene, const char *line)
{
    if (w->count == 0)
        return;
    const char *first = w->word[0];
    line += strspn(line, " \t");
    const char *behind = line + strcspn(line, " \t");
    behind += strspn(behind, " \t");
    if (strcmp(first, "then") == 0 || strchr("+0123456789", *first) != NULL) {
        behind += strcspn(behind, " \t");
        scene_add_step(w, scene, behind + strspn(behind, " \t"));
    } else if (!read_setting(w, scene, behind)) {
        words_wrong(w, "a line does not begin with '%s'", first);
    }
    words_end(w);
}

/* ---- the whole ---- */

/* Those that play where a scene names no lanes. */
static void take_six(struct scene *scene)
{
    static const struct scene_lane six[] = {
        {"01-blocking", "01-blocking/echo_server -p {port}"},
        {"02-polling", "02-nonblocking-polling/echo_server -p {port}"},
        {"03-select", "03-select/echo_server -p {port}"},
        {"04-poll", "04-poll/echo_server -p {port}"},
        {"05-epoll", "05-epoll/echo_server -p {port}"},
        {"06-selector", "06-selectors-style/echo_server -p {port}"},
    };
    if (scene->nlanes > 0)
        return;
    memcpy(scene->lanes, six, sizeof six);
    scene->nlanes = sizeof six / sizeof *six;
}

/* What only the whole can tell. */
static const char *missing_part(const struct scene *scene)
{
    const struct conclusion *c = &scene->conclusion;
    if (scene->title == NULL)
        return "it needs a line 'title'";
    if (scene->question == NULL)
        return "it needs a line 'question'";
    if (scene->look == NULL)
        return "it needs a line 'look'";
    if (scene->nsteps == 0 || scene->steps[scene->nsteps - 1].deed != DEED_END)
        return "its last step has to be an end";
    if (scene->ncolumns == 0)
        return "it has no column: nothing would come of it";
    if (!scene->concludes || c->all == NULL || c->some == NULL || c->none == NULL)
        return "it needs a line 'conclude', and the sentences 'all', 'some' and 'none'";
    if (scene->nsizes > 0 && scene->together)
        return "with sizes it needs the line 'servers one by one'";
    return NULL;
}

static int read_lines(struct scene *scene, const char *path, char *problem)
{
    struct words w;
    char *line = scene->text, *copy = scene->lines;
    for (int number = 1; line != NULL; number++) {
        char *end = strchr(line, '\n');
        size_t size = end != NULL ? (size_t)(end - line) : strlen(line);
        line[size] = copy[size] = '\0';
        if (words_cut(&w, line)) {
            copy[w.size] = '\0'; /* without a comment */
            read_line(&w, scene, copy);
        }
        if (w.problem[0] != '\0') {
            snprintf(problem, SCENE_PROBLEM_SIZE, "%s:%d: %s", path, number, w.problem);
            return -1;
        }
        copy += size + 1;
        line = end != NULL ? end + 1 : NULL;
    }
    return 0;
}

/* A control character that is not a tab, and does not end a line. */
static bool is_control(const char *at)
{
    if (*at == '\r')
        return at[1] != '\n' && at[1] != '\0';
    return ((unsigned char)*at < ' ' && *at != '\t' && *at != '\n') || *at == 0x7F;
}

/* UTF-8 without control characters. A NUL stands behind it. */
static bool is_text(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t length = utf8_length(text + at, size - at);
        if (length == 0 || is_control(text + at))
            return false;
        at += length;
    }
    return true;
}

/* Reads a text twice into memory: one copy is cut into words, the other is shown. */
static int read_text(struct scene *scene, const char *path, FILE *file, char *problem)
{
    scene->text = calloc(1, MAX_TEXT + 2);
    scene->lines = calloc(1, MAX_TEXT + 2);
    bool is_read = file != NULL && scene->text != NULL && scene->lines != NULL;
    size_t size = is_read ? fread(scene->text, 1, MAX_TEXT + 1, file) : 0;
    if (!is_read || ferror(file))
        snprintf(problem, SCENE_PROBLEM_SIZE, "%s: cannot be read", path);
    else if (size > MAX_TEXT)
        snprintf(problem, SCENE_PROBLEM_SIZE, "%s: over %d bytes", path, MAX_TEXT);
    else if (!is_text(scene->text, size))
        snprintf(problem, SCENE_PROBLEM_SIZE, "%s: this is no text in UTF-8", path);
    if (problem[0] != '\0')
        return -1;
    memcpy(scene->lines, scene->text, size);
    return 0;
}

int scene_read_file(struct scene *scene, const char *path, FILE *file, char *problem)
{
    problem[0] = '\0';
    *scene = (struct scene){
        .place = LAST_PLACE, .together = true, .narrated = true, .patience_ms = 2000};
    if (read_text(scene, path, file, problem) == -1 ||
        read_lines(scene, path, problem) == -1)
        return -1;
    take_six(scene);
    const char *missing = missing_part(scene);
    if (missing == NULL)
        missing = scene_wrong_lane(scene);
    if (missing == NULL)
        return 0;
    snprintf(problem, SCENE_PROBLEM_SIZE, "%s: %s", path, missing);
    return -1;
}

int scene_read(struct scene *scene, const char *name, char *problem)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%.100s", SCENE_DIR, name);
    FILE *file = fopen(path, "r");
    int result = scene_read_file(scene, path, file, problem);
    snprintf(scene->name, sizeof scene->name, "%s", name);
    if (file != NULL)
        fclose(file);
    return result;
}

void scene_free(struct scene *scene)
{
    free(scene->text);
    free(scene->lines);
    scene->text = scene->lines = NULL;
}
