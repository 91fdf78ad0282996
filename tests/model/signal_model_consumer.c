/* SPDX-License-Identifier: Apache-2.0 */
/* What a consumer does: takes batches, and answers them in any order, rightly and wrongly. */
#include "signal_model_calls.h"
#include "story.h"

#include <poll.h>

typedef unsigned long long ull;

static int readable(const world_t *world) {
    struct pollfd waited = {.fd = world->event_fd, .events = POLLIN};
    return poll(&waited, 1, 0) == 1;
}

/* Answers with what lkstats_next did, which the model and the descriptor have agreed with. */
static lkstats_status_t take(world_t *world, batch_t *place) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const int was_readable = readable(world);
    const lkstats_status_t status =
        must_answer(lkstats_next(world->ctx, &batch), model_may_next(&world->model));
    story_says("next: %s, batch %llu, %u records", lkstats_status_name(status), (ull)batch.id,
               batch.record_count);
    must(was_readable || status == LKSTATS_EAGAIN, "the descriptor was not readable");
    if (status == LKSTATS_OK)
        model_deliver(&world->model, place, &batch);
    else
        model_nothing_to_take(&world->model);
    must(status != LKSTATS_EAGAIN || !readable(world), "the descriptor is readable, and nothing is there");
    return status;
}

void call_next(world_t *world) {
    batch_t *place = model_batch_place(&world->model);
    if (place)
        take(world, place);
}

static void answer(world_t *world, batch_t *batch, int back) {
    const lkstats_batch_t given = {.struct_size = sizeof given, .ctx = world->ctx, .id = batch->given.id};
    story_says("%s %llu", back ? "nack" : "ack", (ull)given.id);
    model_expect_unchanged(batch);
    must_answer(back ? lkstats_nack(&given) : lkstats_ack(&given), ANSWER(LKSTATS_OK));
    if (back)
        model_nack(&world->model, batch);
    else
        model_ack(&world->model, batch);
}

void call_ack(world_t *world) {
    batch_t *batch = model_some_batch(&world->model);
    if (batch)
        answer(world, batch, 0);
}

void call_nack(world_t *world) {
    batch_t *batch = model_some_batch(&world->model);
    if (batch)
        answer(world, batch, 1);
}

void call_redeliver(world_t *world) {
    story_says("redeliver");
    must_answer(lkstats_redeliver(world->ctx), ANSWER(LKSTATS_OK));
    model_redeliver(&world->model);
}

void call_answer_twice(world_t *world) {
    const model_t *model = &world->model;
    const lkstats_batch_t given = {.struct_size = sizeof given,
                                   .ctx = world->ctx,
                                   .id = model->ids_count ? model->ids[below(model->ids_count)] : 0};
    for (int i = 0; i < BATCHES; i++)
        if (model->batches[i].given.id == given.id)
            return;
    story_says("answer %llu again", (ull)given.id);
    must_answer(one_in(2) ? lkstats_ack(&given) : lkstats_nack(&given), ANSWER(LKSTATS_ESTALE));
}

/* ---- Everything that is owed ---- */

void drain(world_t *world) {
    for (;;) {
        batch_t *place = model_batch_place(&world->model);
        const lkstats_status_t status = place ? take(world, place) : LKSTATS_OK;
        if (status != LKSTATS_OK && !model_some_batch(&world->model))
            return;
        call_ack(world);
    }
}

/* It stopped before it was known whose it is, and the wait for that has just ended or has not. */
static int may_be_waiting(const model_t *model, const handle_t *handle) {
    enum { WAIT = 6, SETTLED = 2 };
    return !epoch_of(handle)->resolved &&
           model->now.monotonic_ns - handle->stopped_at.monotonic_ns < (WAIT + SETTLED) * model->interval;
}

static void expect_settled(const model_t *model, const handle_t *handle) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    if (handle->is == 0 || may_be_waiting(model, handle))
        return;
    must(!model_owes(model, handle), "%llx owes something after two intervals", (ull)handle->is);
    must_answer(lkstats_track_totals(handle->is, &totals),
                ANSWER(model_finished(model, handle) ? LKSTATS_ESTALE : LKSTATS_OK));
}

/* No time passes: what was frozen for the flush comes, each epoch as soon as the one before it is over. */
void settle_by_flush(world_t *world) {
    call_flush(world);
    call_redeliver(world);
    drain(world);
    for (int i = 0; i < HANDLES; i++) {
        const handle_t *handle = &world->model.handles[i];
        must(handle->is == 0 || !model_owes(&world->model, handle), "%llx owes something after its flush",
             (ull)handle->is);
    }
    call_flush(world);
}

/* Two intervals, in steps as a host would make them: what ended is there after the first 100 ms. */
void settle_by_time(world_t *world) {
    enum { STEPS = 8 };
    call_redeliver(world);
    run_for(world, 100000000);
    drain(world);
    for (int i = 0; i < HANDLES; i++) {
        const handle_t *handle = &world->model.handles[i];
        must(handle->is == 0 || handle->oldest + 1 == handle->epochs_count,
             "%llx has epochs that are over, and not all of their records came", (ull)handle->is);
    }
    for (int step = 0; step < STEPS; step++) {
        run_for(world, world->model.interval / (STEPS / 2) + 1);
        drain(world);
    }
    for (int i = 0; i < HANDLES; i++)
        expect_settled(&world->model, &world->model.handles[i]);
}
