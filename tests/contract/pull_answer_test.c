/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledged, given back, asked for again, answered wrongly: a report keeps its key and its content, and
 * counts once. */
#include "host.h"

static void count(lkstats_track_t track, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, bytes, 1));
}

/* The one record of a batch of one, copied. */
static void keep_one(host_records_t *all, const lkstats_batch_t *batch) {
    assert_int_equal(batch->record_count, 1);
    host_keep(all, batch);
}

STORY(what_is_given_back_comes_again_unchanged) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_nack");
    host_records_t all = {0};
    uint8_t bytes[2][1024];
    uint64_t sizes[2] = {0};
    count(track, 10);
    host_tick(ctx, 1);

    for (int i = 0; i < 2; ++i) {
        const uint8_t *stats = NULL;
        const lkstats_batch_t batch = host_take(ctx);
        keep_one(&all, &batch);
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &sizes[i]));
        assert_in_range(sizes[i], 1, sizeof bytes[i]);
        memcpy(bytes[i], stats, sizes[i]);
        count(track, 1); /* later traffic changes nothing about it */
        assert_status(LKSTATS_OK, lkstats_nack(&batch));
        host_tick(ctx, 2 + i);
    }
    assert_true(host_same_content(&all.items[0], &all.items[1]));
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    assert_traffic(all.items[1].window, 10, 1, 0, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_is_given_back_comes_before_newer_reports) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t old = host_track(ctx, "PA_old"), newer = host_track(ctx, "PA_new");
    host_records_t all = {0};
    count(old, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    count(newer, 1);
    host_tick(ctx, 2);
    assert_status(LKSTATS_OK, lkstats_nack(&batch));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 2);
    assert_true(host_is_of(&all.items[0], old));
    assert_true(host_is_of(&all.items[1], newer));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_report_that_is_out_is_not_made_again) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_pending");
    host_records_t all = {0};
    lkstats_batch_t none = {.struct_size = sizeof none};
    count(track, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    for (int tick = 2; tick <= 5; ++tick) {
        count(track, 10);
        host_tick(ctx, tick);
        assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    }
    host_keep(&all, &batch);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_tick(ctx, 6);
    host_drain(ctx, &all);

    assert_int_equal(all.count, 2);
    host_assert_gapless(&all, track);
    assert_traffic(all.items[1].window, 40, 4, 0, 0);
    assert_int_equal(all.items[1].end.monotonic_ns, HOST_START_NS + 6 * HOST_TICK_NS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(several_batches_are_answered_in_any_order) {
    enum { OUT = 4 };
    static const int order[OUT] = {2, 0, 3, 1};
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[OUT];
    lkstats_batch_t batches[OUT];
    host_records_t all = {0};
    for (int i = 0; i < OUT; ++i) {
        tracks[i] = host_track(ctx, "PA_order");
        count(tracks[i], 1);
        host_tick(ctx, i + 1);
        batches[i] = host_take(ctx);
        keep_one(&all, &batches[i]);
        assert_true(host_is_of(&all.items[i], tracks[i]));
    }
    for (int i = 0; i < OUT; ++i) {
        assert_status(LKSTATS_OK, lkstats_ack(&batches[order[i]]));
        count(tracks[order[i]], 5);
    }
    host_tick(ctx, OUT + 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 2 * OUT);
    for (int i = 0; i < OUT; ++i) {
        host_assert_gapless(&all, tracks[i]);
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_traffic(sum, 6, 2, 0, 0);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_consumer_that_forgot_asks_for_everything_again) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t taken = host_track(ctx, "PA_taken"), waiting = host_track(ctx, "PA_waiting");
    host_records_t first = {0}, again = {0};
    count(taken, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    keep_one(&first, &batch);
    count(waiting, 2);
    host_tick(ctx, 2);

    assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
    host_drain(ctx, &again);
    assert_int_equal(again.count, 2);
    assert_true(host_same_content(&first.items[0], host_find(&again, taken, 1)));
    assert_non_null(host_find(&again, waiting, 1));
    host_records_free(&first);
    host_records_free(&again);
    host_done(ctx);
}

STORY(of_two_batches_with_the_same_record_the_first_answer_counts) {
    for (int late = 0; late < 2; ++late) {
        lkstats_t *const ctx = host_open();
        const lkstats_track_t track = host_track(ctx, "PA_double");
        host_records_t all = {0};
        lkstats_batch_t batches[2];
        count(track, 1);
        host_tick(ctx, 1);
        batches[0] = host_take(ctx);
        assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
        batches[1] = host_take(ctx);
        keep_one(&all, &batches[0]);
        keep_one(&all, &batches[1]);
        assert_true(host_same_content(&all.items[0], &all.items[1]));
        host_records_free(&all);

        assert_status(LKSTATS_OK, lkstats_ack(&batches[1 - late]));
        count(track, 4);
        host_tick(ctx, 2);
        assert_status(LKSTATS_OK, late ? lkstats_ack(&batches[late]) : lkstats_nack(&batches[late]));
        host_drain(ctx, &all);
        assert_int_equal(all.count, 1);
        assert_int_equal(all.items[0].key.sequence, 2);
        assert_traffic(all.items[0].window, 4, 1, 0, 0);
        assert_traffic(all.items[0].running, 5, 2, 0, 0);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(records_stay_as_they_are_while_they_are_out) {
    enum { OTHERS = 300 };
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_stable");
    host_records_t before = {0}, after = {0}, others = {0};
    count(track, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    host_keep(&before, &batch);
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));

    for (int i = 0; i < OTHERS; ++i) {
        const lkstats_track_t other = host_track(ctx, "PA_other");
        count(other, 1);
        assert_status(LKSTATS_OK, lkstats_track_stop(other, NULL));
        host_tick(ctx, 2 + i);
        host_drain(ctx, &others);
    }
    assert_int_equal(others.count, OTHERS);
    host_keep(&after, &batch);
    assert_true(host_same_content(&before.items[0], &after.items[0]));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_records_free(&before);
    host_records_free(&after);
    host_records_free(&others);
    host_done(ctx);
}

STORY(a_batch_is_answered_once) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_once");
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    for (int i = 0; i < 2; ++i) {
        count(track, 1);
        host_tick(ctx, i + 1);
        const lkstats_batch_t batch = host_take(ctx);
        assert_status(LKSTATS_OK, i == 0 ? lkstats_ack(&batch) : lkstats_nack(&batch));
        assert_status(LKSTATS_ESTALE, lkstats_ack(&batch));
        assert_status(LKSTATS_ESTALE, lkstats_nack(&batch));
        assert_status(LKSTATS_ESTALE, lkstats_batch_analytics_stats(&batch, &stats, &size));
    }
    host_done(ctx);
}

STORY(a_batch_is_known_by_its_context_and_id_alone) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_alone");
    host_records_t all = {0};
    count(track, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t taken = host_take(ctx);
    const lkstats_batch_t bare = {.struct_size = sizeof bare, .ctx = taken.ctx, .id = taken.id};
    assert_status(LKSTATS_OK, lkstats_ack(&bare));
    assert_status(LKSTATS_ESTALE, lkstats_ack(&taken));
    host_tick(ctx, 2);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 0);
    host_done(ctx);
}

STORY(a_foreign_or_invented_batch_answers_nothing) {
    lkstats_t *const ctx = host_open(), *const stranger = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_mine");
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    count(track, 1);
    host_tick(ctx, 1);
    const lkstats_batch_t mine = host_take(ctx);
    lkstats_batch_t forged[4] = {mine, mine, mine, mine};
    forged[0].ctx = stranger;
    forged[1].id += 1000;
    forged[2].id = 0;
    forged[3].id = UINT64_MAX;
    for (int i = 0; i < 4; ++i) {
        assert_status(LKSTATS_ESTALE, lkstats_ack(&forged[i]));
        assert_status(LKSTATS_ESTALE, lkstats_nack(&forged[i]));
        assert_status(LKSTATS_ESTALE, lkstats_batch_analytics_stats(&forged[i], &stats, &size));
    }
    assert_status(LKSTATS_OK, lkstats_ack(&mine));
    host_done(ctx);
    host_done(stranger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_back_comes_again_unchanged),
        cmocka_unit_test(what_is_given_back_comes_before_newer_reports),
        cmocka_unit_test(a_report_that_is_out_is_not_made_again),
        cmocka_unit_test(several_batches_are_answered_in_any_order),
        cmocka_unit_test(a_consumer_that_forgot_asks_for_everything_again),
        cmocka_unit_test(of_two_batches_with_the_same_record_the_first_answer_counts),
        cmocka_unit_test(records_stay_as_they_are_while_they_are_out),
        cmocka_unit_test(a_batch_is_answered_once),
        cmocka_unit_test(a_batch_is_known_by_its_context_and_id_alone),
        cmocka_unit_test(a_foreign_or_invented_batch_answers_nothing),
    };
    return cmocka_run_group_tests_name("pull_answer", tests, NULL, NULL);
}
