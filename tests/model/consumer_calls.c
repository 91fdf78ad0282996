/* SPDX-License-Identifier: Apache-2.0 */
/* What a consumer does: takes batches, and answers them in any order, rightly and wrongly. */
#include "story.h"
#include "world.h"

#include <poll.h>
#include <string.h>

typedef unsigned long long ull;

static int readable(const world_t *world) {
    struct pollfd waited = {.fd = world->event_fd, .events = POLLIN};
    return poll(&waited, 1, 0) == 1;
}

/* Answers with what lkstats_next did, which the model and the descriptor have agreed with. */
static lkstats_status_t take(world_t *world, model_batch_t *place) {
    model_t *model = &world->model;
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    const int was_readable = readable(world);
    const lkstats_status_t status = must_answer(lkstats_next(world->ctx, &batch), model_may_next(model));
    story_says("next: %s, batch %llu, %u records", lkstats_status_name(status), (ull)batch.id,
               batch.record_count);
    if (status == LKSTATS_EAGAIN) {
        model_nothing_to_take(model);
        must(!readable(world), "the descriptor is readable, though there is nothing to take");
        return status;
    }
    must(was_readable, "the descriptor was not readable, though there was something to take");
    if (status != LKSTATS_OK)
        return status;
    must(batch.ctx == world->ctx && batch.struct_size == sizeof batch, "a batch has another ctx or size");
    must(batch.node.size == 4 && memcmp(batch.node.data, "node", 4) == 0, "a batch has another node");
    must(batch.analytics_key.size == 0, "a batch has an analytics key");
    model_deliver(model, place, &batch);
    return status;
}

void call_next(world_t *world) {
    model_batch_t *place = model_batch_place(&world->model);
    if (place)
        take(world, place);
}

static model_batch_t *some_batch(world_t *world) {
    const uint32_t out = model_batches_out(&world->model);
    uint64_t nth = below(out);
    for (uint32_t i = 0; out && i < MODEL_BATCHES; i++)
        if (world->model.batches[i].given.id != 0 && nth-- == 0)
            return &world->model.batches[i];
    return NULL;
}

/* What is left of a batch in a consumer that kept ctx and id alone. */
static lkstats_batch_t remembered(lkstats_t *ctx, uint64_t id) {
    lkstats_batch_t batch = {.struct_size = sizeof batch, .ctx = ctx, .id = id};
    if (one_in(2)) {
        batch.record_count = (uint32_t)draw();
        batch.record_size = (uint32_t)draw();
    }
    return batch;
}

static void ack(world_t *world, model_batch_t *batch) {
    const lkstats_batch_t answer = remembered(world->ctx, batch->given.id);
    story_says("ack %llu", (ull)answer.id);
    model_expect_unchanged(batch);
    must_answer(lkstats_ack(&answer), ANSWER(LKSTATS_OK));
    model_ack(&world->model, batch);
}

void call_ack(world_t *world) {
    model_batch_t *batch = some_batch(world);
    if (batch)
        ack(world, batch);
}

void call_nack(world_t *world) {
    model_batch_t *batch = some_batch(world);
    if (!batch)
        return;
    const lkstats_batch_t answer = remembered(world->ctx, batch->given.id);
    story_says("nack %llu", (ull)answer.id);
    model_expect_unchanged(batch);
    must_answer(lkstats_nack(&answer), ANSWER(LKSTATS_OK));
    model_nack(&world->model, batch);
}

static void refused(const lkstats_batch_t *batch, uint32_t may) {
    const uint8_t *data;
    uint64_t size;
    switch (below(3)) {
    case 0:
        must_answer(lkstats_ack(batch), may);
        break;
    case 1:
        must_answer(lkstats_nack(batch), may);
        break;
    default:
        must_answer(lkstats_batch_analytics_stats(batch, &data, &size), may);
    }
}

static int is_out(const world_t *world, uint64_t id) {
    for (uint32_t i = 0; i < MODEL_BATCHES; i++)
        if (world->model.batches[i].given.id == id)
            return 1;
    return 0;
}

void call_answer_twice(world_t *world) {
    const model_t *model = &world->model;
    const uint64_t id = model->ids_count ? model->ids[below(model->ids_count)] : 0;
    if (id == 0 || is_out(world, id))
        return;
    const lkstats_batch_t batch = remembered(world->ctx, id);
    story_says("answer %llu again", (ull)id);
    refused(&batch, ANSWER(LKSTATS_ESTALE));
}

void call_answer_forged(world_t *world) {
    const model_batch_t *real = some_batch(world);
    lkstats_batch_t batch = remembered(world->ctx, draw() | (uint64_t)1 << 63);
    if (one_in(3))
        batch.id = 0;
    if (real && one_in(2)) { /* a batch that is out, but of another context */
        batch = real->given;
        batch.ctx = world->stranger;
    }
    story_says("answer %llu, which is forged", (ull)batch.id);
    refused(&batch, ANSWER(LKSTATS_ESTALE));
}

void call_redeliver(world_t *world) {
    story_says("redeliver");
    must_answer(lkstats_redeliver(world->ctx), ANSWER(LKSTATS_OK));
    model_redeliver(&world->model);
}

void call_analytics_stats(world_t *world) {
    const model_batch_t *batch = some_batch(world);
    const uint8_t *data, *again;
    uint64_t size, size_again;
    if (!batch)
        return;
    story_says("analytics_stats of %llu", (ull)batch->given.id);
    must_answer(lkstats_batch_analytics_stats(&batch->given, &data, &size), ANSWER(LKSTATS_OK));
    model_expect_stats(&world->model, batch, data, size);
    must_answer(lkstats_batch_analytics_stats(&batch->given, &again, &size_again), ANSWER(LKSTATS_OK));
    must(size == size_again && memcmp(data, again, size) == 0, "a batch was serialized in two ways");
}

void take_everything(world_t *world) {
    for (;;) {
        model_batch_t *place = model_batch_place(&world->model);
        if (!place) {
            call_ack(world);
            continue;
        }
        if (take(world, place) != LKSTATS_OK)
            return;
    }
}

/* What was pending is taken at first, then what the track owed beside it. */
void settle_everything(world_t *world) {
    for (int round = 0; round < 2; round++) {
        if (world->model.closing)
            call_run_once(world);
        else
            call_flush(world);
        call_redeliver(world);
        take_everything(world);
        while (model_batches_out(&world->model))
            call_ack(world);
    }
    for (uint32_t i = 0; i < world->model.tracks_count; i++) {
        const model_track_t *track = &world->model.tracks[i];
        must(traffic_equal(&track->totals, &track->windows),
             "the windows of %llx do not add up to what was counted", (ull)track->handle);
    }
}
