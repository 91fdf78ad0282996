/* SPDX-License-Identifier: Apache-2.0 */
/* Counting on a track, what it adds up to, and how it ends. */
#include "lkstats_slab.h"

#include "host.h"

STORY(every_way_to_add_counts_the_same) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_ways");
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    const lkstats_api_t *api = NULL;
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    assert_status(LKSTATS_OK, lkstats_get_api(LKSTATS_API_VERSION, &api));

    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1000, 1));
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 200, 2, 1));
    assert_status(LKSTATS_OK, lkstats_slab_add(&slab, track, 30, 3, 1));
    assert_status(LKSTATS_OK, api->add_bytes(track, 4, 1));
    assert_status(LKSTATS_OK, api->add_messages(track, 50000, 4, 0));
    lkstats_prefetch(track);

    const lkstats_totals_t totals = host_totals(track);
    assert_traffic(totals.traffic, 1234, 7, 50000, 4);
    host_done(ctx);
}

STORY(any_number_but_zero_means_sent) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_sent");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, INT32_MAX));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 2, INT32_MIN));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 4, -1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 8, 256));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 16, 0));
    const lkstats_totals_t totals = host_totals(track);
    assert_traffic(totals.traffic, 15, 4, 16, 1);
    host_done(ctx);
}

STORY(an_empty_message_counts_as_one) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_empty");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 0, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 0, 0));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 0, 0));

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_traffic(all.items[0].window, 0, 1, 0, 2);
    host_records_free(&all);
    host_done(ctx);
}

STORY(bytes_may_come_without_a_message) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_bytes");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 77, 0, 0));

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_traffic(all.items[0].window, 0, 0, 77, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_largest_adds_are_exact) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_large");
    const uint64_t bytes = (UINT64_C(1) << 35) - 1, messages = (UINT64_C(1) << 26) - 1;
    host_records_t all = {0};

    for (uint64_t second = 1; second <= 40; ++second) {
        assert_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, 1));
        assert_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, 0));
        host_run(ctx, (int64_t)second * HOST_SECOND);
        host_drain(ctx, &all);
    }

    const lkstats_totals_t totals = host_totals(track);
    assert_traffic(totals.traffic, 40 * bytes, 40 * messages, 40 * bytes, 40 * messages);
    const lkstats_traffic_t sum = host_sum(&all, track);
    assert_traffic(sum, 40 * bytes, 40 * messages, 40 * bytes, 40 * messages);
    host_assert_gapless(&all, track);
    host_records_free(&all);
    host_done(ctx);
}

STORY(totals_carry_the_time_of_the_contexts_clocks) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_time");
    host_run(ctx, 3 * HOST_SECOND + 7);
    const lkstats_totals_t totals = host_totals(track);
    assert_int_equal(totals.at.monotonic_ns, HOST_START_NS + 3 * HOST_SECOND + 7);
    assert_int_equal(totals.at.wall_ns, HOST_START_WALL_NS + 3 * HOST_SECOND + 7);
    host_done(ctx);
}

STORY(totals_span_every_report) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_span");
    host_records_t all = {0};
    for (int tick = 1; tick <= 5; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        host_tick(ctx, tick);
        host_drain(ctx, &all);
    }
    const lkstats_totals_t totals = host_totals(track);
    assert_traffic(totals.traffic, 50, 5, 0, 0);
    assert_int_equal(all.count, 5);
    host_records_free(&all);
    host_done(ctx);
}

STORY(stop_hands_out_the_final_totals_and_ends_the_counting) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_stop");
    lkstats_totals_t final = {.struct_size = sizeof final};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 1));

    assert_status(LKSTATS_OK, lkstats_track_stop(track, &final));
    assert_traffic(final.traffic, 5, 1, 0, 0);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(track, 9, 1));
    assert_status(LKSTATS_ECLOSED, lkstats_add_messages(track, 9, 9, 0));

    const lkstats_totals_t later = host_totals(track);
    assert_traffic(later.traffic, 5, 1, 0, 0);
    host_done(ctx);
}

STORY(a_second_stop_is_the_same_stop) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_twice");
    lkstats_totals_t again = {.struct_size = sizeof again};
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, &again));
    assert_traffic(again.traffic, 0, 0, 5, 1);

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stop_is_reported_before_the_interval_is_over) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t stopped = host_track(ctx, "PA_stopped"), live = host_track(ctx, "PA_live");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(stopped, 5, 0));
    assert_status(LKSTATS_OK, lkstats_add_bytes(live, 5, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(stopped, NULL));

    host_run(ctx, HOST_SECOND / 10);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_true(host_is_of(&all.items[0], stopped));
    assert_traffic(all.items[0].window, 0, 0, 5, 1);
    host_records_free(&all);
    host_done(ctx);
}

STORY(totals_can_be_read_until_the_last_report_is_acknowledged) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_last");
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 5, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    host_tick(ctx, 1);
    const lkstats_batch_t last = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_track_totals(track, &totals));
    assert_traffic(totals.traffic, 0, 0, 5, 1);

    assert_status(LKSTATS_OK, lkstats_ack(&last));
    assert_status(LKSTATS_ESTALE, lkstats_track_totals(track, &totals));
    assert_status(LKSTATS_ESTALE, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(track, 9, 1));
    host_done(ctx);
}

STORY(a_stopped_track_that_owes_nothing_goes_without_a_report) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_silent");
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    host_tick(ctx, 1);
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
    assert_int_equal(all.count, 0);
    assert_status(LKSTATS_ESTALE, lkstats_track_totals(track, &totals));
    host_done(ctx);
}

STORY(a_track_that_did_not_move_is_not_reported) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_idle");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 0, 0, 1));
    host_tick(ctx, 1);
    host_tick(ctx, 2);
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
    assert_int_equal(all.count, 0);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_add_counts_the_same),
        cmocka_unit_test(any_number_but_zero_means_sent),
        cmocka_unit_test(an_empty_message_counts_as_one),
        cmocka_unit_test(bytes_may_come_without_a_message),
        cmocka_unit_test(the_largest_adds_are_exact),
        cmocka_unit_test(totals_carry_the_time_of_the_contexts_clocks),
        cmocka_unit_test(totals_span_every_report),
        cmocka_unit_test(stop_hands_out_the_final_totals_and_ends_the_counting),
        cmocka_unit_test(a_second_stop_is_the_same_stop),
        cmocka_unit_test(a_stop_is_reported_before_the_interval_is_over),
        cmocka_unit_test(totals_can_be_read_until_the_last_report_is_acknowledged),
        cmocka_unit_test(a_stopped_track_that_owes_nothing_goes_without_a_report),
        cmocka_unit_test(a_track_that_did_not_move_is_not_reported),
    };
    return cmocka_run_group_tests_name("track_totals", tests, NULL, NULL);
}
