/*
 * report: the page and what it shows, as one HTML file that needs no server: the record
 * of each scene stands in it, and so do style and script.
 */
#ifndef REPORT_H
#define REPORT_H

/* Adds the scene that was played last. */
void report_add(void);

/* Writes the file, from the page in this directory. Dies on failure. */
void report_write(const char *path, const char *page_dir);

#endif
