#include "repertoire.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../06-selectors-style/apps/json_writer.h"
#include "../../common/die.h"
#include "scene.h"

static struct entry {
    char name[SCENE_NAME_SIZE];
    long place;
    char *title, *question;
} entries[REPERTOIRE_MAX];
static size_t nentries;
static struct buffer json;

/* Those without a place come last, by their names. */
static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void forget(void)
{
    for (size_t i = 0; i < nentries; i++) {
        free(entries[i].title);
        free(entries[i].question);
    }
    nentries = 0;
}

static void add(const char *name)
{
    static struct scene scene;
    char problem[SCENE_PROBLEM_SIZE];
    struct entry *entry = &entries[nentries];
    if (nentries == REPERTOIRE_MAX || strlen(name) >= SCENE_NAME_SIZE) {
        warn("%s/%s: left out: at most %d scenes, with names of under %d letters",
             SCENE_DIR, name, REPERTOIRE_MAX, SCENE_NAME_SIZE);
        return;
    }
    if (scene_read(&scene, name, problem) == -1) {
        warn("%s", problem);
    } else {
        strcpy(entry->name, name);
        entry->place = scene.place;
        entry->title = strdup(scene.title);
        entry->question = strdup(scene.question);
        if (entry->title == NULL || entry->question == NULL)
            die("no memory for the scenes");
        nentries++;
    }
    scene_free(&scene);
}

static void read_all(void)
{
    const struct dirent *file;
    DIR *dir = opendir(SCENE_DIR);
    if (dir == NULL)
        die("%s is not here: run it in the folder of the Makefile", SCENE_DIR);
    forget();
    while ((file = readdir(dir)) != NULL)
        if (strpbrk(file->d_name, ".~") == NULL) /* no hidden file, and no backup */
            add(file->d_name);
    closedir(dir);
    qsort(entries, nentries, sizeof *entries, compare);
}

size_t repertoire_read(const char *names[REPERTOIRE_MAX])
{
    read_all();
    for (size_t i = 0; i < nentries; i++)
        names[i] = entries[i].name;
    return nentries;
}

bool repertoire_has_file(const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%.100s", SCENE_DIR, name);
    return strchr(name, '/') == NULL && access(path, F_OK) == 0;
}

const char *repertoire_json(void)
{
    buffer_clear(&json);
    json_put_open(&json, NULL, '[');
    for (size_t i = 0; i < nentries; i++) {
        json_put_open(&json, NULL, '{');
        json_put_text(&json, "name", entries[i].name);
        json_put_text(&json, "title", entries[i].title);
        json_put_text(&json, "question", entries[i].question);
        json_put_close(&json, '}');
    }
    json_put_close(&json, ']');
    buffer_add(&json, "", 1); /* the NUL */
    return json.failed ? "[]" : buffer_first(&json);
}

void repertoire_close(void)
{
    forget();
    buffer_free(&json);
}
