/* selector_change: what a failed change of the interest means for a program. */
#ifndef SELECTOR_CHANGE_H
#define SELECTOR_CHANGE_H

#include "selector.h"

/*
 * Takes the result of selector_register, selector_modify or selector_unregister and
 * returns it. But if it is -1 because the program's books are wrong (io_status on
 * epoll_ctl or kevent says so), that ends the program: to go on would hide it. A shortage
 * is the caller's business. poll and select have no call for a change, and so no mistake.
 */
int selector_change(const struct selector *s, int result);

#endif
