#include <string.h>

#include "../../common/options.h"
#include "scene_lines.h"

/* ---- clients ---- */

size_t scene_take_actor(struct words *w, struct scene *scene)
{
    char *name = words_take(w, "a client's name");
    if (name == NULL)
        return 0;
    char *star = strchr(name, '*');
    if (star != NULL)
        *star = '\0';
    for (size_t i = 0; i < scene->nactors; i++)
        if (strcmp(scene->actors[i].name, name) == 0)
            return i;
    words_wrong(w, "'%s' has not connected: a client's first step is 'connects'", name);
    return 0;
}

static void add_actor(struct words *w, struct scene *scene, const char *word)
{
    size_t size = strcspn(word, "*");
    const char *star = word[size] == '*' ? word + size + 1 : NULL;
    struct scene_actor *actor = &scene->actors[scene->nactors];
    if (scene->nactors == SCENE_MAX_ACTORS || size >= sizeof actor->name || size == 0) {
        words_wrong(w, "at most %d clients, with names of under %d letters",
                    SCENE_MAX_ACTORS, SCENE_NAME_SIZE);
        return;
    }
    *actor = (struct scene_actor){.count = 1};
    memcpy(actor->name, word, size);
    if (star != NULL && strcmp(star, "n") == 0) {
        actor->count = 0;
        if (scene->nsizes == 0)
            words_wrong(w, "'%s' needs a line 'sizes' before it", word);
    } else if (star != NULL) {
        long count = options_number(star, 1, SCENE_MAX_GROUP);
        if (count == -1)
            words_wrong(w, "a group is of 1 to %d clients: crowd*900, or crowd*n",
                        SCENE_MAX_GROUP);
        actor->count = (size_t)count;
    }
    scene->nactors++;
}

/* Who connects for the first time is a new client. */
static void meet_actor(struct words *w, struct scene *scene)
{
    const char *word = w->next < w->count ? w->word[w->next] : "";
    size_t size = strcspn(word, "*");
    bool connects =
        w->next + 1 < w->count && strcmp(w->word[w->next + 1], "connects") == 0;
    for (size_t i = 0; i < scene->nactors; i++)
        if (strlen(scene->actors[i].name) == size &&
            strncmp(scene->actors[i].name, word, size) == 0)
            return;
    if (connects)
        add_actor(w, scene, word);
}

/* ---- steps ---- */

/* What follows a verb: t a text, u "until" a text if it is there, z a size in bytes, n a
   number of round trips, e "every" and f "for" so many seconds, r and a a word. */
static const struct verb {
    const char *word;
    enum deed deed;
    const char *form;
} verbs[] = {
    {"connects", DEED_CONNECT, ""},    {"says", DEED_SAY, "tu"},
    {"begins", DEED_BEGIN, "t"},       {"sends", DEED_SEND, "z"},
    {"pings", DEED_PING, "n"},         {"dribbles", DEED_DRIBBLE, "te"},
    {"talks", DEED_TALK, "e"},         {"floods", DEED_FLOOD, "f"},
    {"stops", DEED_STOP_READING, "r"}, {"reads", DEED_READ_AGAIN, "a"},
    {"finishes", DEED_FINISH, ""},     {"closes", DEED_CLOSE, ""},
    {"resets", DEED_RESET, ""},
};

static void take_part(struct words *w, struct step *step, char form)
{
    enum { MOST_ROUND_TRIPS = 100000 };
    if (form == 't')
        step->text = words_take(w, "a text");
    if (form == 't' && step->text != NULL && step->text[0] == '\0')
        words_wrong(w, "the text is empty");
    if (form == 'u' && words_take_if(w, "until"))
        step->until = words_take(w, "the text to wait for");
    if (form == 'z')
        step->size = words_take_bytes(w);
    if (form == 'n')
        step->size = (size_t)words_take_number(w, "the number of round trips", 1,
                                               MOST_ROUND_TRIPS);
    if (form == 'e' || form == 'f') {
        words_take_this(w, form == 'e' ? "every" : "for");
        step->period_ms = words_take_seconds(w, "the time");
        if (step->period_ms < 1)
            words_wrong(w, "the time is a thousandth of a second at least");
    }
    if (form == 'r' || form == 'a')
        words_take_this(w, form == 'r' ? "reading" : "again");
}

static void take_deed(struct words *w, struct step *step)
{
    const char *word = words_take(w, "what the client does");
    for (size_t i = 0; word != NULL && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].word, word) != 0)
            continue;
        step->deed = verbs[i].deed;
        for (const char *form = verbs[i].form; *form != '\0'; form++)
            take_part(w, step, *form);
        return;
    }
    if (word != NULL)
        words_wrong(w, "no client can do '%s'", word);
}

static void take_when(struct words *w, struct scene *scene, struct step *step)
{
    if (words_take_if(w, "then")) {
        step->when = STEP_THEN;
        return;
    }
    char *word = w->word[w->next];
    step->when = *word == '+' ? STEP_AFTER : STEP_AT;
    w->word[w->next] += *word == '+';
    step->due_ms = words_take_seconds(w, "the time");
    if (step->when == STEP_AFTER || scene->nsteps == 0)
        return;
    const struct step *last = &scene->steps[scene->nsteps - 1];
    if (last->when != STEP_AT)
        words_wrong(w, "after 'then' or '+' the steps begin with 'then' or '+' too");
    else if (step->due_ms < last->due_ms)
        words_wrong(w, "this comes before the step that stands in front of it");
}

void scene_add_step(struct words *w, struct scene *scene, const char *line)
{
    struct step *step = &scene->steps[scene->nsteps];
    if (scene->nsteps == SCENE_MAX_STEPS) {
        words_wrong(w, "over %d steps", SCENE_MAX_STEPS);
        return;
    }
    if (scene->nsteps > 0 && step[-1].deed == DEED_END) {
        words_wrong(w, "the scene has ended before");
        return;
    }
    *step = (struct step){.line = line};
    take_when(w, scene, step);
    if (words_take_if(w, "end")) {
        step->deed = DEED_END;
    } else {
        meet_actor(w, scene);
        step->actor = scene_take_actor(w, scene);
        take_deed(w, step);
    }
    scene->nsteps++;
}
