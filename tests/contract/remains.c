/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "remains.h"

static void *take(const folder_t *folder, const char *what, size_t *size) {
    const folder_t path = folder_find(folder, "lkstats:", what);
    void *const bytes = file_read(path.path, size);
    require(unlink(path.path) == 0);
    return bytes;
}

remains_t remains_make(life_t life, void *argument) {
    remains_t remains;
    const folder_t folder = folder_make();
    dead_make_with(&folder, (lkstats_options_t){.max_tracks = 16}, life, argument);
    const folder_t directory = folder_find(&folder, "lkstats:", ":dir");
    snprintf(remains.uuid, sizeof remains.uuid, "%s", strrchr(directory.path, '/') + sizeof "lkstats:");
    require(folder_count(&folder, "lkstats:") == 3);
    remains.directory = take(&folder, ":dir", &remains.directory_size);
    remains.slots = take(&folder, ":slots0", &remains.slots_size);
    remains.records = take(&folder, ":records0", &remains.records_size);
    return remains;
}

static void *copy_of(const void *bytes, size_t size) {
    void *const copy = malloc(size);
    require(copy != NULL);
    return memcpy(copy, bytes, size);
}

remains_t remains_copy(const remains_t *remains) {
    remains_t copy = *remains;
    copy.directory = copy_of(remains->directory, remains->directory_size);
    copy.slots = copy_of(remains->slots, remains->slots_size);
    copy.records = copy_of(remains->records, remains->records_size);
    return copy;
}

void remains_free(remains_t *remains) {
    free(remains->directory);
    free(remains->slots);
    free(remains->records);
}

const char *remains_name(const remains_t *remains, const char *what) {
    static char name[80];
    snprintf(name, sizeof name, "lkstats:%s:%s", remains->uuid, what);
    return name;
}

void remains_lay(const remains_t *remains, const folder_t *folder) {
    file_write(folder_at(folder, remains_name(remains, "slots0")).path, remains->slots, remains->slots_size);
    file_write(folder_at(folder, remains_name(remains, "records0")).path, remains->records,
               remains->records_size);
    file_write(folder_at(folder, remains_name(remains, "dir")).path, remains->directory,
               remains->directory_size);
}

lkstats_slab_slot_t *remains_slot(const remains_t *remains, uint32_t index) {
    const lkstats_slab_chunk_t *const chunk = remains->directory->slots;
    require(index >= chunk->first && index - chunk->first < chunk->count);
    return remains->slots + (index - chunk->first);
}

lkstats_slab_record_t *remains_record(const remains_t *remains, uint32_t index) {
    const lkstats_slab_chunk_t *const chunk = remains->directory->records;
    require(index >= chunk->first && index - chunk->first < chunk->count);
    return remains->records + (index - chunk->first);
}
