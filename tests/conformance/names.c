/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more item. */
static void *with_room(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return items;
    *room = *room ? 2 * *room : 16;
    items = realloc(items, *room * size);
    if (!items) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return items;
}

static void copy_name(char *to, const char *name) {
    if (strlen(name) > name_most) {
        fprintf(stderr, "the name %s is too long\n", name);
        exit(2);
    }
    strcpy(to, name);
}

void names_add_handle(struct names *names, const char *name, lkstats_track_t track) {
    names->handles =
        with_room(names->handles, names->handle_count, &names->handle_room, sizeof *names->handles);
    struct named_handle *handle = &names->handles[names->handle_count++];
    copy_name(handle->name, name);
    handle->track = track;
}

void names_add_batch(struct names *names, const char *name, const lkstats_batch_t *batch) {
    names->batches =
        with_room(names->batches, names->batch_count, &names->batch_room, sizeof *names->batches);
    struct named_batch *named = &names->batches[names->batch_count++];
    copy_name(named->name, name);
    named->batch = *batch;
}

/* From the newest on: that is the one that is mostly asked for. */
const struct named_handle *names_handle(const struct names *names, const char *name) {
    for (size_t i = names->handle_count; i-- > 0;)
        if (strcmp(names->handles[i].name, name) == 0)
            return &names->handles[i];
    return NULL;
}

const struct named_batch *names_batch(const struct names *names, const char *name) {
    for (size_t i = names->batch_count; i-- > 0;)
        if (strcmp(names->batches[i].name, name) == 0)
            return &names->batches[i];
    return NULL;
}

void names_forget(struct names *names) {
    free(names->handles);
    free(names->batches);
    memset(names, 0, sizeof *names);
}
