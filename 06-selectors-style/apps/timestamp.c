#include "timestamp.h"

#include <stdio.h>
#include <time.h>

const char *timestamp_now(char text[TIMESTAMP_SIZE])
{
    struct timespec now;
    struct tm utc;
    char date[TIMESTAMP_SIZE];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, TIMESTAMP_SIZE, "%.20s.%03dZ", date, (int)(now.tv_nsec / 1000000));
    return text;
}
