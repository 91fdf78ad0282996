/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host may rely on, as plain arithmetic: totals, what is acknowledged, what is out, which slots are
 * taken. It calls nothing of the library. It does not know when within its interval a track is frozen; it
 * knows every instant at which it may have been, and after which it must have been.
 */
#ifndef MODEL_H
#define MODEL_H

#include "identity.h"
#include "lkstats.h"

#include <stddef.h>

enum { MODEL_TRACKS = 64, MODEL_BATCHES = 16, MODEL_BATCH_IDS = 8192 };

typedef enum model_state {
    MODEL_NEVER_USED,
    MODEL_LIVE,
    MODEL_STOPPED,
    MODEL_SETTLING, /* stopped and nothing owed; gone by the next run at the latest */
    MODEL_RESTING   /* gone; its slot is reused some time later */
} model_state_t;

/* An instant at which a track may have been frozen, and what it then was. */
typedef struct model_freeze {
    lkstats_traffic_t totals;
    lkstats_time_t at;
    int64_t before;   /* the clock before the run that may have done it */
    uint32_t flushes; /* of the context, until then */
    int regular;      /* at its turn, not by a flush or a stop */
    int final;        /* it was stopped by then */
} model_freeze_t;

typedef enum model_queued { QUEUED_NO, QUEUED_MAYBE, QUEUED_YES } model_queued_t;

/* A report that was delivered and is not acknowledged. */
typedef struct model_report {
    int known;
    model_queued_t queued; /* to be delivered (again) */
    int given_back;        /* by a nack: comes before anything new */
    lkstats_traffic_t running;
    lkstats_time_t end;
    model_freeze_t freeze;
    uint64_t hash;
    uint64_t stats_hash; /* 0: not seen yet */
} model_report_t;

/* When a slot's rest began: no earlier, no later. */
typedef struct model_rest {
    int64_t earliest, latest;
    uint32_t flushes, runs; /* at the earliest */
    uint32_t passes;        /* at the latest */
} model_rest_t;

typedef struct model_track {
    model_state_t state;
    lkstats_track_t handle;
    identity_t who;
    lkstats_time_t born, stopped_at;
    lkstats_traffic_t totals;
    lkstats_traffic_t acknowledged; /* running of the last report acknowledged */
    lkstats_traffic_t windows;      /* sum of those acknowledged */
    lkstats_time_t acknowledged_end;
    uint32_t sequence;
    int64_t owed_since; /* while something is owed and no report is known */
    int frozen;         /* for sure, though its report was not seen yet */
    model_freeze_t *freezes;
    size_t freezes_count, freezes_room;
    int flush_waits; /* for a report that could not be frozen while another was pending */
    model_report_t report;
    model_freeze_t last; /* of the last acknowledged report, sequence > 0 */
    model_rest_t rest;
} model_track_t;

typedef struct model_entry {
    lkstats_track_t handle;
    uint32_t sequence;
    uint64_t hash;
} model_entry_t;

typedef struct model_batch {
    lkstats_batch_t given; /* id 0: none */
    model_entry_t entries[MODEL_TRACKS];
} model_batch_t;

typedef struct model {
    int64_t interval;
    uint32_t max_tracks;
    lkstats_time_t now;
    int started, closing;
    uint32_t runs, passes, flushes;
    int64_t pass_start;
    uint32_t top_slot;
    int64_t top_slot_since;
    uint8_t uuid[16];
    int uuid_known;
    model_track_t tracks[MODEL_TRACKS];
    uint32_t tracks_count;
    model_batch_t batches[MODEL_BATCHES]; /* those that are out */
    uint64_t ids[MODEL_BATCH_IDS];
    uint32_t ids_count;
    lkstats_track_t replaced[MODEL_TRACKS]; /* handles whose slot went to another; the newest of them */
    uint32_t replaced_count;
} model_t;

void model_open(model_t *model, int64_t interval_ns, uint32_t max_tracks);
void model_free(model_t *model);

/* Tracks. The sets are what the call may answer. */
uint32_t model_may_new(const model_t *model);
model_track_t *model_new(model_t *model, lkstats_track_t handle, const identity_t *who);
uint32_t model_may_add(const model_track_t *track);
void model_add(const model_t *model, model_track_t *track, uint64_t bytes, uint64_t messages, int is_send);
uint32_t model_may_see(const model_track_t *track);
void model_stop(const model_t *model, model_track_t *track);
int model_owes(const model_track_t *track);

/* The reporter. */
void model_run(model_t *model, lkstats_time_t now);
void model_flush_track(model_t *model, model_track_t *track);
void model_flush(model_t *model);
void model_close(model_t *model);
void model_residue(const model_t *model, lkstats_residue_t *residue);

/* The consumer. */
uint32_t model_may_next(const model_t *model);
void model_nothing_to_take(model_t *model);
model_batch_t *model_batch_place(model_t *model); /* NULL: as many as the model keeps are out */
uint32_t model_batches_out(const model_t *model);
void model_deliver(model_t *model, model_batch_t *place, const lkstats_batch_t *batch);
void model_expect_unchanged(const model_batch_t *batch);
void model_expect_stats(model_t *model, const model_batch_t *batch, const uint8_t *data, uint64_t size);
void model_ack(model_t *model, model_batch_t *batch);
void model_nack(model_t *model, model_batch_t *batch);
void model_redeliver(model_t *model);

/* Shared by model.c and model_reports.c. */
model_track_t *model_find(model_t *model, lkstats_track_t handle);
void model_may_freeze(model_track_t *track, const model_freeze_t *freeze);
void model_acknowledged(const model_t *model, model_track_t *track);

/* Figures of traffic, one by one. */
int traffic_equal(const lkstats_traffic_t *a, const lkstats_traffic_t *b);
lkstats_traffic_t traffic_minus(const lkstats_traffic_t *a, const lkstats_traffic_t *b);
void traffic_plus(lkstats_traffic_t *to, const lkstats_traffic_t *more);

#endif
