/* conn_table: the connections of a server, found by descriptor. */
#ifndef CONN_TABLE_H
#define CONN_TABLE_H

#include <stddef.h>

#include "conn.h"

struct conn_table {
    struct conn **by_fd; /* NULL where a descriptor is no client of ours */
    int size;            /* entries in by_fd */
    size_t count;        /* connections in the table */
};

/*
 * Makes a connection for an accepted socket and enters it. Returns it, or NULL if there
 * is no memory: the socket is then closed.
 */
struct conn *conn_table_add(struct conn_table *table, int fd);

/* The connection with this descriptor, or NULL: the stop pipe is one that has none. */
static inline struct conn *conn_table_find(const struct conn_table *table, int fd)
{
    return fd < table->size ? table->by_fd[fd] : NULL;
}

/* Takes a connection out, closes its socket and frees it. */
void conn_table_close(struct conn_table *table, struct conn *c);

/* Closes every connection and frees the table. */
void conn_table_close_all(struct conn_table *table);

#endif
