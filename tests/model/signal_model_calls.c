/* SPDX-License-Identifier: Apache-2.0 */
/* What a server does with its signal connections, and with a data track or two beside them. */
#include "signal_model_calls.h"

#include "story.h"

enum { OFTEN = 300 };
static const uint64_t bytes_end = (uint64_t)1 << 35;
static const uint64_t messages_end = (uint64_t)1 << 26;

typedef unsigned long long ull;

/* One that is in use, or was. */
static handle_t *some_handle(world_t *world) {
    handle_t *handle = &world->model.handles[one_in(6) ? SIGNALS + below(TRACKS) : below(SIGNALS)];
    return handle->is ? handle : NULL;
}

static lkstats_status_t see(handle_t *handle, lkstats_status_t status) {
    handle->gone |= status == LKSTATS_ESTALE;
    return status;
}

/* ---- Making ---- */

static int32_t draw_channel(int signal) {
    if (signal)
        return LKSTATS_CHANNEL_SIGNAL;
    return one_in(2) ? LKSTATS_CHANNEL_DATA : LKSTATS_CHANNEL_DATA_TRACK;
}

static lkstats_status_t make(world_t *world, whose_t *whose, lkstats_track_t *is) {
    if (whose->channel == LKSTATS_CHANNEL_SIGNAL) {
        const lkstats_signal_options_t options = whose_signal(whose);
        return lkstats_signal_new(world->ctx, &options, is);
    }
    whose_draw_room(whose);
    whose_draw_participant(whose);
    whose->room_known = whose->participant_known = 1;
    const lkstats_track_options_t options = whose_track(whose);
    return lkstats_track_new(world->ctx, &options, is);
}

void call_new(world_t *world) {
    const int signal = !one_in(5);
    handle_t *place = model_place(&world->model, signal);
    lkstats_track_t is = 1;
    whose_t whose;
    if (!place)
        return;
    whose_draw_handle(&whose, draw_channel(signal));
    const uint32_t may = model_may_new(&world->model);
    if (must_answer(make(world, &whose, &is), may) == LKSTATS_OK) {
        story_says("%llx is new, channel %d", (ull)is, whose.channel);
        model_new(&world->model, place, is, &whose);
    } else {
        story_says("new: refused");
        must(is == 0, "a refused call left the handle %llx", (ull)is);
    }
}

/* ---- Whose it is ---- */

static void resolve(world_t *world, handle_t *handle, int room) {
    whose_t whose = {0};
    if (room)
        whose_draw_room(&whose);
    else
        whose_draw_participant(&whose);
    if (one_in(30))
        (room ? &whose.room_sid : &whose.participant_sid)->size = 0;
    const lkstats_room_t where = whose_room(&whose);
    const lkstats_participant_t who = whose_participant(&whose);
    const uint32_t may = model_may_resolve(&world->model, handle, &whose, room);
    const lkstats_status_t status =
        see(handle, must_answer(room ? lkstats_signal_resolve_room(handle->is, &where)
                                     : lkstats_signal_resolve_participant(handle->is, &who),
                                may));
    story_says("resolve %s of %llx: %s", room ? "room" : "participant", (ull)handle->is,
               lkstats_status_name(status));
    if (status == LKSTATS_OK)
        model_resolve(&world->model, handle, &whose, room);
}

void call_resolve_room(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle)
        resolve(world, handle, 1);
}

void call_resolve_participant(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle)
        resolve(world, handle, 0);
}

static void resolve_both(world_t *world, handle_t *handle) {
    const int first = (int)below(2);
    resolve(world, handle, first);
    resolve(world, handle, !first);
}

void call_resolve_both(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle)
        resolve_both(world, handle);
}

static lkstats_status_t reset(world_t *world, handle_t *handle) {
    const uint32_t may = model_may_reset(&world->model, handle);
    const lkstats_status_t status = see(handle, must_answer(lkstats_signal_reset(handle->is), may));
    story_says("reset %llx: %s", (ull)handle->is, lkstats_status_name(status));
    if (status == LKSTATS_OK)
        model_reset(&world->model, handle);
    return status;
}

void call_reset(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle)
        reset(world, handle);
}

void call_move(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle && reset(world, handle) == LKSTATS_OK)
        resolve_both(world, handle);
}

static void add(world_t *world, handle_t *handle);

void call_move_often(world_t *world) {
    handle_t *handle = some_handle(world);
    for (int i = 0; handle && i < OFTEN; i++) {
        if (one_in(3))
            add(world, handle);
        if (reset(world, handle) != LKSTATS_OK)
            return;
        resolve_both(world, handle);
    }
}

/* ---- Counting ---- */

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

static void add(world_t *world, handle_t *handle) {
    const uint64_t bytes = draw_size(bytes_end);
    const uint64_t messages = one_in(2) ? 1 : draw_size(messages_end);
    const int32_t is_send = (int32_t)below(2) * (one_in(2) ? 1 : -7);
    lkstats_status_t added;
    story_says("add %llu bytes, %llu messages, send %d to %llx", (ull)bytes, (ull)messages, is_send,
               (ull)handle->is);
    if (one_in(3))
        added = lkstats_slab_add(&world->slab, handle->is, bytes, messages, is_send);
    else if (messages == 1)
        added = lkstats_add_bytes(handle->is, bytes, is_send);
    else
        added = lkstats_add_messages(handle->is, bytes, messages, is_send);
    if (must_answer(added, model_may_add(&world->model, handle)) == LKSTATS_OK)
        model_add(&world->model, handle, bytes, messages, is_send);
}

void call_add(world_t *world) {
    handle_t *handle = some_handle(world);
    if (handle)
        add(world, handle);
}

static void expect_totals(const handle_t *handle, const lkstats_totals_t *totals) {
    must(traffic_equal(&totals->traffic, &handle->totals),
         "%llx has totals of %llu bytes sent and %llu received, not %llu and %llu", (ull)handle->is,
         (ull)totals->traffic.send_bytes, (ull)totals->traffic.recv_bytes, (ull)handle->totals.send_bytes,
         (ull)handle->totals.recv_bytes);
}

void call_totals(world_t *world) {
    handle_t *handle = some_handle(world);
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    if (!handle)
        return;
    story_says("totals of %llx", (ull)handle->is);
    const uint32_t may = model_may_see(&world->model, handle);
    if (see(handle, must_answer(lkstats_track_totals(handle->is, &totals), may)) == LKSTATS_OK)
        expect_totals(handle, &totals);
}

void call_stop(world_t *world) {
    handle_t *handle = some_handle(world);
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    if (!handle)
        return;
    story_says("stop %llx", (ull)handle->is);
    const uint32_t may = model_may_see(&world->model, handle);
    if (see(handle, must_answer(lkstats_track_stop(handle->is, &totals), may)) != LKSTATS_OK)
        return;
    model_stop(&world->model, handle);
    expect_totals(handle, &totals);
}

/* ---- Time ---- */

static int64_t draw_step(int64_t interval) {
    static const int64_t ms = 1000000;
    switch (below(8)) {
    case 0:
        return ms;
    case 1:
        return (int64_t)below(100) * ms;
    case 2:
        return 100 * ms;
    case 3:
        return (int64_t)below((uint64_t)interval);
    case 4:
        return 6 * interval - (int64_t)below(2);
    case 5:
        return (int64_t)below(8 * (uint64_t)interval);
    default:
        return interval;
    }
}

void run_for(world_t *world, int64_t ns) {
    const lkstats_time_t now = {world->model.now.monotonic_ns + ns, world->model.now.wall_ns + ns};
    story_says("run_once %lld ns later, at %lld", (long long)ns, (long long)now.monotonic_ns);
    must_answer(lkstats_run_once(world->ctx, now.monotonic_ns, now.wall_ns), ANSWER(LKSTATS_OK));
    model_run(&world->model, now);
}

void call_run_once(world_t *world) { run_for(world, draw_step(world->model.interval)); }

void call_flush(world_t *world) {
    const uint32_t may = ANSWER(model_owes_any(&world->model) ? LKSTATS_ETIMEDOUT : LKSTATS_OK);
    story_says("flush");
    must_answer(lkstats_flush(world->ctx, 0), may);
    model_flush(&world->model, NULL);
}

void call_track_flush(world_t *world) {
    handle_t *handle = some_handle(world);
    if (!handle)
        return;
    const uint32_t may = model_may_flush(&world->model, handle);
    story_says("track_flush %llx", (ull)handle->is);
    if (see(handle, must_answer(lkstats_track_flush(handle->is, 0), may)) != LKSTATS_ESTALE)
        model_flush(&world->model, handle);
}
