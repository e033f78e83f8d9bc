#include "selector_option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/die.h"

enum { EXIT_USAGE = 2 };

struct selector *selector_option_open(const char *name)
{
    struct selector *selector = selector_open(name);
    if (selector != NULL)
        return selector;
    if (name == NULL || errno != EINVAL)
        die_errno("selector %s", name != NULL ? name : "");
    char names[128] = "";
    for (size_t i = 0; selector_backend_name(i) != NULL; i++)
        strcat(strcat(names, " "), selector_backend_name(i));
    warn("-s: there is no backend '%s' here, but:%s", name, names);
    exit(EXIT_USAGE);
}
