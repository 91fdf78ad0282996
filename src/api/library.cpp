// SPDX-License-Identifier: Apache-2.0
// What the library says about itself: version, status names, the table of its functions.
#include "lkstats_slab.h"

namespace {

// Append only; lkstats_api_t's order.
constexpr lkstats_api_t table = {
    .struct_size = sizeof(lkstats_api_t),
    .version = LKSTATS_VERSION_MAJOR << 16 | LKSTATS_VERSION_MINOR << 8 | LKSTATS_VERSION_PATCH,
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

} // namespace

extern "C" {

uint32_t lkstats_version(void) { return table.version; }

const char *lkstats_strerror(lkstats_status_t status) {
    switch (status) {
#define LKSTATS_STATUS_TEXT(name, value, text)                                                               \
    case name:                                                                                               \
        return text;
        LKSTATS_STATUS_LIST(LKSTATS_STATUS_TEXT)
#undef LKSTATS_STATUS_TEXT
    default:
        return "not a status of this library";
    }
}

const char *lkstats_status_name(lkstats_status_t status) {
    switch (status) {
#define LKSTATS_STATUS_NAME(name, value, text)                                                               \
    case name:                                                                                               \
        return #name;
        LKSTATS_STATUS_LIST(LKSTATS_STATUS_NAME)
#undef LKSTATS_STATUS_NAME
    default:
        return "LKSTATS_UNKNOWN";
    }
}

lkstats_status_t lkstats_get_api(uint32_t version, const lkstats_api_t **api) {
    if (api == nullptr)
        return LKSTATS_EINVAL;
    if (version != LKSTATS_API_VERSION)
        return LKSTATS_ELAYOUT;
    *api = &table;
    return LKSTATS_OK;
}

} // extern "C"
