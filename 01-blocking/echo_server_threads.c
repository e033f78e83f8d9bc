/*
 * Lesson 01, second half: blocking calls, one thread a client.
 *
 * New:   accept in one thread, serve in another: nobody waits for a silent client, and
 * the loop for one client, serve.c, stays as it was. Price: a stack and a thread of the
 * kernel for each client, also for a silent one; and with the first data that two clients
 * share come locks. Run:   01-blocking/echo_server_threads
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/die.h"
#include "../common/io_status.h"
#include "../common/net.h"
#include "../common/options.h"
#include "../common/stop.h"
#include "serve.h"

enum { DEFAULT_PORT = 9001, STACK_SIZE = 128 * 1024, NAP_MS = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t client_left = PTHREAD_COND_INITIALIZER;
static size_t nclients, max_clients; /* nclients is guarded by lock */

/* At the limit this waits until a client has left; others wait in the backlog. */
static void take_place(void)
{
    pthread_mutex_lock(&lock);
    while (nclients == max_clients)
        pthread_cond_wait(&client_left, &lock);
    nclients++;
    pthread_mutex_unlock(&lock);
}

static void leave_place(void)
{
    pthread_mutex_lock(&lock);
    nclients--;
    pthread_cond_signal(&client_left);
    pthread_mutex_unlock(&lock);
}

static void *client_thread(void *argument)
{
    serve_client((int)(intptr_t)argument);
    leave_place();
    return NULL;
}

/* Out of threads is like out of descriptors: wait until a client has left, with this
   one's connection open. */
static void start_thread(int fd, const pthread_attr_t *attributes)
{
    pthread_t thread;
    while (pthread_create(&thread, attributes, client_thread, (void *)(intptr_t)fd) != 0)
        clock_nap(NAP_MS);
}

static void init_attributes(pthread_attr_t *attributes)
{
    size_t size = STACK_SIZE;
    if (size < (size_t)PTHREAD_STACK_MIN)
        size = (size_t)PTHREAD_STACK_MIN;
    pthread_attr_init(attributes);
    pthread_attr_setdetachstate(attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(attributes, size);
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv, DEFAULT_PORT, NULL);
    stop_exit_at_once();
    max_clients = options.max_clients;
    pthread_attr_t attributes;
    init_attributes(&attributes);
    int listen_fd = net_listen_and_announce(options.address, options.port);

    for (;;) {
        take_place();
        int fd = accept(listen_fd, NULL, NULL);
        if (fd != -1) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            start_thread(fd, &attributes);
            continue;
        }
        leave_place();
        call_again(IO_ACCEPT, errno);
    }
}
