/* SPDX-License-Identifier: Apache-2.0 */
/* A context of the library beside the model of it, and the calls that are made on both. */
#ifndef WORLD_H
#define WORLD_H

#include "lkstats.h"
#include "lkstats_slab.h"
#include "model.h"

enum { BYGONE = 16 };

typedef struct world {
    lkstats_t *ctx;
    int32_t event_fd;
    model_t model;
    lkstats_slab_t slab;
    lkstats_track_t bygone[BYGONE]; /* tracks of a context that is closed */
    uint32_t bygone_count;
    lkstats_t *stranger; /* a context that nothing of this may reach */
    lkstats_track_t stranger_track;
} world_t;

/* world.c: a context's beginning and end. */
void world_meet_stranger(world_t *world);
void world_leave_stranger(world_t *world);
void world_open(world_t *world);
void world_close(world_t *world);

/* The host's calls: host_calls.c */
void call_track_new(world_t *world);
void call_track_new_invalid(world_t *world);
void call_add(world_t *world);
void call_add_refused(world_t *world);
void call_totals(world_t *world);
void call_stop(world_t *world);
void call_on_no_track(world_t *world);
void call_run_once(world_t *world);
void call_run_backwards(world_t *world);
void call_track_flush(world_t *world);
void call_flush(world_t *world);
void call_flush_invalid(world_t *world);
/* A track in any state, or NULL. */
model_track_t *some_track(world_t *world);

/* The consumer's calls: consumer_calls.c */
void call_next(world_t *world);
void call_ack(world_t *world);
void call_nack(world_t *world);
void call_answer_twice(world_t *world);
void call_answer_forged(world_t *world);
void call_redeliver(world_t *world);
void call_analytics_stats(world_t *world);
/* Takes and acknowledges until nothing is owed, which the model has to agree with. */
void settle_everything(world_t *world);
/* Takes until there is nothing to take; what has no place is acknowledged meanwhile. */
void take_everything(world_t *world);

#endif
