#include "link.h"

#include <stdio.h>
#include <sys/socket.h>

#include "../../common/die.h"
#include "../../common/net.h"

int link_open(int port)
{
    char text[8];
    snprintf(text, sizeof text, "%d", port);
    int fd = net_connect("127.0.0.1", text);
    if (fd == -1)
        die_errno("127.0.0.1:%d", port);
    return fd;
}

void link_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    net_close(fd);
}
