/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a script gives to handles and batches. Each is given once in a story. */
#ifndef NAMES_H
#define NAMES_H

#include "lkstats.h"

#include <stddef.h>

enum { name_most = 31 };

struct named_handle {
    char name[name_most + 1];
    lkstats_track_t track;
};

struct named_batch {
    char name[name_most + 1];
    lkstats_batch_t batch;
};

struct names {
    struct named_handle *handles;
    size_t handle_count, handle_room;
    struct named_batch *batches;
    size_t batch_count, batch_room;
};

void names_add_handle(struct names *names, const char *name, lkstats_track_t track);
void names_add_batch(struct names *names, const char *name, const lkstats_batch_t *batch);
/* NULL: never given, or not for something that was made. */
const struct named_handle *names_handle(const struct names *names, const char *name);
const struct named_batch *names_batch(const struct names *names, const char *name);
void names_forget(struct names *names);

#endif
