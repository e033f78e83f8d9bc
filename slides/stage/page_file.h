/* page_file: the files that the page is made of. */
#ifndef PAGE_FILE_H
#define PAGE_FILE_H

struct buffer;

/* Adds a file of this directory to the buffer. Dies if it cannot be read. */
void page_file_add(struct buffer *out, const char *dir, const char *name);

#endif
