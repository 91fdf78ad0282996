/* SPDX-License-Identifier: Apache-2.0 */
/* Counting without a consumer: figures to look at, and nothing that anybody has to take. */
#include "scrape.h"

static lkstats_t *open_without_reports(uint32_t max_tracks) {
    return host_open_with((lkstats_options_t){.flags = LKSTATS_NO_REPORTS, .max_tracks = max_tracks});
}

static void assert_nothing_to_take(lkstats_t *ctx) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &batch));
    assert_int_equal(batch.id, 0);
    assert_false(host_readable(host_event_fd(ctx)));
}

static void close_at_once(lkstats_t *ctx) {
    lkstats_residue_t residue = {.struct_size = sizeof residue, .tracks = 1, .traffic = {.recv_bytes = 1}};
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 0);
    assert_traffic(residue.traffic, 0, 0, 0, 0);
}

STORY(there_is_never_anything_to_take) {
    lkstats_t *const ctx = open_without_reports(0);
    const lkstats_track_t track = host_track(ctx, "PA_counted");
    const lkstats_signal_t signal = host_signal(ctx);
    assert_nothing_to_take(ctx);
    for (int tick = 1; tick <= 20; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 3, 0));
        if (tick == 5)
            host_resolve(signal, "RM_lobby", "PA_counted");
        if (tick == 10)
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_tick(ctx, tick);
        assert_nothing_to_take(ctx);
        assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
        assert_nothing_to_take(ctx);
    }
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    host_tick(ctx, 21);
    assert_nothing_to_take(ctx);
    close_at_once(ctx);
}

STORY(totals_are_as_ever) {
    lkstats_t *const ctx = open_without_reports(0);
    const lkstats_track_t track = host_track(ctx, "PA_counted");
    const lkstats_signal_t signal = host_signal(ctx);
    lkstats_totals_t final = {.struct_size = sizeof final};
    for (uint64_t tick = 1; tick <= 10; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_messages(track, 1000, 3, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 7, 0));
        host_tick(ctx, (int64_t)tick);
        const lkstats_totals_t of_track = host_totals(track), of_signal = host_totals(signal);
        assert_traffic(of_track.traffic, 1000 * tick, 3 * tick, 0, 0);
        assert_traffic(of_signal.traffic, 0, 0, 7 * tick, tick); /* over all its epochs */
        if (tick % 3 == 0) {
            host_resolve(signal, "RM_lobby", "PA_moves");
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        }
    }
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, &final));
    assert_traffic(final.traffic, 10000, 30, 5, 1);
    assert_status_in(LKSTATS_ECLOSED, LKSTATS_ESTALE, lkstats_add_bytes(track, 5, 0));
    close_at_once(ctx);
}

STORY(a_flush_has_nothing_to_wait_for) {
    lkstats_t *const ctx = open_without_reports(0);
    const lkstats_track_t track = host_track(ctx, "PA_counted");
    for (int i = 0; i < 3; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        assert_status(LKSTATS_OK, i % 2 ? lkstats_flush(ctx, 0) : lkstats_track_flush(track, 0));
    }
    assert_nothing_to_take(ctx);
    close_at_once(ctx);
}

STORY(tracks_that_come_and_go_need_few_slots) {
    enum { LIVES = 500 };
    lkstats_t *const ctx = open_without_reports(8);
    for (uint64_t i = 0; i < LIVES; ++i) {
        const lkstats_track_t track = host_track(ctx, "PA_turn");
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, i, 1));
        const lkstats_totals_t totals = host_totals(track);
        assert_traffic(totals.traffic, i, 1, 0, 0);
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
        host_tick(ctx, (int64_t)i + 1);
    }
    close_at_once(ctx);
}

STORY(connections_that_come_and_go_need_few_slots) {
    enum { LIVES = 500, RESETS = 5 };
    lkstats_t *const ctx = open_without_reports(16);
    int64_t tick = 0;
    for (int i = 0; i < LIVES; ++i) {
        const lkstats_signal_t signal = host_signal(ctx);
        for (int n = 0; n < RESETS; ++n) {
            assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
            if (i % 2) /* the others are never resolved */
                host_resolve(signal, "RM_lobby", "PA_moves");
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
            if (n % 2)
                host_tick(ctx, ++tick);
        }
        const lkstats_totals_t totals = host_totals(signal);
        assert_traffic(totals.traffic, RESETS, RESETS, 0, 0);
        assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
        host_tick(ctx, ++tick);
    }
    close_at_once(ctx);
}

STORY(a_slot_still_rests_before_it_is_somebody_elses) {
    lkstats_t *const ctx = open_without_reports(1);
    const lkstats_track_options_t options = host_track_options("PA_next");
    lkstats_track_t next = 0;
    const lkstats_track_t track = host_track(ctx, "PA_first");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    host_run(ctx, HOST_SECOND);
    assert_status(LKSTATS_EFULL, lkstats_track_new(ctx, &options, &next));
    for (int tick = 1; tick <= 5; ++tick)
        host_tick(ctx, tick);
    assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &next));
    assert_int_not_equal(next, track);
    assert_status(LKSTATS_ESTALE, lkstats_add_bytes(track, 1, 1));
    const lkstats_totals_t totals = host_totals(next);
    assert_traffic(totals.traffic, 0, 0, 0, 0);
    close_at_once(ctx);
}

STORY(a_close_waits_for_nobody) {
    for (int threaded = 0; threaded < 2; ++threaded) {
        lkstats_options_t options = {.struct_size = sizeof options,
                                     .flags = LKSTATS_NO_REPORTS | (threaded ? 0 : LKSTATS_NO_THREAD)};
        lkstats_t *ctx = NULL;
        lkstats_batch_t none = {.struct_size = sizeof none};
        assert_status(LKSTATS_OK, lkstats_open(&options, &ctx));
        for (int i = 0; i < 1000; ++i)
            assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_owes"), 1, 1));
        const lkstats_signal_t known = host_signal(ctx), unknown = host_signal(ctx);
        host_resolve(known, "RM_lobby", "PA_known");
        assert_status(LKSTATS_OK, lkstats_add_bytes(known, 1, 1));
        assert_status(LKSTATS_OK, lkstats_signal_reset(known));
        assert_status(LKSTATS_OK, lkstats_add_bytes(known, 1, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(unknown, 1, 1));
        close_at_once(ctx);
        assert_status(LKSTATS_EOF, lkstats_next(ctx, &none));
    }
}

static void assert_metrics(lkstats_t *ctx) {
    const lkstats_traffic_t data = scrape_counted(ctx, LKSTATS_CHANNEL_DATA);
    const lkstats_traffic_t signal = scrape_counted(ctx, LKSTATS_CHANNEL_SIGNAL);
    assert_traffic(data, 1000, 2, 0, 0);
    assert_traffic(signal, 0, 0, 70, 1);
}

STORY(what_was_counted_is_in_the_metrics) {
    lkstats_t *const ctx = open_without_reports(2);
    const lkstats_track_t track = host_track(ctx, "PA_counted");
    const lkstats_signal_t signal = host_signal(ctx);
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 1000, 2, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 70, 0));
    assert_metrics(ctx);
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    for (int tick = 1; tick <= 20; ++tick)
        host_tick(ctx, tick); /* both are gone, their slots rested */
    assert_int_not_equal(host_track(ctx, "PA_next"), track);
    assert_metrics(ctx);
    assert_int_equal(scrape(ctx, "lkstats_unacknowledged_reports"), 0);
    assert_int_equal(scrape(ctx, "lkstats_batches_out"), 0);
    close_at_once(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_never_anything_to_take),
        cmocka_unit_test(totals_are_as_ever),
        cmocka_unit_test(a_flush_has_nothing_to_wait_for),
        cmocka_unit_test(tracks_that_come_and_go_need_few_slots),
        cmocka_unit_test(connections_that_come_and_go_need_few_slots),
        cmocka_unit_test(a_slot_still_rests_before_it_is_somebody_elses),
        cmocka_unit_test(a_close_waits_for_nobody),
        cmocka_unit_test(what_was_counted_is_in_the_metrics),
    };
    return cmocka_run_group_tests_name("no_reports", tests, NULL, NULL);
}
