/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who looks at another process' context: knows the names of its memory files and lkstats_slab.h, and
 * nothing else. Whatever is missing ends the process with a message. */
#ifndef VIEWER_H
#define VIEWER_H

#include <stdbool.h>
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
/* NULL: there is none with this index. */
const lkstats_slab_record_t *viewer_record(viewer_t *viewer, uint32_t index);
/* What was counted on an open slot, at first sight. */
lkstats_traffic_t viewer_glance(const lkstats_slab_slot_t *slot);

/* ---- Epochs ------------------------------------------------------------------------------------- */

/* The longest part of an identity that valid strings make is shorter. */
enum { VIEWER_PART_MAX = 2048 };

/* A copy of an epoch record, with those parts of its identity that it says are known. */
typedef struct viewer_epoch {
    lkstats_slab_record_t record;
    uint8_t connection[VIEWER_PART_MAX];
    uint8_t room[VIEWER_PART_MAX];
    uint8_t participant[VIEWER_PART_MAX];
} viewer_epoch_t;

/* Copies a handle's epochs, the newest first, and hands back how many: what is reported and acknowledged is
 * gone. While the host goes on with the handle only the newest can be relied on. */
size_t viewer_epochs(viewer_t *viewer, lkstats_track_t track, viewer_epoch_t *epochs, size_t most);
/* False: this was no record any more while it was read. */
bool viewer_read(viewer_t *viewer, uint32_t index, viewer_epoch_t *epoch);
/* Copies part.size bytes to out; false: they are not all there. */
bool viewer_part(viewer_t *viewer, const lkstats_slab_record_t *record, const lkstats_slab_part_t *part,
                 uint8_t *out);

bool viewer_has(const lkstats_slab_record_t *record, uint64_t bit);
int32_t viewer_channel(const lkstats_slab_record_t *record);
/* How often room and participant were forgotten, modulo 2^16. */
uint32_t viewer_forgotten(const lkstats_slab_record_t *record);
uint32_t viewer_sequence(const lkstats_slab_record_t *record);
const lkstats_slab_snapshot_t *viewer_acknowledged(const lkstats_slab_record_t *record);
const lkstats_slab_snapshot_t *viewer_pending(const lkstats_slab_record_t *record);
/* The newest totals that are written down, by the rule of lkstats_slab.h: of an epoch that is over its final
 * ones. */
lkstats_traffic_t viewer_written(const lkstats_slab_record_t *record);
bool viewer_is_room(const viewer_epoch_t *epoch, const char *sid);
lkstats_traffic_t viewer_difference(lkstats_traffic_t now, lkstats_traffic_t since);

/* ---- Asserts ------------------------------------------------------------------------------------ */

void viewer_assert_same(lkstats_traffic_t actual, lkstats_traffic_t expected);
void viewer_assert_connection(const viewer_epoch_t *epoch, lkstats_string_t country, lkstats_string_t tenant);
void viewer_assert_room(const viewer_epoch_t *epoch, lkstats_string_t sid, lkstats_string_t name);
void viewer_assert_participant(const viewer_epoch_t *epoch, lkstats_string_t sid, lkstats_string_t identity,
                               lkstats_string_t track_id);
/* What the record says of its pending snapshot is what the report says. */
void viewer_assert_report(const lkstats_slab_record_t *record, const lkstats_record_t *report);

/* ---- Another process ---------------------------------------------------------------------------- */

/* Runs this program again with this process and the track as its two arguments, and waits for what it tells. */
void viewer_elsewhere(lkstats_track_t track, void *sight, size_t size);
/* There, as main's answer. */
int viewer_tell(const void *sight, size_t size);

#endif
