/* SPDX-License-Identifier: Apache-2.0 */
/* Every call goes to the function itself, through the dynamic linker; the table only says which library it found. */
#include "library.h"

#include <stdio.h>

const int library_is_loaded = 0;

static const lkstats_api_t linked = {
    .struct_size = sizeof linked,
    .open = lkstats_open,
    .close = lkstats_close,
    .run_once = lkstats_run_once,
    .track_new = lkstats_track_new,
    .add_bytes = lkstats_add_bytes,
    .add_messages = lkstats_add_messages,
    .prefetch = lkstats_prefetch,
    .track_totals = lkstats_track_totals,
    .track_stop = lkstats_track_stop,
    .track_flush = lkstats_track_flush,
    .flush = lkstats_flush,
    .event_fd = lkstats_event_fd,
    .next = lkstats_next,
    .batch_analytics_stats = lkstats_batch_analytics_stats,
    .ack = lkstats_ack,
    .nack = lkstats_nack,
    .redeliver = lkstats_redeliver,
    .track_id_for_participant = lkstats_track_id_for_participant,
    .slab_attach = lkstats_slab_attach,
    .strerror = lkstats_strerror,
    .status_name = lkstats_status_name,
    .signal_new = lkstats_signal_new,
    .signal_resolve_room = lkstats_signal_resolve_room,
    .signal_resolve_participant = lkstats_signal_resolve_participant,
    .signal_reset = lkstats_signal_reset,
    .metrics = lkstats_metrics,
};

const lkstats_api_t *library_find(const char *path, char *error, size_t capacity) {
    const lkstats_api_t *table = NULL;
    (void)path;
    const lkstats_status_t status = lkstats_get_api(LKSTATS_API_VERSION, &table);
    if (status != LKSTATS_OK) {
        snprintf(error, capacity,
                 "the lkstats that this host is linked to has no function table of version %d",
                 LKSTATS_API_VERSION);
        return NULL;
    }
    if (table->struct_size < sizeof *table) {
        snprintf(error, capacity,
                 "the lkstats that this host is linked to, %u.%u.%u, is older than its header",
                 table->version >> 16, table->version >> 8 & 255, table->version & 255);
        return NULL;
    }
    return &linked;
}
