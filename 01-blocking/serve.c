#include "serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"

enum { BUFFER_SIZE = 16 * 1024, NAP_MS = 10 };

bool call_again(enum io_call call, int error)
{
    switch (io_verdict(call, error)) {
    case IO_RETRY_NOW:
    case IO_RETRY_WHEN_READY:
    case IO_PENDING:
        return true;
    case IO_RETRY_LATER:
    case IO_ERROR_BACK_OFF:
        clock_nap(NAP_MS);
        return true;
    case IO_ERROR_CONNECTION:
        return false;
    case IO_ERROR_MISTAKE:
        break;
    }
    die_mistake(call, error);
}

int send_all(int fd, const char *bytes, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        ssize_t n = send(fd, bytes + sent, size - sent, 0);
        if (n >= 0)
            sent += (size_t)n;
        else if (!call_again(IO_SEND, errno))
            return -1;
    }
    return 0;
}

void serve_client(int fd)
{
    char buffer[BUFFER_SIZE];
    int on = 1;
    /* Without this a small echo may wait for the acknowledgement of the last (tcp(7)). */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    for (;;) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n == 0)
            break;
        if (n == -1 && !call_again(IO_RECV, errno))
            break;
        if (n > 0 && send_all(fd, buffer, (size_t)n) == -1)
            break;
    }
    if (close(fd) == -1 && io_verdict(IO_CLOSE, errno) == IO_ERROR_MISTAKE)
        die_mistake(IO_CLOSE, errno);
}
