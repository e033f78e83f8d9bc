#include "selector_change.h"

#include <errno.h>

#include "../common/die.h"

int selector_change(const struct selector *s, int result)
{
    enum io_call call = selector_wait_call(s);
    if (call == IO_EPOLL_WAIT)
        call = IO_EPOLL_CTL;
    if (result == -1 && (call == IO_EPOLL_CTL || call == IO_KEVENT) &&
        io_verdict(call, errno) == IO_ERROR_MISTAKE)
        die_mistake(call, errno);
    return result;
}
