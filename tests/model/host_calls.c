/* SPDX-License-Identifier: Apache-2.0 */
/* What a server does: makes tracks, counts, asks, stops, and lets time pass. */
#include "story.h"
#include "world.h"

static const uint64_t bytes_end = (uint64_t)1 << 35;
static const uint64_t messages_end = (uint64_t)1 << 26;

typedef unsigned long long ull;

model_track_t *some_track(world_t *world) {
    model_t *model = &world->model;
    return model->tracks_count ? &model->tracks[below(model->tracks_count)] : NULL;
}

/* ---- Tracks ---- */

void call_track_new(world_t *world) {
    identity_t who;
    lkstats_track_options_t options;
    lkstats_track_t track = 1;
    identity_draw(&who);
    identity_give(&who, &options);
    const uint32_t may = model_may_new(&world->model);
    story_says("track_new");
    if (must_answer(lkstats_track_new(world->ctx, &options, &track), may) == LKSTATS_OK) {
        model_new(&world->model, track, &who);
        story_says("... is %llx", (ull)track);
    } else {
        must(track == 0, "a refused track_new left the handle %llx", (ull)track);
        must_answer(lkstats_add_bytes(track, 1, 1), ANSWER(LKSTATS_ESTALE));
    }
}

void call_track_new_invalid(world_t *world) {
    identity_t who;
    lkstats_track_options_t options;
    lkstats_track_t track = 1;
    identity_draw(&who);
    identity_give(&who, &options);
    story_says("track_new, wrong: %s", identity_spoil(&options));
    must_answer(lkstats_track_new(world->ctx, &options, &track), ANSWER(LKSTATS_EINVAL));
    must(track == 0, "a refused track_new left the handle %llx", (ull)track);
}

static uint64_t draw_size(uint64_t end) {
    switch (below(6)) {
    case 0:
        return below(3);
    case 1:
        return end - 1 - below(2);
    case 2:
        return below(end);
    default:
        return below(2000);
    }
}

void call_add(world_t *world) {
    model_track_t *track = some_track(world);
    if (!track)
        return;
    const uint64_t bytes = draw_size(bytes_end);
    const uint64_t messages = one_in(2) ? 1 : draw_size(messages_end);
    const int32_t is_send = (int32_t)below(2) * (one_in(2) ? 1 : -7);
    lkstats_status_t added;
    story_says("add %llu bytes, %llu messages, send %d to %llx", (ull)bytes, (ull)messages, is_send,
               (ull)track->handle);
    if (one_in(3))
        added = lkstats_slab_add(&world->slab, track->handle, bytes, messages, is_send);
    else if (messages == 1)
        added = lkstats_add_bytes(track->handle, bytes, is_send);
    else
        added = lkstats_add_messages(track->handle, bytes, messages, is_send);
    if (must_answer(added, model_may_add(track)) == LKSTATS_OK)
        model_add(&world->model, track, bytes, messages, is_send);
}

void call_add_refused(world_t *world) {
    model_track_t *track = some_track(world);
    if (!track)
        return;
    const uint64_t too_many_bytes = one_in(2) ? bytes_end : bytes_end + below(UINT64_MAX - bytes_end);
    const uint64_t too_many = one_in(2) ? messages_end : messages_end + below(UINT64_MAX - messages_end);
    const int32_t is_send = (int32_t)below(2);
    story_says("add too much to %llx", (ull)track->handle);
    must_answer(lkstats_add_bytes(track->handle, too_many_bytes, is_send), ANSWER(LKSTATS_EINVAL));
    must_answer(lkstats_add_messages(track->handle, draw_size(bytes_end), too_many, is_send),
                ANSWER(LKSTATS_EINVAL));
    must_answer(lkstats_slab_add(&world->slab, track->handle, too_many_bytes, 1, is_send),
                ANSWER(LKSTATS_EINVAL));
}

static int same_time(lkstats_time_t a, lkstats_time_t b) {
    return a.monotonic_ns == b.monotonic_ns && a.wall_ns == b.wall_ns;
}

/* Final totals are those of the stop and of any later instant. */
static void expect_totals(const world_t *world, const model_track_t *track, const lkstats_totals_t *totals) {
    must(traffic_equal(&totals->traffic, &track->totals),
         "%llx has totals of %llu bytes sent and %llu received, not %llu and %llu", (ull)track->handle,
         (ull)totals->traffic.send_bytes, (ull)totals->traffic.recv_bytes, (ull)track->totals.send_bytes,
         (ull)track->totals.recv_bytes);
    must(same_time(totals->at, world->model.now) ||
             (track->state != MODEL_LIVE && same_time(totals->at, track->stopped_at)),
         "the totals of %llx are of %lld ns", (ull)track->handle, (long long)totals->at.monotonic_ns);
}

void call_totals(world_t *world) {
    model_track_t *track = some_track(world);
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    if (!track)
        return;
    story_says("totals of %llx", (ull)track->handle);
    if (must_answer(lkstats_track_totals(track->handle, &totals), model_may_see(track)) != LKSTATS_OK)
        return;
    expect_totals(world, track, &totals);
}

void call_stop(world_t *world) {
    model_track_t *track = some_track(world);
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    if (!track)
        return;
    const uint32_t may = model_may_see(track);
    const int without = one_in(4);
    story_says("stop %llx", (ull)track->handle);
    if (must_answer(lkstats_track_stop(track->handle, without ? NULL : &totals), may) != LKSTATS_OK)
        return;
    model_stop(&world->model, track);
    if (!without)
        expect_totals(world, track, &totals);
}

/* A handle that is nobody's: never given out, or no longer. */
static lkstats_track_t no_track(world_t *world, uint32_t *may) {
    model_t *model = &world->model;
    const model_track_t *track = some_track(world);
    const lkstats_track_t real = track ? track->handle : 0;
    *may = ANSWER(LKSTATS_ESTALE);
    switch (below(6)) {
    case 0: /* one of the zero bits set */
        return real | (uint64_t)1 << (24 + below(8));
    case 1: /* another tag */
        return real ^ (1 + below(UINT32_MAX)) << 32;
    case 2: /* the last slot there could be */
        return (draw() & ~(uint64_t)UINT32_MAX) | 0xffffff;
    case 3:
        return model->replaced_count ? model->replaced[below(model->replaced_count) % MODEL_TRACKS] : 0;
    case 4:
        if (!world->bygone_count)
            return 0;
        *may |= ANSWER(LKSTATS_ECLOSED);
        return world->bygone[below(world->bygone_count)];
    default:
        return below(2) ? 0 : draw() | (uint64_t)1 << 31;
    }
}

void call_on_no_track(world_t *world) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    uint32_t may;
    const lkstats_track_t none = no_track(world, &may);
    const int32_t is_send = (int32_t)below(2);
    story_says("all calls on %llx, which is no track", (ull)none);
    must_answer(lkstats_add_bytes(none, below(bytes_end), is_send), may);
    must_answer(lkstats_add_messages(none, below(bytes_end), below(messages_end), is_send), may);
    must_answer(lkstats_slab_add(&world->slab, none, below(bytes_end), 1, is_send), may);
    must_answer(lkstats_add_bytes(none, bytes_end, is_send), ANSWER(LKSTATS_EINVAL));
    lkstats_prefetch(none);
    must_answer(lkstats_track_totals(none, &totals), may);
    must_answer(lkstats_track_stop(none, &totals), may);
    must_answer(lkstats_track_flush(none, 0), may);
}

/* ---- Time ---- */

static int64_t draw_step(int64_t interval) {
    static const int64_t ms = 1000000, second = 1000000000, hour = 3600 * (int64_t)1000000000;
    switch (below(12)) {
    case 0:
        return 0;
    case 1:
        return (int64_t)below(20) * ms;
    case 2:
        return 100 * ms;
    case 3:
        return interval / 50 + (int64_t)below(3) - 1;
    case 4:
        return (int64_t)below((uint64_t)interval);
    case 5:
        return interval - 1;
    case 6:
        return interval + (int64_t)below((uint64_t)interval);
    case 7:
        return second;
    case 8:
        return 10 * second + (int64_t)below((uint64_t)interval);
    case 9:
        return one_in(4) ? hour * (int64_t)(1 + below(30)) : 5 * second;
    default:
        return interval;
    }
}

void call_run_once(world_t *world) {
    model_t *model = &world->model;
    const int64_t step = draw_step(model->interval);
    /* The wall clock may be set meanwhile, also back. */
    const int64_t set = one_in(20) ? (int64_t)below(7200000000000) - 3600000000000 : 0;
    const lkstats_time_t now = {model->now.monotonic_ns + step, model->now.wall_ns + step + set};
    story_says("run_once %lld ns later, at %lld", (long long)step, (long long)now.monotonic_ns);
    must_answer(lkstats_run_once(world->ctx, now.monotonic_ns, now.wall_ns), ANSWER(LKSTATS_OK));
    model_run(model, now);
}

void call_run_backwards(world_t *world) {
    const model_t *model = &world->model;
    if (!model->started)
        return;
    story_says("run_once backwards");
    must_answer(
        lkstats_run_once(world->ctx, model->now.monotonic_ns - 1 - (int64_t)below(1000), model->now.wall_ns),
        ANSWER(LKSTATS_EINVAL));
}

void call_track_flush(world_t *world) {
    model_track_t *track = some_track(world);
    if (!track)
        return;
    uint32_t may = model_may_see(track);
    story_says("track_flush %llx", (ull)track->handle);
    if (model_owes(track))
        may = ANSWER(LKSTATS_ETIMEDOUT);
    if (must_answer(lkstats_track_flush(track->handle, 0), may) != LKSTATS_ESTALE)
        model_flush_track(&world->model, track);
}

void call_flush_invalid(world_t *world) {
    const model_track_t *track = some_track(world);
    const int64_t timeout_ms = -1 - (int64_t)below(5);
    story_says("flush with a timeout of %lld", (long long)timeout_ms);
    must_answer(lkstats_flush(world->ctx, timeout_ms), ANSWER(LKSTATS_EINVAL));
    if (track && track->state == MODEL_LIVE)
        must_answer(lkstats_track_flush(track->handle, timeout_ms), ANSWER(LKSTATS_EINVAL));
}

void call_flush(world_t *world) {
    lkstats_residue_t owed;
    model_residue(&world->model, &owed);
    story_says("flush");
    must_answer(lkstats_flush(world->ctx, 0), ANSWER(owed.tracks ? LKSTATS_ETIMEDOUT : LKSTATS_OK));
    model_flush(&world->model);
}
