#include "report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../common/die.h"
#include "page_file.h"
#include "record.h"

enum { NAME_SIZE = 64 };

static struct buffer scenes; /* the inside of a JSON array, an array a scene */

/* "<" is written so that no text in the record can end the script element that it stands
   in (the HTML standard, 4.12.1.3). */
static void add_escaped(struct buffer *out, const char *bytes, size_t size)
{
    for (const char *end = bytes + size; bytes < end;) {
        const char *found = memchr(bytes, '<', (size_t)(end - bytes));
        buffer_add(out, bytes, (size_t)((found != NULL ? found : end) - bytes));
        if (found != NULL)
            buffer_add_text(out, "\\u003c");
        bytes = found != NULL ? found + 1 : end;
    }
}

void report_add(void)
{
    struct record_place place = {0};
    size_t size;
    const char *event;
    buffer_add_text(&scenes, buffer_size(&scenes) > 0 ? ",\n[" : "[");
    for (bool is_first = true; (event = record_next(&place, &size)) != NULL;) {
        buffer_add_text(&scenes, is_first ? "\n" : ",\n");
        add_escaped(&scenes, event, size);
        is_first = false;
    }
    buffer_add_text(&scenes, "\n]");
}

/* The file that a line refers to: what stands between this head and this end. */
static bool find_file(const char *line, size_t size, const char *head, const char *end,
                      char *name)
{
    size_t nhead = strlen(head), nend = strlen(end);
    if (size < nhead + nend || size - nhead - nend >= NAME_SIZE ||
        memcmp(line, head, nhead) != 0 || memcmp(line + size - nend, end, nend) != 0)
        return false;
    size_t nname = size - nhead - nend;
    memcpy(name, line + nhead, nname);
    name[nname] = '\0';
    return true;
}

static void add_record(struct buffer *out)
{
    buffer_add_text(out, "<script type=\"application/json\" id=\"recorded\">[");
    if (buffer_size(&scenes) > 0)
        buffer_add(out, buffer_first(&scenes), buffer_size(&scenes));
    buffer_add_text(out, "]</script>\n");
}

/* Where the page refers to a file, the file itself stands in the report; before the first
   script the record. */
static void add_line(struct buffer *out, const char *line, size_t size, const char *dir)
{
    static bool has_record;
    char name[NAME_SIZE];
    bool is_style =
        find_file(line, size, "<link rel=\"stylesheet\" href=\"", "\">", name);
    bool is_script =
        !is_style && find_file(line, size, "<script src=\"", "\" defer></script>", name);
    if (!is_style && !is_script) {
        buffer_add(out, line, size + 1);
        return;
    }
    if (is_script && !has_record)
        add_record(out);
    has_record = has_record || is_script;
    buffer_add_text(out, is_style ? "<style>\n" : "<script>\n");
    page_file_add(out, dir, name);
    buffer_add_text(out, is_style ? "</style>\n" : "</script>\n");
}

void report_write(const char *path, const char *page_dir)
{
    struct buffer page = {0}, out = {0};
    page_file_add(&page, page_dir, "index.html");
    buffer_add_text(&page, "\n");
    const char *end = page.failed ? NULL : buffer_first(&page) + buffer_size(&page);
    for (const char *line = end == NULL ? NULL : buffer_first(&page); line != end;) {
        size_t size = (size_t)((char *)memchr(line, '\n', (size_t)(end - line)) - line);
        add_line(&out, line, size, page_dir);
        line += size + 1;
    }
    if (page.failed || out.failed || scenes.failed)
        die("no memory for the report");
    FILE *file = fopen(path, "w");
    if (file == NULL)
        die_errno("%s", path);
    fwrite(buffer_first(&out), 1, buffer_size(&out), file);
    if (ferror(file) || fclose(file) != 0)
        die_errno("%s", path);
    buffer_free(&page);
    buffer_free(&out);
    buffer_free(&scenes);
}
