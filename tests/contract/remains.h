/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a dead context as bytes: to change some, and to lay them before an heir again and again. */
#ifndef REMAINS_H
#define REMAINS_H

#include "lkstats_slab.h"

#include "dead.h"

typedef struct remains {
    char uuid[37];
    lkstats_slab_directory_t *directory;
    lkstats_slab_slot_t *slots;
    lkstats_slab_record_t *records;
    size_t directory_size, slots_size, records_size; /* bytes */
} remains_t;

/* Of a host that lived so; its context has room for a few tracks. Has one chunk of each kind. */
remains_t remains_make(life_t life, void *argument);
remains_t remains_copy(const remains_t *remains);
void remains_free(remains_t *remains);
/* Writes the files, in the place of those that are there. */
void remains_lay(const remains_t *remains, const folder_t *folder);
/* The name of "dir", "slots0" or "records0". */
const char *remains_name(const remains_t *remains, const char *what);

/* The slot of index, and its newest record. */
lkstats_slab_slot_t *remains_slot(const remains_t *remains, uint32_t index);
lkstats_slab_record_t *remains_record(const remains_t *remains, uint32_t index);

#endif
