/* SPDX-License-Identifier: Apache-2.0 */
/* A context of the library beside the model of it, and the calls that are made on both. */
#ifndef SIGNAL_MODEL_CALLS_H
#define SIGNAL_MODEL_CALLS_H

#include "lkstats_slab.h"
#include "signal_model.h"

typedef struct world {
    lkstats_t *ctx;
    int32_t event_fd;
    lkstats_slab_t slab;
    model_t model;
} world_t;

/* signal_model_calls.c */
void call_new(world_t *world);
void call_add(world_t *world);
void call_resolve_room(world_t *world);
void call_resolve_participant(world_t *world);
void call_resolve_both(world_t *world);
void call_reset(world_t *world);
void call_move(world_t *world);       /* resets and resolves, as a room move does */
void call_move_often(world_t *world); /* until there is no memory for more, or about that */
void call_totals(world_t *world);
void call_stop(world_t *world);
void call_run_once(world_t *world);
void call_flush(world_t *world);
void call_track_flush(world_t *world);

/* signal_model_consumer.c */
void call_next(world_t *world);
void call_ack(world_t *world);
void call_nack(world_t *world);
void call_redeliver(world_t *world);
void call_answer_twice(world_t *world);
/* Takes and acknowledges until there is nothing. */
void drain(world_t *world);
/* Afterwards everything that was owed is acknowledged: by a flush, or because time has passed. */
void settle_by_flush(world_t *world);
void settle_by_time(world_t *world);

void run_for(world_t *world, int64_t ns);

#endif
