/* timestamp: the time of day as the protocols write it. */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

enum { TIMESTAMP_SIZE = 32 };

/* Writes now in UTC, "2026-11-21T08:30:00.123Z", into text. Returns text. */
const char *timestamp_now(char text[TIMESTAMP_SIZE]);

#endif
