/* SPDX-License-Identifier: Apache-2.0 */
/* How a signal connection ends: resolved, resolved late, never resolved, or with its context. */
#include "host.h"

/* How long a stopped connection waits for its identity. */
#define PATIENCE_NS (6 * HOST_TICK_NS)

static void send_bytes(lkstats_signal_t signal, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, bytes, 1));
}

static void stop(lkstats_signal_t signal) { assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL)); }

static void assert_gone(lkstats_signal_t signal) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    assert_status(LKSTATS_ESTALE, lkstats_track_totals(signal, &totals));
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(signal, NULL));
    assert_status(LKSTATS_ESTALE, lkstats_track_flush(signal, 0));
    assert_status(LKSTATS_ESTALE, host_resolve_room(signal, "RM_gone"));
    assert_status(LKSTATS_ESTALE, host_resolve_participant(signal, "PA_gone"));
    assert_status(LKSTATS_ESTALE, lkstats_signal_reset(signal));
}

static void assert_ends(const lkstats_record_t *record, int64_t after_ns) {
    assert_int_equal(record->end.monotonic_ns, HOST_START_NS + after_ns);
    assert_int_equal(record->end.wall_ns, HOST_START_WALL_NS + after_ns);
}

/* Which of the two parts a connection has when it is stopped too early. */
enum { NOTHING, ROOM, PARTICIPANT, HALVES };

static void resolve_half(lkstats_signal_t signal, int half) {
    if (half == ROOM)
        assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_half"));
    if (half == PARTICIPANT)
        assert_status(LKSTATS_OK, host_resolve_participant(signal, "PA_half"));
}

STORY(a_stop_is_the_last_report_and_left) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    lkstats_totals_t totals = {.struct_size = sizeof totals}, again = totals;
    host_records_t all = {0};
    host_resolve(signal, "RM_one", "PA_one");
    host_settle(ctx, 0, &all);
    send_bytes(signal, 10);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    send_bytes(signal, 7);
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, &totals));
    assert_traffic(totals.traffic, 17, 2, 0, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(signal, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, &again));
    assert_traffic(again.traffic, 17, 2, 0, 0);
    host_settle(ctx, 1 * HOST_TICK_NS + HOST_SECOND, &all);

    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.3 7+0, 1.3 left");
    host_assert_gapless(&all, signal);
    assert_traffic(all.items[3].running, 17, 2, 0, 0);
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stop_before_anything_was_counted_says_joined_and_left) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    host_resolve(signal, "RM_one", "PA_one");
    stop(signal);
    host_settle(ctx, HOST_SECOND, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 left");
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stopped_connection_may_be_resolved_for_six_intervals) {
    static const int64_t moments[] = {0, HOST_SECOND, 3 * HOST_TICK_NS, PATIENCE_NS - 1};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; ++i)
        for (int half = 0; half < HALVES; ++half) {
            lkstats_t *const ctx = host_open();
            const lkstats_signal_t signal = host_signal(ctx);
            host_records_t all = {0};
            send_bytes(signal, 7);
            resolve_half(signal, half);
            stop(signal);
            host_settle(ctx, moments[i], &all);
            assert_int_equal(all.count, 0);
            assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(signal, 1000, 1));
            const lkstats_totals_t totals = host_totals(signal);
            assert_traffic(totals.traffic, 7, 1, 0, 0);

            assert_status(half == ROOM ? LKSTATS_ERESOLVED : LKSTATS_OK,
                          host_resolve_room(signal, "RM_late"));
            assert_status(half == PARTICIPANT ? LKSTATS_ERESOLVED : LKSTATS_OK,
                          host_resolve_participant(signal, "PA_late"));
            host_settle(ctx, moments[i], &all);
            assert_string_equal(host_told(&all), "1.1 joined, 1.2 7+0, 1.2 left");
            host_assert_gapless(&all, signal);
            assert_true(all.items[0].end.monotonic_ns <= HOST_START_NS + moments[i]);
            assert_ends(&all.items[1], 0);
            assert_ends(&all.items[2], 0);
            assert_true(
                host_string_is(all.items[1].participant_sid, half == PARTICIPANT ? "PA_half" : "PA_late"));
            assert_true(host_string_is(all.items[1].room_sid, half == ROOM ? "RM_half" : "RM_late"));
            assert_gone(signal);
            host_records_free(&all);
            host_done(ctx);
        }
}

STORY(after_six_intervals_its_traffic_is_unattributed) {
    for (int half = 0; half < HALVES; ++half) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        host_records_t all = {0};
        send_bytes(signal, 7);
        host_settle(ctx, HOST_SECOND, &all);
        resolve_half(signal, half);
        stop(signal);
        host_settle(ctx, HOST_SECOND + PATIENCE_NS - 1, &all);
        assert_int_equal(all.count, 0);
        host_run(ctx, HOST_SECOND + PATIENCE_NS);
        if (half != ROOM)
            assert_status(LKSTATS_ECLOSED, host_resolve_room(signal, "RM_too_late"));
        if (half != PARTICIPANT)
            assert_status(LKSTATS_ECLOSED, host_resolve_participant(signal, "PA_too_late"));
        assert_status(LKSTATS_ECLOSED, lkstats_signal_reset(signal));
        host_settle(ctx, HOST_SECOND + PATIENCE_NS + HOST_TICK_NS, &all); /* its turn in the next interval */

        assert_string_equal(host_told(&all), "1.1 7+0?");
        const lkstats_record_t *const record = &all.items[0];
        assert_true(host_is_of(record, signal));
        assert_int_equal(record->flags, LKSTATS_UNATTRIBUTED);
        assert_int_equal(record->channel, LKSTATS_CHANNEL_SIGNAL);
        assert_traffic(record->running, 7, 1, 0, 0);
        assert_int_equal(record->start.monotonic_ns, HOST_START_NS);
        assert_ends(record, HOST_SECOND);
        assert_true(host_string_is(record->room_sid, half == ROOM ? "RM_half" : ""));
        assert_true(host_string_is(record->room_name, half == ROOM ? "RM_half" : ""));
        assert_true(host_string_is(record->participant_sid, half == PARTICIPANT ? "PA_half" : ""));
        assert_true(host_string_is(record->participant_identity, half == PARTICIPANT ? "PA_half" : ""));
        assert_true(host_string_is(record->track_id, half == PARTICIPANT ? "TR_SGPA_half" : ""));
        assert_true(host_string_is(record->tenant, "acme"));
        assert_gone(signal);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(an_unattributed_report_that_is_given_back_stays_as_it_is) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 7);
    stop(signal);
    host_run(ctx, PATIENCE_NS);
    for (int i = 0; i < 3; ++i) {
        const lkstats_batch_t batch = host_take(ctx);
        host_keep(&all, &batch);
        assert_status(LKSTATS_OK, i < 2 ? lkstats_nack(&batch) : lkstats_ack(&batch));
        host_run(ctx, PATIENCE_NS + i * HOST_TICK_NS);
    }
    assert_string_equal(host_told(&all), "1.1 7+0?, 1.1 7+0?, 1.1 7+0?");
    assert_true(host_same_content(&all.items[0], &all.items[1]));
    assert_true(host_same_content(&all.items[0], &all.items[2]));
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(without_traffic_nothing_is_unattributed_and_the_place_is_free) {
    for (int half = 0; half < HALVES; ++half) {
        lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 1});
        const lkstats_signal_t signal = host_signal(ctx);
        lkstats_signal_t next = 0;
        host_records_t all = {0};
        resolve_half(signal, half);
        stop(signal);
        host_settle(ctx, PATIENCE_NS - 1, &all);
        host_totals(signal); /* still there */
        host_settle(ctx, PATIENCE_NS, &all);
        assert_gone(signal);
        assert_status(LKSTATS_EFULL, lkstats_signal_new(ctx, NULL, &next)); /* not rested */
        for (int tick = 1; tick <= 4; ++tick)
            host_settle(ctx, PATIENCE_NS + tick * HOST_TICK_NS, &all);
        assert_status(LKSTATS_OK, lkstats_signal_new(ctx, NULL, &next));
        assert_int_equal(all.count, 0);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(a_reset_does_not_undo_a_stop) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 7);
    host_resolve(signal, "RM_one", "PA_one");
    stop(signal);
    assert_status(LKSTATS_ECLOSED, lkstats_signal_reset(signal));
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(signal, 1, 1));
    assert_status(LKSTATS_ERESOLVED, host_resolve_room(signal, "RM_two"));
    host_settle(ctx, 0, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 7+0, 1.2 left");
    for (size_t i = 0; i < all.count; ++i) {
        assert_true(host_string_is(all.items[i].room_sid, "RM_one"));
        assert_true(host_string_is(all.items[i].participant_sid, "PA_one"));
    }
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_reset_of_one_that_was_never_resolved_forgets_and_stays_stopped) {
    for (int resolved = 0; resolved < 2; ++resolved)
        for (int half = 0; half < HALVES; ++half) {
            lkstats_t *const ctx = host_open();
            const lkstats_signal_t signal = host_signal(ctx);
            host_records_t all = {0};
            send_bytes(signal, 7);
            resolve_half(signal, half);
            stop(signal);
            host_settle(ctx, PATIENCE_NS - 1, &all);
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
            assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(signal, 1, 1));
            if (resolved)
                host_resolve(signal, "RM_other", "PA_other");
            host_settle(ctx, PATIENCE_NS, &all); /* the reset gives it no more time */

            assert_string_equal(host_told(&all), resolved ? "1.1 joined, 1.2 7+0, 1.2 left" : "1.1 7+0?");
            for (size_t i = 0; i < all.count; ++i) {
                assert_true(host_string_is(all.items[i].room_sid, resolved ? "RM_other" : ""));
                assert_true(host_string_is(all.items[i].participant_sid, resolved ? "PA_other" : ""));
            }
            assert_gone(signal);
            host_records_free(&all);
            host_done(ctx);
        }
}

STORY(only_the_epoch_that_was_never_resolved_is_unattributed) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 10);
    host_resolve(signal, "RM_one", "PA_one");
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    send_bytes(signal, 200);
    stop(signal);
    host_settle(ctx, 0, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left");
    host_settle(ctx, PATIENCE_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left, 2.1 200+0?");
    host_assert_gapless(&all, signal);
    assert_int_equal(all.items[3].participant_sid.size, 0);
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

/* ---- When it ends ------------------------------------------------------------------------------- */

/* However late somebody asks, and whatever is on its way by then. */
STORY(all_of_an_epoch_that_is_over_ends_at_its_end) {
    for (int64_t seen_before = 0; seen_before < 3; ++seen_before) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        host_records_t all = {0};
        host_resolve(signal, "RM_one", "PA_one");
        send_bytes(signal, 10);
        for (int64_t at = 1; at <= seen_before; ++at)
            host_settle(ctx, at * HOST_SECOND / 4, &all);
        host_run(ctx, 1 * HOST_SECOND);
        const size_t before = all.count;
        send_bytes(signal, 5);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_resolve(signal, "RM_two", "PA_two");
        host_run(ctx, 2 * HOST_SECOND);
        send_bytes(signal, 20);
        stop(signal);

        for (int64_t at = 3; at < 600; at *= 3)
            host_settle(ctx, at * HOST_SECOND, &all);
        host_assert_gapless(&all, signal);
        assert_int_equal(host_count_kind(&all, signal, LKSTATS_RECORD_LEFT), 2);
        for (size_t i = before; i < all.count; ++i) {
            /* But for a joined that was seen while it went on. */
            if (all.items[i].key.epoch == 1 && all.items[i].key.kind == LKSTATS_RECORD_JOINED)
                assert_true(all.items[i].end.monotonic_ns <= HOST_START_NS + 1 * HOST_SECOND);
            else
                assert_ends(&all.items[i], all.items[i].key.epoch * HOST_SECOND);
        }
        assert_gone(signal);
        host_records_free(&all);
        host_done(ctx);
    }
}

/* What was frozen before it is acknowledged late: the rest ends when it was over nonetheless. */
STORY(a_stopped_tracks_last_window_ends_at_the_stop) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_data");
    host_records_t all = {0};
    send_bytes(track, 10);
    host_run(ctx, HOST_TICK_NS);
    host_run(ctx, HOST_TICK_NS + HOST_SECOND);
    send_bytes(track, 5);
    stop(track);
    host_settle(ctx, 600 * HOST_SECOND, &all);
    assert_string_equal(host_told(&all), "1.1 10+0, 1.2 5+0");
    host_assert_gapless(&all, track);
    assert_ends(&all.items[0], HOST_TICK_NS);
    assert_ends(&all.items[1], HOST_TICK_NS + HOST_SECOND);
    assert_gone(track);
    host_records_free(&all);
    host_done(ctx);
}

/* Its time is over while its turn has not come. */
STORY(a_stalled_consumer_gives_no_time_to_resolve) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 10);
    host_resolve(signal, "RM_one", "PA_one");
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    send_bytes(signal, 200);
    stop(signal);
    for (int tick = 0; tick <= 6; ++tick)
        host_tick(ctx, tick);
    assert_status(LKSTATS_ECLOSED, host_resolve_room(signal, "RM_late"));
    assert_status(LKSTATS_ECLOSED, host_resolve_participant(signal, "PA_late"));
    assert_status(LKSTATS_ECLOSED, lkstats_signal_reset(signal));
    host_settle(ctx, PATIENCE_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left, 2.1 200+0?");
    assert_int_equal(all.items[3].room_sid.size, 0);
    assert_gone(signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_close_reports_what_is_not_resolved_at_once) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t silent = host_signal(ctx), live = host_signal(ctx), stopped = host_signal(ctx);
    const lkstats_signal_t resolved = host_signal(ctx);
    lkstats_signal_t late = 1;
    host_records_t all = {0};
    resolve_half(silent, ROOM);
    send_bytes(live, 1);
    resolve_half(live, PARTICIPANT);
    send_bytes(stopped, 20);
    stop(stopped);
    send_bytes(resolved, 300);
    host_resolve(resolved, "RM_one", "PA_one");

    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));
    assert_status(LKSTATS_ECLOSED, lkstats_signal_new(ctx, NULL, &late));
    assert_int_equal(late, 0);
    assert_status(LKSTATS_ECLOSED, host_resolve_room(live, "RM_late"));
    assert_status(LKSTATS_ECLOSED, host_resolve_participant(stopped, "PA_late"));
    assert_status(LKSTATS_ECLOSED, lkstats_signal_reset(live));
    host_close(ctx, &all);

    host_records_t of[3] = {{0}};
    for (size_t i = 0; i < all.count; ++i) {
        host_records_t *const mine = host_is_of(&all.items[i], live)      ? &of[0]
                                     : host_is_of(&all.items[i], stopped) ? &of[1]
                                                                          : &of[2];
        const lkstats_batch_t one = {.record_count = 1, .records = &all.items[i]};
        host_keep(mine, &one);
        assert_false(host_is_of(&all.items[i], silent));
    }
    assert_string_equal(host_told(&of[0]), "1.1 1+0?");
    assert_true(host_string_is(of[0].items[0].participant_sid, "PA_half"));
    assert_int_equal(of[0].items[0].room_sid.size, 0);
    assert_string_equal(host_told(&of[1]), "1.1 20+0?");
    assert_int_equal(of[1].items[0].participant_sid.size, 0);
    assert_string_equal(host_told(&of[2]), "1.1 joined, 1.2 300+0, 1.2 left");
    for (int i = 0; i < 3; ++i)
        host_records_free(&of[i]);
    host_records_free(&all);
}

/* Three epochs that are resolved and a fourth that is not, 10 + 20 + 30 + 40 bytes: seven steps of one batch. */
enum { STEPS = 7, COUNTED = 100 };

static lkstats_signal_t four_epochs(lkstats_t *ctx) {
    const lkstats_signal_t signal = host_signal(ctx);
    for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
        send_bytes(signal, 10 * epoch);
        if (epoch == 4)
            break;
        host_resolve(signal, "RM_one", "PA_one");
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    return signal;
}

/* Acknowledges so many steps, and leaves one more out. */
static void acknowledge_steps(lkstats_t *ctx, int steps, host_records_t *all) {
    for (int step = 0; step <= steps && step < STEPS - 1; ++step) {
        host_run(ctx, step);
        const lkstats_batch_t batch = host_take(ctx);
        if (step == steps)
            return;
        host_keep(all, &batch);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
}

STORY(what_was_acknowledged_and_the_residue_are_all_that_was_counted) {
    for (int stopped = 0; stopped < 2; ++stopped)
        for (int steps = 0; steps < STEPS; ++steps) {
            lkstats_t *const ctx = host_open();
            const lkstats_signal_t signal = four_epochs(ctx);
            lkstats_residue_t residue = {.struct_size = sizeof residue};
            host_records_t all = {0};
            if (stopped)
                stop(signal);
            acknowledge_steps(ctx, steps, &all);
            const lkstats_traffic_t sum = host_sum(&all, signal);
            assert_status(LKSTATS_OK, lkstats_close(ctx, LKSTATS_ABANDON, &residue));
            assert_int_equal(residue.tracks, 1);
            assert_traffic(residue.traffic, COUNTED - sum.send_bytes, 4 - sum.send_messages, 0, 0);
            host_records_free(&all);
        }
}

STORY(a_close_that_is_not_over_says_what_is_left_at_each_step) {
    for (int steps = 0; steps < STEPS; ++steps) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = four_epochs(ctx);
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        host_records_t all = {0};
        acknowledge_steps(ctx, steps, &all);
        lkstats_status_t status;
        while ((status = lkstats_close(ctx, 0, &residue)) == LKSTATS_ETIMEDOUT) {
            const lkstats_traffic_t sum = host_sum(&all, signal);
            assert_int_equal(residue.tracks, 1);
            assert_traffic(residue.traffic, COUNTED - sum.send_bytes, 4 - sum.send_messages, 0, 0);
            assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
            const size_t before = all.count;
            const lkstats_batch_t batch = host_take(ctx);
            host_keep(&all, &batch);
            assert_true(all.count > before);
            assert_status(LKSTATS_OK, lkstats_ack(&batch));
        }
        assert_status(LKSTATS_OK, status);
        assert_int_equal(residue.tracks, 0);
        assert_traffic(residue.traffic, 0, 0, 0, 0);
        assert_string_equal(host_told(&all),
                            "1.1 joined, 1.2 10+0, 1.2 left, 2.1 joined, 2.2 20+0, 2.2 left, "
                            "3.1 joined, 3.2 30+0, 3.2 left, 4.1 40+0?");
        host_assert_gapless(&all, signal);
        host_records_free(&all);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_is_the_last_report_and_left),
        cmocka_unit_test(a_stop_before_anything_was_counted_says_joined_and_left),
        cmocka_unit_test(a_stopped_connection_may_be_resolved_for_six_intervals),
        cmocka_unit_test(after_six_intervals_its_traffic_is_unattributed),
        cmocka_unit_test(an_unattributed_report_that_is_given_back_stays_as_it_is),
        cmocka_unit_test(without_traffic_nothing_is_unattributed_and_the_place_is_free),
        cmocka_unit_test(a_reset_does_not_undo_a_stop),
        cmocka_unit_test(a_reset_of_one_that_was_never_resolved_forgets_and_stays_stopped),
        cmocka_unit_test(only_the_epoch_that_was_never_resolved_is_unattributed),
        cmocka_unit_test(all_of_an_epoch_that_is_over_ends_at_its_end),
        cmocka_unit_test(a_stopped_tracks_last_window_ends_at_the_stop),
        cmocka_unit_test(a_stalled_consumer_gives_no_time_to_resolve),
        cmocka_unit_test(a_close_reports_what_is_not_resolved_at_once),
        cmocka_unit_test(what_was_acknowledged_and_the_residue_are_all_that_was_counted),
        cmocka_unit_test(a_close_that_is_not_over_says_what_is_left_at_each_step),
    };
    return cmocka_run_group_tests_name("signal_stop", tests, NULL, NULL);
}
