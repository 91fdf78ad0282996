/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a: tells whether content that was seen before has changed. */
#ifndef HASH_H
#define HASH_H

#include "lkstats.h"

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325u

static inline uint64_t hash_bytes(uint64_t hash, const void *data, uint64_t size) {
    const unsigned char *bytes = data;
    for (uint64_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static inline uint64_t hash_text(uint64_t hash, lkstats_string_t text) {
    return hash_bytes(hash_bytes(hash, &text.size, sizeof text.size), text.data, text.size);
}

/* All that a record says, and nothing of where it says it. */
static inline uint64_t hash_record(uint64_t hash, const lkstats_record_t *record) {
    hash = hash_bytes(hash, record, offsetof(lkstats_record_t, country));
    hash = hash_text(hash, record->country);
    hash = hash_text(hash, record->room_sid);
    hash = hash_text(hash, record->room_name);
    hash = hash_text(hash, record->participant_sid);
    hash = hash_text(hash, record->participant_identity);
    hash = hash_text(hash, record->track_id);
    hash = hash_text(hash, record->tenant);
    hash = hash_bytes(hash, record->kind_details, record->kind_details_count * sizeof(int32_t));
    hash = hash_bytes(hash, &record->participant_kind, sizeof record->participant_kind);
    hash = hash_bytes(hash, &record->channel, sizeof record->channel);
    return hash_bytes(hash, &record->flags, sizeof record->flags);
}

#endif
