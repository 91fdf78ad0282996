/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "story.h"

#include <string.h>

static const lkstats_traffic_t strangers = {1000, 1, 234, 1};

void world_meet_stranger(world_t *world) {
    const lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    const lkstats_track_options_t track = {.struct_size = sizeof track};
    must_answer(lkstats_open(&options, &world->stranger), ANSWER(LKSTATS_OK));
    must_answer(lkstats_track_new(world->stranger, &track, &world->stranger_track), ANSWER(LKSTATS_OK));
    must_answer(lkstats_add_bytes(world->stranger_track, strangers.send_bytes, 1), ANSWER(LKSTATS_OK));
    must_answer(lkstats_add_bytes(world->stranger_track, strangers.recv_bytes, 0), ANSWER(LKSTATS_OK));
}

static void expect_stranger_untouched(const world_t *world) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    must_answer(lkstats_track_totals(world->stranger_track, &totals), ANSWER(LKSTATS_OK));
    must(traffic_equal(&totals.traffic, &strangers), "a stranger's track was counted on");
}

void world_leave_stranger(world_t *world) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    expect_stranger_untouched(world);
    must_answer(lkstats_close(world->stranger, LKSTATS_ABANDON, &residue), ANSWER(LKSTATS_OK));
    must(residue.tracks == 1 && traffic_equal(&residue.traffic, &strangers),
         "a stranger's residue is not what was counted");
}

void world_open(world_t *world) {
    static const uint32_t intervals_ms[] = {100, 250, 1000, 0, 60000};
    const uint32_t interval_ms = intervals_ms[below(5)];
    const uint32_t max_tracks = (uint32_t)(one_in(3) ? 8 + below(57) : 8 + below(5));
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = LKSTATS_NO_THREAD | (one_in(3) ? LKSTATS_PREALLOCATE : 0),
                                       .report_interval_ms = interval_ms,
                                       .max_tracks = max_tracks,
                                       .node = {"node", 4}};
    const int64_t interval =
        1000000 * (int64_t)(interval_ms ? interval_ms : LKSTATS_REPORT_INTERVAL_DEFAULT_MS);
    story_says("open, %u ms, %u tracks", interval_ms, max_tracks);
    must_answer(lkstats_open(&options, &world->ctx), ANSWER(LKSTATS_OK));
    must_answer(lkstats_event_fd(world->ctx, &world->event_fd), ANSWER(LKSTATS_OK));
    model_open(&world->model, interval, max_tracks);
    if (one_in(4))
        return;
    /* Anywhere but at 0, where clocks stand before they are set. */
    const lkstats_time_t now = {(int64_t)below(1000000000000), 1700000000000000000};
    must_answer(lkstats_run_once(world->ctx, now.monotonic_ns, now.wall_ns), ANSWER(LKSTATS_OK));
    model_run(&world->model, now);
}

/* ---- The end ---- */

static void expect_residue(const model_t *model, const lkstats_residue_t *found) {
    lkstats_residue_t owed;
    model_residue(model, &owed);
    must(found->tracks == owed.tracks && traffic_equal(&found->traffic, &owed.traffic),
         "the residue is %llu tracks and %llu bytes sent, not %llu and %llu",
         (unsigned long long)found->tracks, (unsigned long long)found->traffic.send_bytes,
         (unsigned long long)owed.tracks, (unsigned long long)owed.traffic.send_bytes);
}

/* Closes, or begins to: what is owed decides. */
static lkstats_status_t close_within(world_t *world, int64_t timeout_ms) {
    lkstats_residue_t residue = {.struct_size = sizeof residue}, owed;
    model_close(&world->model);
    model_residue(&world->model, &owed);
    const int waits = owed.tracks != 0 && timeout_ms != LKSTATS_ABANDON;
    story_says("close %lld", (long long)timeout_ms);
    const lkstats_status_t status = must_answer(lkstats_close(world->ctx, timeout_ms, &residue),
                                                ANSWER(waits ? LKSTATS_ETIMEDOUT : LKSTATS_OK));
    expect_residue(&world->model, &residue);
    return status;
}

static void play_while_closing(world_t *world) {
    static void (*const calls[])(world_t *) = {call_track_new,
                                               call_add,
                                               call_totals,
                                               call_stop,
                                               call_on_no_track,
                                               call_run_once,
                                               call_next,
                                               call_ack,
                                               call_ack,
                                               call_nack,
                                               call_redeliver,
                                               call_track_flush,
                                               call_analytics_stats,
                                               call_answer_twice};
    for (uint64_t left = below(20); left > 0; left--)
        calls[below(sizeof calls / sizeof *calls)](world);
}

static void expect_closed(world_t *world) {
    const lkstats_track_options_t options = {.struct_size = sizeof options};
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    lkstats_track_t track;
    int32_t fd;
    const uint32_t closed = ANSWER(LKSTATS_ECLOSED);
    story_says("all calls on the closed context");
    must_answer(lkstats_track_new(world->ctx, &options, &track), closed);
    must_answer(lkstats_run_once(world->ctx, INT64_MAX, 0), closed);
    must_answer(lkstats_flush(world->ctx, 0), closed);
    must_answer(lkstats_redeliver(world->ctx), closed);
    must_answer(lkstats_event_fd(world->ctx, &fd), closed);
    must_answer(lkstats_close(world->ctx, 0, NULL), closed);
    must_answer(lkstats_next(world->ctx, &batch), ANSWER(LKSTATS_EOF));
    for (uint32_t i = 0; i < MODEL_BATCHES; i++) {
        batch.ctx = world->ctx;
        batch.id = world->model.batches[i].given.id;
        if (batch.id != 0)
            must_answer(one_in(2) ? lkstats_ack(&batch) : lkstats_nack(&batch), closed);
    }
}

static void expect_tracks_gone(world_t *world) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    const uint32_t gone = ANSWER(LKSTATS_ECLOSED) | ANSWER(LKSTATS_ESTALE);
    world->bygone_count = 0;
    for (uint32_t i = 0; i < world->model.tracks_count; i++) {
        const lkstats_track_t track = world->model.tracks[i].handle;
        must_answer(lkstats_add_bytes(track, 1, 1), gone);
        must_answer(lkstats_track_totals(track, &totals), gone);
        must_answer(lkstats_track_stop(track, NULL), gone);
        must_answer(lkstats_track_flush(track, 0), gone);
        if (world->bygone_count < BYGONE)
            world->bygone[world->bygone_count++] = track;
    }
}

void world_close(world_t *world) {
    int closed = 0;
    if (!one_in(3)) {
        closed = close_within(world, 0) == LKSTATS_OK;
        if (!closed)
            play_while_closing(world);
        if (!closed && one_in(2)) {
            settle_everything(world);
            closed = close_within(world, 0) == LKSTATS_OK;
        }
    }
    if (!closed)
        close_within(world, LKSTATS_ABANDON);
    expect_closed(world);
    expect_tracks_gone(world);
    expect_stranger_untouched(world);
}
