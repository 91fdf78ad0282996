/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of a story's own, and what is in them. */
#ifndef FOLDER_H
#define FOLDER_H

#include "host.h"

typedef struct folder {
    char path[128];
} folder_t;

/* In memory, where there is a place for it; mode 0700. */
folder_t folder_make(void);
/* One on a disk, or where else temporary files are. */
folder_t folder_make_in(const char *parent);
/* For the end of a group: all that this process made go, with what is in them. */
int folders_teardown(void **state);

/* How many names begin so. */
size_t folder_count(const folder_t *folder, const char *prefix);
/* The path of the one name that begins and ends so, which there has to be. */
folder_t folder_find(const folder_t *folder, const char *prefix, const char *suffix);
/* The path of that name. */
folder_t folder_at(const folder_t *folder, const char *name);

/* Of this process. */
int count_descriptors(void);

/* All of a file, which the caller frees. */
char *file_read(const char *path, size_t *size);
/* A file of mode 0600 with these bytes, in the place of what is there. */
void file_write(const char *path, const void *bytes, size_t size);

/* For a child of the test's, in an empty folder: from here on that is a file system which is full at so many bytes, for
 * this process and its children. Again: another limit. False: the machine does not allow that. */
bool folder_limit(const folder_t *folder, uint64_t bytes);
/* So many bytes a file, of any: past it the kernel sends a signal. */
void file_limit(uint64_t bytes);

#endif
