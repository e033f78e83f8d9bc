/* table: prints what came of a scene: figures, the conclusion, and what went wrong. */
#ifndef TABLE_H
#define TABLE_H

struct json_value;

/* Prints an event of the record, if it is one of those that the table is made of. */
void table_take(const struct json_value *event);

#endif
