/* SPDX-License-Identifier: Apache-2.0 */
/* When every slot is in use, and when a slot may be somebody else's. */
#include "host.h"

enum { SLOTS = 2 };

/* Every slot taken, one byte counted on each. */
static lkstats_t *full_context(lkstats_track_t *tracks) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = SLOTS});
    for (int i = 0; i < SLOTS; ++i) {
        tracks[i] = host_track(ctx, "PA_full");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1, 1));
    }
    return ctx;
}

static void assert_full(lkstats_t *ctx) {
    const lkstats_track_options_t options = host_track_options("PA_surplus");
    lkstats_track_t track = 1;
    assert_status(LKSTATS_EFULL, lkstats_track_new(ctx, &options, &track));
    assert_int_equal(track, 0);
}

/* Stops a track at this tick, and acknowledges its last report. */
static void stop_and_settle(lkstats_t *ctx, lkstats_track_t track, int64_t tick, host_records_t *all) {
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    host_tick(ctx, tick);
    host_drain(ctx, all);
}

STORY(a_full_context_hands_out_a_track_that_is_harmless) {
    lkstats_track_t tracks[SLOTS];
    lkstats_t *const ctx = full_context(tracks);
    host_records_t all = {0};
    for (int i = 0; i < 10; ++i)
        assert_full(ctx);
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(0, 1000, 1));
    assert_status(LKSTATS_ESTALE, lkstats_add_messages(0, 1000, 1000, 0));
    lkstats_prefetch(0);

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, SLOTS);
    for (int i = 0; i < SLOTS; ++i) {
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_traffic(sum, 1, 1, 0, 0);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_slot_is_free_again_after_its_last_answer_and_its_rest) {
    lkstats_track_t tracks[SLOTS];
    lkstats_t *const ctx = full_context(tracks);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_track_stop(tracks[0], NULL));
    assert_full(ctx);
    for (int tick = 1; tick <= 10; ++tick)
        host_tick(ctx, tick);
    assert_full(ctx); /* not acknowledged */
    host_drain(ctx, &all);
    assert_full(ctx); /* not rested */
    host_tick(ctx, 11);
    assert_full(ctx);
    for (int tick = 12; tick <= 15; ++tick)
        host_tick(ctx, tick);

    const lkstats_track_t next = host_track(ctx, "PA_next");
    assert_int_not_equal(next, tracks[0]);
    assert_full(ctx);
    host_drain(ctx, &all);
    host_records_free(&all);
    host_done(ctx);
}

STORY(time_alone_is_no_rest) {
    lkstats_track_t tracks[SLOTS];
    lkstats_t *const ctx = full_context(tracks);
    host_records_t all = {0};
    stop_and_settle(ctx, tracks[0], 1, &all);
    host_tick(ctx, 10000); /* a machine that was paused */
    assert_full(ctx);
    host_records_free(&all);
    host_done(ctx);
}

STORY(passes_alone_are_no_rest) {
    lkstats_track_t tracks[SLOTS];
    lkstats_t *const ctx = full_context(tracks);
    host_records_t all = {0};
    stop_and_settle(ctx, tracks[0], 1, &all);
    for (int i = 0; i < 10; ++i)
        assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    assert_full(ctx);
    host_records_free(&all);
    host_done(ctx);
}

STORY(an_old_handle_does_not_reach_its_successor) {
    lkstats_track_t tracks[SLOTS];
    lkstats_t *const ctx = full_context(tracks);
    host_records_t all = {0};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    stop_and_settle(ctx, tracks[0], 1, &all);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(tracks[0], 1, 1));
    for (int tick = 2; tick <= 6; ++tick)
        host_tick(ctx, tick);
    host_records_free(&all);

    const lkstats_track_t next = host_track(ctx, "PA_next");
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(tracks[0], 1000, 1));
    assert_status(LKSTATS_ESTALE, lkstats_add_messages(tracks[0], 1000, 5, 0));
    assert_status(LKSTATS_ESTALE, lkstats_track_totals(tracks[0], &totals));
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(tracks[0], NULL));
    assert_status(LKSTATS_ESTALE, lkstats_track_flush(tracks[0], 0));

    assert_status(LKSTATS_OK, lkstats_add_bytes(next, 9, 1));
    host_tick(ctx, 7);
    host_drain(ctx, &all);
    assert_int_equal(host_count(&all, tracks[0]), 0);
    const lkstats_record_t *const record = host_find(&all, next, 1);
    assert_non_null(record);
    assert_traffic(record->running, 9, 1, 0, 0);
    assert_true(host_string_is(record->participant_sid, "PA_next"));
    assert_int_equal(record->start.monotonic_ns, HOST_START_NS + 6 * HOST_TICK_NS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(tracks_that_come_and_go_need_few_slots) {
    enum { LIVES = 2000 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 8});
    host_records_t all = {0};
    for (uint64_t i = 0; i < LIVES; ++i) {
        const lkstats_track_t track = host_track(ctx, "PA_turn");
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, i, 1));
        stop_and_settle(ctx, track, (int64_t)i + 1, &all);
        assert_int_equal(all.count, 1);
        assert_true(host_is_of(&all.items[0], track));
        assert_traffic(all.items[0].running, i, 1, 0, 0);
        host_records_free(&all);
    }
    host_done(ctx);
}

STORY(memory_for_every_track_can_be_taken_at_open) {
    enum { TRACKS = 20000 };
    lkstats_t *const ctx =
        host_open_with((lkstats_options_t){.flags = LKSTATS_PREALLOCATE, .max_tracks = TRACKS});
    const lkstats_track_options_t options = host_track_options("PA_prepared");
    lkstats_track_t track = 0;
    for (int i = 0; i < TRACKS; ++i) {
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    }
    assert_full(ctx);
    host_records_t all = {0};
    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, TRACKS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_limit_is_each_contexts_own) {
    lkstats_track_t tracks[SLOTS], others[SLOTS];
    lkstats_t *const ctx = full_context(tracks), *const other = full_context(others);
    assert_full(ctx);
    assert_full(other);
    host_done(ctx);
    assert_full(other);
    host_done(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_context_hands_out_a_track_that_is_harmless),
        cmocka_unit_test(a_slot_is_free_again_after_its_last_answer_and_its_rest),
        cmocka_unit_test(time_alone_is_no_rest),
        cmocka_unit_test(passes_alone_are_no_rest),
        cmocka_unit_test(an_old_handle_does_not_reach_its_successor),
        cmocka_unit_test(tracks_that_come_and_go_need_few_slots),
        cmocka_unit_test(memory_for_every_track_can_be_taken_at_open),
        cmocka_unit_test(the_limit_is_each_contexts_own),
    };
    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
