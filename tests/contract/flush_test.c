/* SPDX-License-Identifier: Apache-2.0 */
/* Flush: a report at once, whatever the interval. */
#include "consumer.h"

STORY(a_flush_freezes_at_once_and_says_what_waits) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t one = host_track(ctx, "PA_one"), other = host_track(ctx, "PA_other");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    assert_status(LKSTATS_OK, lkstats_add_bytes(one, 1, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(other, 2, 1));

    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 2);
    const lkstats_traffic_t sums[] = {host_sum(&all, one), host_sum(&all, other)};
    assert_traffic(sums[0], 1, 1, 0, 0);
    assert_traffic(sums[1], 2, 1, 0, 0);
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_track_is_flushed_alone) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t one = host_track(ctx, "PA_one"), other = host_track(ctx, "PA_other");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(one, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_flush(other, 0));
    assert_status(LKSTATS_OK, lkstats_add_bytes(other, 2, 1));

    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(one, 0));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_true(host_is_of(&all.items[0], one));
    assert_status(LKSTATS_OK, lkstats_track_flush(one, 0));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_flush_comes_to_what_was_counted_behind_a_report_that_is_out) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_behind");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t out = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 20, 1));

    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    host_keep(&all, &out);
    assert_status(LKSTATS_OK, lkstats_ack(&out));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(track, 0));
    host_drain(ctx, &all);
    assert_status(LKSTATS_OK, lkstats_track_flush(track, 0));
    assert_int_equal(all.count, 2);
    host_assert_gapless(&all, track);
    assert_traffic(all.items[1].window, 20, 1, 0, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(flushed_windows_keep_their_chain) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_chain");
    host_records_t all = {0};
    for (int i = 1; i <= 20; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        assert_status(LKSTATS_ETIMEDOUT, i % 2 ? lkstats_flush(ctx, 0) : lkstats_track_flush(track, 0));
        host_drain(ctx, &all);
        host_run(ctx, i * 3 * HOST_SECOND);
        host_drain(ctx, &all);
    }
    assert_int_equal(all.count, 20);
    host_assert_gapless(&all, track);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stopped_track_can_be_flushed_until_it_is_gone) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_stopped");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(track, 0));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_status(LKSTATS_ESTALE, lkstats_track_flush(track, 0));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_flush_waits_for_the_answer_of_another_thread) {
    enum { ROUNDS = 50 };
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t track = host_track(ctx, "PA_waited");
    consumer_t consumer;
    consumer_start(&consumer, ctx);
    for (uint64_t i = 1; i <= ROUNDS; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        assert_status(LKSTATS_OK, i % 2 ? lkstats_flush(ctx, HOST_PATIENCE_MS)
                                        : lkstats_track_flush(track, HOST_PATIENCE_MS));
        const lkstats_traffic_t sum = consumer_sum(&consumer, track);
        assert_traffic(sum, 10 * i, i, 0, 0);
    }
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);
    host_assert_gapless(&consumer.kept, track);
    consumer_free(&consumer);
}

STORY(a_flush_without_a_consumer_ends_at_its_deadline) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t track = host_track(ctx, "PA_deadline");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 20));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(track, 20));
    assert_true(host_readable(host_event_fd(ctx)));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 20));
    host_records_free(&all);
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_freezes_at_once_and_says_what_waits),
        cmocka_unit_test(a_track_is_flushed_alone),
        cmocka_unit_test(a_flush_comes_to_what_was_counted_behind_a_report_that_is_out),
        cmocka_unit_test(flushed_windows_keep_their_chain),
        cmocka_unit_test(a_stopped_track_can_be_flushed_until_it_is_gone),
        cmocka_unit_test(a_flush_waits_for_the_answer_of_another_thread),
        cmocka_unit_test(a_flush_without_a_consumer_ends_at_its_deadline),
    };
    return cmocka_run_group_tests_name("flush", tests, NULL, NULL);
}
