/*
 * scene: a text that is accepted gives a scene that can be played: all that its steps and
 * measures point to is there. It is the same with comments and blanks between its words.
 * What is refused has a reason, which is a line and names the line.
 */
#include "../../slides/stage/scene.h"

#include <stdlib.h>
#include <string.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../06-selectors-style/apps/utf8.h"
#include "fuzz.h"

enum { MOST_TEXT = 64 * 1024 };

/* ---- what can be played ---- */

static void check_step(const struct scene *scene, const struct step *step, double last_ms)
{
    bool needs_text =
        step->deed == DEED_SAY || step->deed == DEED_BEGIN || step->deed == DEED_DRIBBLE;
    bool needs_size = step->deed == DEED_SEND || step->deed == DEED_PING;
    bool needs_time =
        step->deed == DEED_DRIBBLE || step->deed == DEED_TALK || step->deed == DEED_FLOOD;
    fuzz_need(step->deed == DEED_END || step->actor < scene->nactors,
              "a step has a client");
    fuzz_need(!needs_text || (step->text != NULL && step->text[0] != '\0'),
              "what is said is there");
    fuzz_need(!needs_size || step->size > 0, "what is sent has a size");
    fuzz_need(!needs_time || step->period_ms >= 1, "what takes time has a time");
    fuzz_need(step->when != STEP_AT || step->due_ms >= last_ms, "the steps are in order");
    fuzz_need(step->due_ms >= 0 && step->due_ms <= 3600 * 1000, "a step is due");
    fuzz_need(step->line >= scene->lines && step->line <= scene->lines + MOST_TEXT,
              "a step has its own words");
    fuzz_need(strpbrk(step->line, "\r\n") == NULL, "what is shown of a step is a line");
}

static void check_steps(const struct scene *scene)
{
    double last_ms = 0;
    fuzz_need(scene->nsteps > 0 && scene->nsteps <= SCENE_MAX_STEPS, "there are steps");
    for (size_t i = 0; i < scene->nsteps; i++) {
        const struct step *step = &scene->steps[i];
        check_step(scene, step, last_ms);
        fuzz_need((step->deed == DEED_END) == (i == scene->nsteps - 1),
                  "the last step is the end, and no other");
        if (step->when == STEP_AT)
            last_ms = step->due_ms;
    }
}

static void check_measures(const struct scene *scene)
{
    size_t count = 0;
    char text[MEASURE_TEXT_SIZE];
    for (const struct measure *m; (m = scene_measure(scene, count)) != NULL; count++) {
        fuzz_need(!measure_has_actor(m->what) || m->actor < scene->nactors,
                  "a measure has a client");
        fuzz_need(m->what != MEASURE_HEARS || m->text != NULL, "what is heard is there");
        fuzz_need(!m->growth || scene->nsizes >= 2, "what grows has two sizes");
        measure_text(m, 1234.5, text);
    }
    fuzz_need(count <= SCENE_MAX_MEASURES, "there is room for all measures");
}

static void check_scene(const struct scene *scene)
{
    check_steps(scene);
    check_measures(scene);
    fuzz_need(scene->title != NULL && scene->question != NULL && scene->look != NULL,
              "a scene says what it is about");
    fuzz_need(scene->nlanes > 0 && scene->nlanes <= SCENE_MAX_LANES, "there are lanes");
    for (size_t i = 0; i < scene->nlanes; i++)
        fuzz_need(scene->lanes[i].command != NULL, "a lane has a server");
    for (size_t i = 0; i < scene->nactors; i++)
        for (size_t round = 0; round < scene_rounds(scene); round++)
            fuzz_need(scene_group_size(scene, i, round) - 1 < SCENE_MAX_GROUP,
                      "a group is of somebody, and not too large");
    fuzz_need(scene_most_clients(scene) <= (size_t)SCENE_MAX_ACTORS * SCENE_MAX_GROUP,
              "there is a limit to clients");
    fuzz_need(scene_limit_ms(scene) >= scene_length_ms(scene),
              "it ends within its limit");
}

/* ---- the same with other blanks ---- */

/* Each line with blanks and a comment behind it, and a comment in front of it. */
static void add_comments(struct buffer *out, const char *bytes, size_t size)
{
    for (size_t at = 0; at <= size;) {
        const char *end = at < size ? memchr(bytes + at, '\n', size - at) : NULL;
        size_t length = end != NULL ? (size_t)(end - bytes) - at : size - at;
        bool has_return = length > 0 && bytes[at + length - 1] == '\r';
        buffer_add_text(out, "# \"\n\t ");
        buffer_add(out, bytes + at, length - has_return);
        buffer_add_text(out, " \t# so\r\n");
        at += length + 1;
    }
}

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same_step(const struct step *a, const struct step *b)
{
    return a->when == b->when && a->deed == b->deed && a->due_ms == b->due_ms &&
           a->actor == b->actor && is_same_text(a->text, b->text) &&
           is_same_text(a->until, b->until) && a->size == b->size &&
           a->period_ms == b->period_ms && is_same_text(a->line, b->line);
}

static bool is_same(const struct scene *a, const struct scene *b)
{
    bool same = a->place == b->place && is_same_text(a->title, b->title) &&
                is_same_text(a->look, b->look) && a->together == b->together &&
                a->is_lines == b->is_lines && a->descriptors == b->descriptors &&
                a->patience_ms == b->patience_ms && a->nsizes == b->nsizes &&
                a->nlanes == b->nlanes && a->nactors == b->nactors &&
                a->nsteps == b->nsteps && a->ncolumns == b->ncolumns &&
                a->nexpectations == b->nexpectations;
    for (size_t i = 0; same && i < a->nsteps; i++)
        same = is_same_step(&a->steps[i], &b->steps[i]);
    for (size_t i = 0; same && i < a->nexpectations; i++)
        same = is_same_text(a->expectations[i].text, b->expectations[i].text);
    return same;
}

/* ---- reading ---- */

static bool read_scene(struct scene *scene, char *bytes, size_t size, char *problem)
{
    FILE *file = size > 0 ? fmemopen(bytes, size, "r") : tmpfile();
    fuzz_need(file != NULL, "there is memory");
    int result = scene_read_file(scene, "scene", file, problem);
    fclose(file);
    return result == 0;
}

static void check_problem(const char *problem)
{
    size_t size = strlen(problem);
    fuzz_need(size < SCENE_PROBLEM_SIZE, "there is room for the problem");
    fuzz_need(strncmp(problem, "scene:", 6) == 0, "a problem names the file");
    fuzz_need(strchr(problem, '\n') == NULL, "a problem is one line");
}

/* ---- what is said ---- */

/* May these bytes stand between quotes? */
static bool is_sayable(const char *bytes, size_t size)
{
    size_t at = 0, length = 1;
    while (at < size && length > 0 && (unsigned char)bytes[at] >= ' ' &&
           bytes[at] != 0x7F)
        at += length = utf8_length(bytes + at, size - at);
    return size > 0 && at == size && length > 0;
}

/* The bytes as what a client says in a good scene: it says just these. */
static void check_saying(struct scene *scene, const char *bytes, size_t size,
                         char *problem)
{
    static const char head[] =
        "title a\nquestion b\nlook c\n0 ann connects\n0 ann says \"";
    static const char tail[] = "\"\n1 end\ncolumn d cpu\nconclude cpu over 1\n"
                               "all e\nsome f\nnone g\n";
    struct buffer text = {0};
    if (!is_sayable(bytes, size))
        return;
    buffer_add_text(&text, head);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            buffer_add_text(&text, "\\");
        buffer_add(&text, bytes + i, 1);
    }
    buffer_add_text(&text, tail);
    fuzz_need(read_scene(scene, buffer_first(&text), buffer_size(&text), problem) &&
                  scene->nsteps == 3 && strlen(scene->steps[1].text) == size &&
                  memcmp(scene->steps[1].text, bytes, size) == 0,
              "a client says what is written");
    scene_free(scene);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene, other;
    static char problem[SCENE_PROBLEM_SIZE];
    struct buffer commented = {0};
    char *bytes = fuzz_copy(data, size);
    bool is_good = read_scene(&scene, bytes, size, problem);
    if (is_good)
        check_scene(&scene);
    else
        check_problem(problem);
    add_comments(&commented, bytes, size);
    if (buffer_size(&commented) <= MOST_TEXT) {
        bool is_still = read_scene(&other, buffer_first(&commented),
                                   buffer_size(&commented), problem);
        fuzz_need(is_still == is_good && (!is_good || is_same(&scene, &other)),
                  "a scene with comments is the same");
        scene_free(&other);
    }
    check_saying(&other, bytes, size, problem);
    scene_free(&scene);
    buffer_free(&commented);
    free(bytes);
    return 0;
}
