/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host with signal connections may rely on, as plain arithmetic: for every handle its epochs, whose each
 * is, what was counted in it, and what of that is acknowledged. It calls nothing of the library. It does not
 * know when within its interval a sweep comes by; it knows what a record may say at any instant, and when one
 * has to be there.
 */
#ifndef SIGNAL_MODEL_H
#define SIGNAL_MODEL_H

#include "signal_model_whose.h"

#include <stddef.h>

enum { SIGNALS = 8, TRACKS = 2, HANDLES = SIGNALS + TRACKS, BATCHES = 12, BATCH_IDS = 8192 };

/* What the epoch's figures were from an instant on, to the one where the next begins. */
typedef struct moment {
    lkstats_traffic_t counted;
    int64_t since;
} moment_t;

typedef struct epoch {
    uint32_t number;
    whose_t whose;
    lkstats_time_t start, end;
    int64_t resolved_at;
    int resolved; /* both known; a data track is so from its start */
    int ended;    /* by a reset or a stop */
    lkstats_traffic_t counted, acknowledged;
    lkstats_time_t reach; /* where its next window begins */
    uint32_t sequence;    /* acknowledged */
    int joined, left;     /* acknowledged */
    moment_t *moments;
    size_t moments_count, moments_room;
} epoch_t;

typedef enum queued { QUEUED_NO, QUEUED_MAYBE, QUEUED_YES } queued_t;

/* The records of one sequence, which are answered together: delivered, and not acknowledged. */
typedef struct freeze {
    int known;
    queued_t queued;
    int given_back; /* comes before anything new */
    uint32_t sequence;
    uint32_t count;
    uint64_t hash;
    int joined, left;
    lkstats_traffic_t running;
    lkstats_time_t reach;
} freeze_t;

typedef struct handle {
    lkstats_track_t is; /* 0: none yet */
    int signal;
    int stopped;
    int gone; /* it was seen that nothing is left of it */
    lkstats_time_t stopped_at;
    lkstats_traffic_t totals;
    epoch_t *epochs;
    size_t epochs_count, epochs_room;
    size_t oldest;   /* the first epoch that is not all acknowledged; it alone is reported */
    freeze_t freeze; /* of it */
    int was_flushed;
    epoch_t at_flush; /* the present epoch as it was then; its moments are not kept */
    int urged;        /* since the last flush: a reset, a stop, or both became known */
    int64_t urged_at; /* the reporter is to look at it within 100 ms */
} handle_t;

typedef struct entry {
    lkstats_track_t handle;
    uint32_t epoch, sequence, count;
    uint64_t hash;
} entry_t;

typedef struct batch {
    lkstats_batch_t given; /* id 0: none */
    entry_t entries[HANDLES];
    uint32_t entries_count;
} batch_t;

typedef struct model {
    int64_t interval;
    uint32_t max_tracks;
    uint32_t slots[4096]; /* that were handed out */
    uint32_t slots_count;
    lkstats_time_t now;
    int closing;
    uint8_t uuid[16];
    int uuid_known;
    handle_t handles[HANDLES]; /* signal connections first */
    batch_t batches[BATCHES];
    uint64_t ids[BATCH_IDS];
    uint32_t ids_count;
} model_t;

/* signal_model.c: the host. The sets are what a call may answer. */
void model_open(model_t *model, int64_t interval_ns, uint32_t max_tracks, lkstats_time_t now);
void model_free(model_t *model);
handle_t *model_place(model_t *model, int signal); /* for a new handle; NULL: all are in use */
uint32_t model_may_new(const model_t *model);
void model_new(model_t *model, handle_t *place, lkstats_track_t is, const whose_t *whose);
uint32_t model_may_resolve(const model_t *model, const handle_t *handle, const whose_t *whose, int room);
void model_resolve(model_t *model, handle_t *handle, const whose_t *whose, int room);
uint32_t model_may_reset(const model_t *model, const handle_t *handle);
void model_reset(model_t *model, handle_t *handle);
uint32_t model_may_add(const model_t *model, const handle_t *handle);
void model_add(model_t *model, handle_t *handle, uint64_t bytes, uint64_t messages, int is_send);
uint32_t model_may_see(const model_t *model, const handle_t *handle);
void model_stop(model_t *model, handle_t *handle);
void model_run(model_t *model, lkstats_time_t now);
uint32_t model_may_flush(const model_t *model, const handle_t *handle);
void model_flush(model_t *model, handle_t *handle); /* NULL: everybody */
void model_close(model_t *model);

/* What is owed: signal_model_owed.c. */
int model_owes(const model_t *model, const handle_t *handle);
int model_owes_any(const model_t *model);
/* It stopped before both were known, and nobody waits for them any longer: for sure, or also because of a close. */
int model_waited_in_vain(const model_t *model, const handle_t *handle);
int model_given_up(const model_t *model, const handle_t *handle);
int model_finished(const model_t *model, const handle_t *handle);
/* A freeze that was not delivered yet has to be there. */
int model_surely_waits(const model_t *model, const handle_t *handle);
void model_expect_residue(const model_t *model, const lkstats_residue_t *found);

/* signal_model_reports.c: the consumer. */
uint32_t model_may_next(const model_t *model);
void model_nothing_to_take(model_t *model);
batch_t *model_batch_place(model_t *model); /* NULL: as many as the model keeps are out */
batch_t *model_some_batch(model_t *model);
void model_deliver(model_t *model, batch_t *place, const lkstats_batch_t *batch);
void model_expect_unchanged(const batch_t *batch);
void model_ack(model_t *model, batch_t *batch);
void model_nack(model_t *model, batch_t *batch);
void model_redeliver(model_t *model);

/* The present epoch. */
epoch_t *epoch_of(const handle_t *handle);

int traffic_equal(const lkstats_traffic_t *a, const lkstats_traffic_t *b);
int traffic_at_least(const lkstats_traffic_t *a, const lkstats_traffic_t *b);
lkstats_traffic_t traffic_minus(const lkstats_traffic_t *a, const lkstats_traffic_t *b);
void traffic_plus(lkstats_traffic_t *to, const lkstats_traffic_t *more);
int time_equal(const lkstats_time_t *a, const lkstats_time_t *b);

#endif
