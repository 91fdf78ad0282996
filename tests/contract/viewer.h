/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who looks at another process' context: knows the names of its memory files and lkstats_slab.h, and
 * nothing else. Whatever is missing ends the process with a message. */
#ifndef VIEWER_H
#define VIEWER_H

#include <stddef.h>
#include <stdint.h>

#include "lkstats_slab.h"

enum { VIEWER_UUID_SIZE = 36 };

typedef struct viewer {
    long pid;
    char uuid[VIEWER_UUID_SIZE + 1];
    const lkstats_slab_directory_t *directory;
    const void *slots[LKSTATS_SLAB_CHUNKS_MAX];
    const void *records[LKSTATS_SLAB_CHUNKS_MAX];
} viewer_t;

/* Finds the one context that the process has open. */
void viewer_start(viewer_t *viewer, long pid);
void viewer_stop(viewer_t *viewer);

/* Opens a memory file of that process' again: what is the "dir" of "lkstats:<uuid>:dir". -1: there is none.
 */
int viewer_open(const viewer_t *viewer, const char *what, int flags);
/* How many of a process' descriptors are memory files of ours, and how many of those an exec would keep. */
typedef struct viewer_files {
    int count;
    int kept_by_exec; /* of this process only */
} viewer_files_t;
viewer_files_t viewer_files(long pid);

const lkstats_slab_slot_t *viewer_slot(viewer_t *viewer, lkstats_track_t track);
const lkstats_slab_record_t *viewer_record(viewer_t *viewer, uint32_t index);
/* Copies part.size bytes to out. */
void viewer_identity(viewer_t *viewer, const lkstats_slab_record_t *record, const lkstats_slab_part_t *part,
                     uint8_t *out);
/* What was counted on an open slot, at first sight. */
lkstats_traffic_t viewer_glance(const lkstats_slab_slot_t *slot);

#endif
