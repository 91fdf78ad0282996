/* SPDX-License-Identifier: Apache-2.0 */
/* What Go calls: the library's table with flat arguments, so that Go passes strings and numbers as they are. */
#ifndef LKSTATS_GO_SHIM_H
#define LKSTATS_GO_SHIM_H

#include "lkstats_slab.h"

#define LKSTATS_GO_HIDDEN __attribute__((visibility("hidden")))

/* A context's token: an integer, since Go must not take it for a pointer. */
typedef uint64_t lkstats_go_token_t;

/* A new track or signal connection. */
typedef struct lkstats_go_made {
    lkstats_status_t status;
    lkstats_track_t track;
} lkstats_go_made_t;

/* Takes a table into use, or says LKSTATS_ELAYOUT: with the library's version, or 0 where it has no such table. */
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_use(lkstats_status_t (*get_api)(uint32_t,
                                                                              const lkstats_api_t **),
                                                  uint32_t *version);

/* Where the slots are; NULL: adds have to go through the call. */
LKSTATS_GO_HIDDEN const lkstats_slab_anchor_t *lkstats_go_anchor(void);

LKSTATS_GO_HIDDEN uint32_t lkstats_go_version(void);
LKSTATS_GO_HIDDEN const char *lkstats_go_strerror(lkstats_status_t status);
LKSTATS_GO_HIDDEN const char *lkstats_go_status_name(lkstats_status_t status);

/* log_to: see log.c; below 0: nobody is told. */
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_open(
    uint32_t flags, uint32_t interval_ms, uint32_t max_tracks, const char *node, uint64_t node_size,
    const char *key, uint64_t key_size, const char *slab_dir, uint64_t slab_dir_size, const char *journal_dir,
    uint64_t journal_dir_size, uint64_t segment_bytes, uint64_t keep_bytes, uint32_t keep_segments,
    uint32_t segment_age_ms, int64_t log_to, lkstats_go_token_t *ctx);
/* An on_log: sends a line to the socket that user_data is the descriptor of. */
LKSTATS_GO_HIDDEN void lkstats_go_log(uint64_t user_data, int32_t level, const char *message, uint64_t size);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_close(lkstats_go_token_t ctx, int64_t timeout_ms,
                                                    lkstats_residue_t *residue);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_run_once(lkstats_go_token_t ctx, int64_t monotonic_ns,
                                                       int64_t wall_ns);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_flush(lkstats_go_token_t ctx, int64_t timeout_ms);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_redeliver(lkstats_go_token_t ctx);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_event_fd(lkstats_go_token_t ctx, int32_t *fd);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_metrics(lkstats_go_token_t ctx, uint32_t format, char *buffer,
                                                      uint64_t capacity, uint64_t *need);

LKSTATS_GO_HIDDEN lkstats_go_made_t lkstats_go_track_new(
    lkstats_go_token_t ctx, int32_t channel, int32_t kind, const int32_t *details, uint32_t detail_count,
    const char *country, uint64_t country_size, const char *room_sid, uint64_t room_sid_size,
    const char *room_name, uint64_t room_name_size, const char *participant_sid,
    uint64_t participant_sid_size, const char *identity, uint64_t identity_size, const char *track_id,
    uint64_t track_id_size, const char *tenant, uint64_t tenant_size);
LKSTATS_GO_HIDDEN lkstats_go_made_t lkstats_go_signal_new(lkstats_go_token_t ctx, const char *country,
                                                          uint64_t country_size, const char *tenant,
                                                          uint64_t tenant_size);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_resolve_room(lkstats_signal_t signal, const char *sid,
                                                           uint64_t sid_size, const char *name,
                                                           uint64_t name_size, const char *tenant,
                                                           uint64_t tenant_size);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_resolve_participant(lkstats_signal_t signal, int32_t kind,
                                                                  const int32_t *details,
                                                                  uint32_t detail_count, const char *sid,
                                                                  uint64_t sid_size, const char *identity,
                                                                  uint64_t identity_size, const char *tenant,
                                                                  uint64_t tenant_size);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_reset(lkstats_signal_t signal);

LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_add(lkstats_track_t track, uint64_t bytes, uint64_t messages,
                                                  int32_t is_send);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_totals(lkstats_track_t track, lkstats_totals_t *totals);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_stop(lkstats_track_t track, lkstats_totals_t *totals);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_track_flush(lkstats_track_t track, int64_t timeout_ms);

LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_next(lkstats_go_token_t ctx, lkstats_batch_t *batch);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_stats(lkstats_go_token_t ctx, uint64_t id, const uint8_t **data,
                                                    uint64_t *size);
LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_answer(lkstats_go_token_t ctx, uint64_t id,
                                                     int32_t acknowledged);

LKSTATS_GO_HIDDEN lkstats_status_t lkstats_go_track_id(int32_t channel, const char *sid, uint64_t sid_size,
                                                       char *buffer, uint64_t capacity, uint64_t *need);

#endif
