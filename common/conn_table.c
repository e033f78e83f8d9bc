#include "conn_table.h"

#include <stdlib.h>
#include <unistd.h>

/* Makes room for descriptor fd. The kernel gives the lowest free number, so the table is
   hardly larger than the number of clients. */
static int make_room(struct conn_table *table, int fd)
{
    if (fd < table->size)
        return 0;
    int size = table->size == 0 ? 64 : table->size;
    while (size <= fd)
        size *= 2;
    struct conn **by_fd = realloc(table->by_fd, (size_t)size * sizeof *by_fd);
    if (by_fd == NULL)
        return -1;
    for (int i = table->size; i < size; i++)
        by_fd[i] = NULL;
    table->by_fd = by_fd;
    table->size = size;
    return 0;
}

struct conn *conn_table_add(struct conn_table *table, int fd)
{
    struct conn *c = malloc(sizeof *c);
    if (c == NULL || make_room(table, fd) == -1) {
        free(c);
        close(fd);
        return NULL;
    }
    conn_init(c, fd);
    table->by_fd[fd] = c;
    table->count++;
    return c;
}

void conn_table_close(struct conn_table *table, struct conn *c)
{
    table->by_fd[c->fd] = NULL;
    table->count--;
    conn_close(c);
    free(c);
}

void conn_table_close_all(struct conn_table *table)
{
    for (int fd = 0; fd < table->size; fd++)
        if (table->by_fd[fd] != NULL)
            conn_table_close(table, table->by_fd[fd]);
    free(table->by_fd);
    table->by_fd = NULL;
    table->size = 0;
}
