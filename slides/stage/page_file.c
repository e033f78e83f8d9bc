#include "page_file.h"

#include <stdio.h>

#include "../../06-selectors-style/apps/buffer.h"
#include "../../common/die.h"

enum { PATH_SIZE = 1024 };

void page_file_add(struct buffer *out, const char *dir, const char *name)
{
    char path[PATH_SIZE], bytes[BUFSIZ];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die_errno("%s", path);
    for (size_t nread; (nread = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_add(out, bytes, nread);
    if (ferror(file) || out->failed)
        die_errno("%s", path);
    fclose(file);
}
