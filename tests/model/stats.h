/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a livekit.AnalyticsStats as far as it takes to hold it against the records it was made from. */
#ifndef STATS_H
#define STATS_H

#include "lkstats.h"

typedef struct stats_cursor {
    const uint8_t *at;
    const uint8_t *end;
} stats_cursor_t;

/* Moves past the stats of one record, which have to carry its window, and returns a hash of their bytes. */
uint64_t stats_expect(stats_cursor_t *stats, const lkstats_record_t *record);

#endif
