// SPDX-License-Identifier: Apache-2.0
//go:build cgo && linux

#include "shim.h"

#include <stddef.h>

static const lkstats_api_t *api;
static lkstats_slab_t slab;

/* Up to the last call that this package makes. */
enum { NEEDED = offsetof(lkstats_api_t, metrics) + sizeof(((lkstats_api_t *)0)->metrics) };

lkstats_status_t lkstats_go_use(lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **),
                                uint32_t *version) {
    const lkstats_api_t *found = NULL;
    lkstats_status_t status = get_api(LKSTATS_API_VERSION, &found);

    *version = 0;
    if (status != LKSTATS_OK)
        return status;
    *version = found->version;
    if (found->struct_size < NEEDED)
        return LKSTATS_ELAYOUT;
    slab.struct_size = sizeof slab;
    if (found->slab_attach(LKSTATS_SLAB_VERSION, &slab) != LKSTATS_OK)
        slab.anchor = NULL; /* another layout: every add is a call */
    api = found;
    return LKSTATS_OK;
}

static lkstats_string_t text(const char *data, uint64_t size) {
    const lkstats_string_t string = {size != 0 ? data : NULL, size};
    return string;
}

static lkstats_t *context(lkstats_go_token_t token) { return (lkstats_t *)(uintptr_t)token; }

const lkstats_slab_anchor_t *lkstats_go_anchor(void) { return slab.anchor; }

uint32_t lkstats_go_version(void) { return api->version; }
const char *lkstats_go_strerror(lkstats_status_t status) { return api->strerror(status); }
const char *lkstats_go_status_name(lkstats_status_t status) { return api->status_name(status); }

lkstats_status_t lkstats_go_open(uint32_t flags, uint32_t interval_ms, uint32_t max_tracks, const char *node,
                                 uint64_t node_size, const char *key, uint64_t key_size, const char *slab_dir,
                                 uint64_t slab_dir_size, const char *journal_dir, uint64_t journal_dir_size,
                                 uint64_t segment_bytes, uint64_t keep_bytes, uint32_t keep_segments,
                                 uint32_t segment_age_ms, int64_t log_to, lkstats_go_token_t *ctx) {
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = flags,
                                       .report_interval_ms = interval_ms,
                                       .max_tracks = max_tracks,
                                       .node = text(node, node_size),
                                       .analytics_key = text(key, key_size),
                                       .user_data = (uint64_t)log_to,
                                       .slab_dir = text(slab_dir, slab_dir_size),
                                       .journal_dir = text(journal_dir, journal_dir_size),
                                       .journal_segment_bytes = segment_bytes,
                                       .journal_keep_bytes = keep_bytes,
                                       .journal_keep_segments = keep_segments,
                                       .journal_segment_age_ms = segment_age_ms,
                                       .on_log = log_to >= 0 ? lkstats_go_log : NULL};
    lkstats_t *opened = NULL;
    const lkstats_status_t status = api->open(&options, &opened);

    *ctx = (lkstats_go_token_t)(uintptr_t)opened;
    return status;
}

lkstats_status_t lkstats_go_close(lkstats_go_token_t ctx, int64_t timeout_ms, lkstats_residue_t *residue) {
    residue->struct_size = sizeof *residue;
    return api->close(context(ctx), timeout_ms, residue);
}

lkstats_status_t lkstats_go_run_once(lkstats_go_token_t ctx, int64_t monotonic_ns, int64_t wall_ns) {
    return api->run_once(context(ctx), monotonic_ns, wall_ns);
}

lkstats_status_t lkstats_go_flush(lkstats_go_token_t ctx, int64_t timeout_ms) {
    return api->flush(context(ctx), timeout_ms);
}

lkstats_status_t lkstats_go_redeliver(lkstats_go_token_t ctx) { return api->redeliver(context(ctx)); }

lkstats_status_t lkstats_go_event_fd(lkstats_go_token_t ctx, int32_t *fd) {
    return api->event_fd(context(ctx), fd);
}

lkstats_status_t lkstats_go_metrics(lkstats_go_token_t ctx, uint32_t format, char *buffer, uint64_t capacity,
                                    uint64_t *need) {
    return api->metrics(context(ctx), format, buffer, capacity, need);
}

lkstats_go_made_t lkstats_go_track_new(lkstats_go_token_t ctx, int32_t channel, int32_t kind,
                                       const int32_t *details, uint32_t detail_count, const char *country,
                                       uint64_t country_size, const char *room_sid, uint64_t room_sid_size,
                                       const char *room_name, uint64_t room_name_size,
                                       const char *participant_sid, uint64_t participant_sid_size,
                                       const char *identity, uint64_t identity_size, const char *track_id,
                                       uint64_t track_id_size, const char *tenant, uint64_t tenant_size) {
    const lkstats_track_options_t options = {.struct_size = sizeof options,
                                             .channel = channel,
                                             .participant_kind = kind,
                                             .kind_details_count = detail_count,
                                             .kind_details = details,
                                             .country = text(country, country_size),
                                             .room_sid = text(room_sid, room_sid_size),
                                             .room_name = text(room_name, room_name_size),
                                             .participant_sid = text(participant_sid, participant_sid_size),
                                             .participant_identity = text(identity, identity_size),
                                             .track_id = text(track_id, track_id_size),
                                             .tenant = text(tenant, tenant_size)};
    lkstats_go_made_t made = {0};

    made.status = api->track_new(context(ctx), &options, &made.track);
    return made;
}

lkstats_go_made_t lkstats_go_signal_new(lkstats_go_token_t ctx, const char *country, uint64_t country_size,
                                        const char *tenant, uint64_t tenant_size) {
    const lkstats_signal_options_t options = {.struct_size = sizeof options,
                                              .country = text(country, country_size),
                                              .tenant = text(tenant, tenant_size)};
    lkstats_go_made_t made = {0};

    made.status = api->signal_new(context(ctx), &options, &made.track);
    return made;
}

lkstats_status_t lkstats_go_resolve_room(lkstats_signal_t signal, const char *sid, uint64_t sid_size,
                                         const char *name, uint64_t name_size, const char *tenant,
                                         uint64_t tenant_size) {
    const lkstats_room_t room = {.struct_size = sizeof room,
                                 .sid = text(sid, sid_size),
                                 .name = text(name, name_size),
                                 .tenant = text(tenant, tenant_size)};
    return api->signal_resolve_room(signal, &room);
}

lkstats_status_t lkstats_go_resolve_participant(lkstats_signal_t signal, int32_t kind, const int32_t *details,
                                                uint32_t detail_count, const char *sid, uint64_t sid_size,
                                                const char *identity, uint64_t identity_size,
                                                const char *tenant, uint64_t tenant_size) {
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .kind = kind,
                                               .kind_details = details,
                                               .kind_details_count = detail_count,
                                               .sid = text(sid, sid_size),
                                               .identity = text(identity, identity_size),
                                               .tenant = text(tenant, tenant_size)};
    return api->signal_resolve_participant(signal, &participant);
}

lkstats_status_t lkstats_go_reset(lkstats_signal_t signal) { return api->signal_reset(signal); }

lkstats_status_t lkstats_go_add(lkstats_track_t track, uint64_t bytes, uint64_t messages, int32_t is_send) {
    return api->add_messages(track, bytes, messages, is_send);
}

lkstats_status_t lkstats_go_totals(lkstats_track_t track, lkstats_totals_t *totals) {
    totals->struct_size = sizeof *totals;
    return api->track_totals(track, totals);
}

lkstats_status_t lkstats_go_stop(lkstats_track_t track, lkstats_totals_t *totals) {
    totals->struct_size = sizeof *totals;
    return api->track_stop(track, totals);
}

lkstats_status_t lkstats_go_track_flush(lkstats_track_t track, int64_t timeout_ms) {
    return api->track_flush(track, timeout_ms);
}

lkstats_status_t lkstats_go_next(lkstats_go_token_t ctx, lkstats_batch_t *batch) {
    batch->struct_size = sizeof *batch;
    return api->next(context(ctx), batch);
}

static lkstats_batch_t named(lkstats_go_token_t ctx, uint64_t id) {
    const lkstats_batch_t batch = {.struct_size = sizeof batch, .ctx = context(ctx), .id = id};
    return batch;
}

lkstats_status_t lkstats_go_stats(lkstats_go_token_t ctx, uint64_t id, const uint8_t **data, uint64_t *size) {
    const lkstats_batch_t batch = named(ctx, id);
    return api->batch_analytics_stats(&batch, data, size);
}

lkstats_status_t lkstats_go_answer(lkstats_go_token_t ctx, uint64_t id, int32_t acknowledged) {
    const lkstats_batch_t batch = named(ctx, id);
    return acknowledged ? api->ack(&batch) : api->nack(&batch);
}

lkstats_status_t lkstats_go_track_id(int32_t channel, const char *sid, uint64_t sid_size, char *buffer,
                                     uint64_t capacity, uint64_t *need) {
    return api->track_id_for_participant(channel, text(sid, sid_size), buffer, capacity, need);
}
