/* SPDX-License-Identifier: Apache-2.0 */
/* The epochs of a signal connection: joined, its traffic, left, and then the next one's. Each byte is in one of
 * them, and each record keeps its key and its content until it is acknowledged. */
#include "host.h"

static void send_bytes(lkstats_signal_t signal, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, bytes, 1));
}

static void receive_bytes(lkstats_signal_t signal, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, bytes, 0));
}

static void reset(lkstats_signal_t signal) { assert_status(LKSTATS_OK, lkstats_signal_reset(signal)); }

/* A connection whose first epoch has said joined at the start of virtual time. */
static lkstats_signal_t joined(lkstats_t *ctx, host_records_t *all) {
    const lkstats_signal_t signal = host_signal(ctx);
    host_resolve(signal, "RM_one", "PA_one");
    host_settle(ctx, 0, all);
    assert_string_equal(host_told(all), "1.1 joined");
    return signal;
}

static void assert_instant(const lkstats_time_t *actual, int64_t after_ns) {
    assert_int_equal(actual->monotonic_ns, HOST_START_NS + after_ns);
    assert_int_equal(actual->wall_ns, HOST_START_WALL_NS + after_ns);
}

STORY(an_epoch_says_joined_reports_and_says_left) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = joined(ctx, &all);
    send_bytes(signal, 10);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    send_bytes(signal, 20);
    receive_bytes(signal, 3);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    host_settle(ctx, 3 * HOST_TICK_NS, &all); /* nothing moved */
    receive_bytes(signal, 5);
    reset(signal);
    host_settle(ctx, 3 * HOST_TICK_NS + HOST_SECOND, &all);

    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.3 20+3, 1.4 0+5, 1.4 left");
    host_assert_gapless(&all, signal);
    assert_traffic(all.items[2].window, 20, 1, 3, 1);
    assert_traffic(all.items[2].running, 30, 2, 3, 1);
    assert_traffic(all.items[4].running, 30, 2, 8, 2);
    for (size_t i = 0; i < all.count; ++i) {
        assert_true(host_is_of(&all.items[i], signal));
        assert_int_equal(all.items[i].key.reserved, 0);
        assert_memory_equal(all.items[i].key.context, all.items[0].key.context, 16);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(joined_and_left_have_no_traffic_and_make_no_stat) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 1000);
    host_resolve(signal, "RM_one", "PA_one");
    for (int i = 0; i < 3; ++i) {
        const uint8_t *stats = NULL;
        uint64_t size = 0;
        if (i == 2)
            reset(signal);
        host_run(ctx, i * HOST_TICK_NS);
        const lkstats_batch_t batch = host_take(ctx);
        assert_int_equal(batch.record_count, 1);
        host_keep(&all, &batch);
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &size));
        assert_int_equal(size != 0, i == 1);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }

    assert_string_equal(host_told(&all), "1.1 joined, 1.2 1000+0, 1.3 left");
    assert_traffic(all.items[0].window, 0, 0, 0, 0);
    assert_traffic(all.items[0].running, 0, 0, 0, 0);
    assert_traffic(all.items[2].window, 0, 0, 0, 0);
    assert_traffic(all.items[2].running, 1000, 1, 0, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(an_epoch_without_traffic_says_joined_and_left) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = joined(ctx, &all);
    reset(signal);
    host_settle(ctx, HOST_TICK_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 left");
    host_assert_gapless(&all, signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(messages_without_bytes_are_traffic) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = joined(ctx, &all);
    send_bytes(signal, 0);
    reset(signal);
    host_settle(ctx, HOST_TICK_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 0+0, 1.2 left");
    assert_traffic(all.items[1].window, 0, 1, 0, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(traffic_before_a_resolution_belongs_to_whoever_is_resolved) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 1);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    assert_status(LKSTATS_OK, host_resolve_participant(signal, "PA_late"));
    send_bytes(signal, 20);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    assert_int_equal(all.count, 0);
    assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_late"));
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    send_bytes(signal, 300);
    host_settle(ctx, 3 * HOST_TICK_NS, &all);

    /* The first window begins where the epoch did. */
    assert_true(all.count >= 2);
    host_assert_gapless(&all, signal);
    assert_traffic(all.items[all.count - 1].running, 321, 3, 0, 0);
    assert_instant(&all.items[0].start, 0);
    assert_instant(&all.items[0].end, 2 * HOST_TICK_NS);
    assert_instant(&all.items[1].start, 0);
    for (size_t i = 0; i < all.count; ++i)
        assert_true(host_string_is(all.items[i].participant_sid, "PA_late"));
    host_records_free(&all);
    host_done(ctx);
}

STORY(windows_reach_from_the_start_of_an_epoch_to_its_end) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    host_run(ctx, HOST_SECOND);
    const lkstats_signal_t signal = host_signal(ctx);
    send_bytes(signal, 1);
    host_run(ctx, 2 * HOST_SECOND);
    host_resolve(signal, "RM_one", "PA_one");
    host_settle(ctx, 2 * HOST_SECOND, &all);
    host_settle(ctx, 10 * HOST_SECOND, &all);
    send_bytes(signal, 2);
    host_run(ctx, 11 * HOST_SECOND);
    reset(signal);
    send_bytes(signal, 4);
    host_settle(ctx, 12 * HOST_SECOND, &all); /* what an epoch owes is frozen later than it ended */
    host_resolve(signal, "RM_two", "PA_one");
    host_settle(ctx, 12 * HOST_SECOND, &all);
    host_settle(ctx, 20 * HOST_SECOND, &all);
    host_run(ctx, 21 * HOST_SECOND);
    reset(signal);
    host_settle(ctx, 25 * HOST_SECOND, &all);

    assert_string_equal(host_told(&all),
                        "1.1 joined, 1.2 1+0, 1.3 2+0, 1.3 left, 2.1 joined, 2.2 4+0, 2.3 left");
    host_assert_gapless(&all, signal);
    static const int seconds[][2] = {{1, 2}, {1, 10}, {10, 11}, {11, 11}, {11, 12}, {11, 20}, {21, 21}};
    for (size_t i = 0; i < all.count; ++i) {
        assert_instant(&all.items[i].start, seconds[i][0] * HOST_SECOND);
        if (all.items[i].key.kind != LKSTATS_RECORD_LEFT)
            assert_instant(&all.items[i].end, seconds[i][1] * HOST_SECOND);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(running_totals_begin_with_the_epoch_and_lifetime_totals_do_not) {
    enum { EPOCHS = 20 };
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    lkstats_traffic_t counted = {0};
    for (uint64_t epoch = 1; epoch <= EPOCHS; ++epoch) {
        const int64_t begin = (int64_t)epoch * 3 * HOST_TICK_NS;
        send_bytes(signal, 100 * epoch);
        host_resolve(signal, "RM_one", epoch % 2 ? "PA_odd" : "PA_even");
        host_settle(ctx, begin, &all);
        host_settle(ctx, begin + HOST_TICK_NS, &all);
        receive_bytes(signal, epoch);
        host_settle(ctx, begin + 2 * HOST_TICK_NS, &all);
        send_bytes(signal, epoch);
        reset(signal);
        host_settle(ctx, begin + 2 * HOST_TICK_NS + HOST_SECOND, &all);

        const lkstats_record_t *const left = &all.items[all.count - 1];
        assert_int_equal(left->key.kind, LKSTATS_RECORD_LEFT);
        assert_int_equal(left->key.epoch, epoch);
        assert_traffic(left->running, 101 * epoch, 2, epoch, 1);
        assert_true(host_string_is(left->participant_sid, epoch % 2 ? "PA_odd" : "PA_even"));
        counted.send_bytes += 101 * epoch;
        counted.send_messages += 2;
        counted.recv_bytes += epoch;
        counted.recv_messages += 1;
        const lkstats_totals_t totals = host_totals(signal);
        assert_memory_equal(&totals.traffic, &counted, sizeof counted);
    }
    assert_int_equal(host_count_kind(&all, signal, LKSTATS_RECORD_JOINED), EPOCHS);
    assert_int_equal(host_count_kind(&all, signal, LKSTATS_RECORD_LEFT), EPOCHS);
    host_assert_gapless(&all, signal);
    host_records_free(&all);
    host_done(ctx);
}

/* 2^36 bytes and 2^27 messages are what one word has: within the bound, but many times over. */
STORY(an_epoch_counts_more_than_a_word_holds) {
    enum { EPOCHS = 3, FOLDS = 12 };
    const uint64_t bytes = (UINT64_C(1) << 35) - 1, messages = (UINT64_C(1) << 26) - 1;
    for (int late = 0; late < 2; ++late) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        host_records_t all = {0};
        int64_t now = 0;
        for (int epoch = 1; epoch <= EPOCHS; ++epoch) {
            if (!late)
                host_resolve(signal, "RM_one", "PA_one");
            for (int i = 0; i < FOLDS; ++i) {
                assert_status(LKSTATS_OK, lkstats_add_messages(signal, bytes, messages, 1));
                assert_status(LKSTATS_OK, lkstats_add_messages(signal, bytes, 1, 0));
                host_run(ctx, ++now * HOST_SECOND);
            }
            if (late)
                host_resolve(signal, "RM_one", "PA_one");
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
            host_settle(ctx, ++now * HOST_SECOND, &all);
            assert_traffic(all.items[all.count - 1].running, FOLDS * bytes, FOLDS * messages, FOLDS * bytes,
                           FOLDS);
        }
        host_assert_gapless(&all, signal);
        const lkstats_totals_t totals = host_totals(signal);
        assert_traffic(totals.traffic, EPOCHS * FOLDS * bytes, EPOCHS * FOLDS * messages,
                       EPOCHS * FOLDS * bytes, EPOCHS * FOLDS);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(a_reset_before_both_are_known_cuts_nothing_and_forgets) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 1);
    reset(signal); /* nothing is known */
    send_bytes(signal, 20);
    assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_forgotten"));
    reset(signal);
    send_bytes(signal, 300);
    assert_status(LKSTATS_OK, host_resolve_participant(signal, "PA_forgotten"));
    reset(signal);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    assert_int_equal(all.count, 0);

    host_resolve(signal, "RM_kept", "PA_kept");
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 321+0");
    assert_instant(&all.items[1].start, 0);
    for (size_t i = 0; i < all.count; ++i) {
        assert_true(host_string_is(all.items[i].room_sid, "RM_kept"));
        assert_true(host_string_is(all.items[i].participant_sid, "PA_kept"));
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_half_that_was_forgotten_does_not_count) {
    for (int room = 0; room < 2; ++room) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        host_records_t all = {0};
        assert_status(LKSTATS_OK, room ? host_resolve_room(signal, "RM_old")
                                       : host_resolve_participant(signal, "PA_old"));
        reset(signal);
        assert_status(LKSTATS_OK, room ? host_resolve_participant(signal, "PA_new")
                                       : host_resolve_room(signal, "RM_new"));
        send_bytes(signal, 1);
        host_settle(ctx, HOST_TICK_NS, &all);
        assert_int_equal(all.count, 0);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(a_second_reset_has_nothing_to_end) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = joined(ctx, &all);
    reset(signal);
    send_bytes(signal, 7);
    reset(signal);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    reset(signal);
    host_resolve(signal, "RM_two", "PA_two");
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 left, 2.1 joined, 2.2 7+0");
    host_assert_gapless(&all, signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_room_move_is_a_reset_and_two_resolutions) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_signal_t signal = joined(ctx, &all);
    send_bytes(signal, 1);
    reset(signal);
    assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_two"));
    send_bytes(signal, 20); /* another thread's, between the two */
    assert_status(LKSTATS_OK, host_resolve_participant(signal, "PA_one"));
    send_bytes(signal, 300);
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);

    host_assert_gapless(&all, signal);
    const lkstats_traffic_t sums[] = {host_sum_of_epoch(&all, signal, 1), host_sum_of_epoch(&all, signal, 2)};
    assert_traffic(sums[0], 1, 1, 0, 0);
    assert_traffic(sums[1], 320, 2, 0, 0);
    for (size_t i = 0; i < all.count; ++i) {
        assert_true(host_string_is(all.items[i].room_sid, all.items[i].key.epoch == 1 ? "RM_one" : "RM_two"));
        assert_true(host_string_is(all.items[i].participant_sid, "PA_one"));
    }
    host_records_free(&all);
    host_done(ctx);
}

/* The next batch, after as many runs as one could want; kept, and out. */
static lkstats_batch_t next_step(lkstats_t *ctx, int64_t tick, host_records_t *all) {
    for (int i = 0; i < 3; ++i)
        host_tick(ctx, tick);
    const lkstats_batch_t batch = host_take(ctx);
    lkstats_batch_t none = {.struct_size = sizeof none};
    host_keep(all, &batch);
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    return batch;
}

/* Three epochs at one instant, unacknowledged: each has a byte figure of its own. */
static lkstats_signal_t three_epochs(lkstats_t *ctx) {
    const lkstats_signal_t signal = host_signal(ctx);
    for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
        host_resolve(signal, "RM_one", "PA_one");
        send_bytes(signal, 10 * epoch);
        reset(signal);
    }
    return signal;
}

STORY(each_step_waits_for_the_answer_to_the_one_before) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = three_epochs(ctx);
    host_records_t all = {0};
    int64_t tick = 1;
    for (int step = 0; step < 6; ++step, tick += 4) {
        const lkstats_batch_t batch = next_step(ctx, tick, &all);
        lkstats_batch_t none = {.struct_size = sizeof none};
        for (int i = 1; i < 4; ++i) {
            host_tick(ctx, tick + i);
            assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
        }
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    host_settle(ctx, tick * HOST_TICK_NS, &all);
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left, 2.1 joined, 2.2 20+0, 2.2 left, "
                                         "3.1 joined, 3.2 30+0, 3.2 left");
    host_assert_gapless(&all, signal);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_is_given_back_has_the_same_keys_and_content) {
    for (int forgotten = 0; forgotten < 2; ++forgotten) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = three_epochs(ctx);
        host_records_t all = {0};
        for (int step = 0; step < 6; ++step) {
            host_records_t given_back = {0};
            const lkstats_batch_t batch = next_step(ctx, 1, &given_back);
            send_bytes(signal, 1); /* of the fourth epoch */
            if (forgotten)
                assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
            else
                assert_status(LKSTATS_OK, lkstats_nack(&batch));
            const size_t before = all.count;
            const lkstats_batch_t again = next_step(ctx, 1, &all);
            assert_int_equal(all.count - before, given_back.count);
            for (size_t i = 0; i < given_back.count; ++i)
                assert_true(host_same_content(&given_back.items[i], &all.items[before + i]));
            assert_status(LKSTATS_OK, lkstats_ack(&again));
            host_records_free(&given_back);
        }
        assert_string_equal(host_told(&all),
                            "1.1 joined, 1.2 10+0, 1.2 left, 2.1 joined, 2.2 20+0, 2.2 left, "
                            "3.1 joined, 3.2 30+0, 3.2 left");
        host_records_free(&all);
        host_done(ctx);
    }
}

/* Of two batches with the same records the first answer counts; the other one comes when the records after
 * them are out, and is for none of those: neither of the same epoch, nor with the same sequence in the next. */
STORY(a_late_answer_is_for_nothing_that_came_after) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = three_epochs(ctx);
    host_records_t all = {0};
    lkstats_batch_t late[2] = {{0}};
    for (int step = 0; step < 6; ++step) {
        host_records_t twice = {0};
        lkstats_batch_t none = {.struct_size = sizeof none};
        const lkstats_batch_t first = next_step(ctx, 1, &twice);
        /* Answers to the last step, and to the one before: the same place of the epoch before. */
        if (step > 0)
            assert_status(LKSTATS_OK, lkstats_ack(&late[(step - 1) % 2]));
        for (int i = 0; i < 3; ++i)
            host_tick(ctx, 1);
        assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
        assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
        const lkstats_batch_t second = next_step(ctx, 1, &all);
        assert_int_equal(second.record_count, first.record_count);
        assert_status(LKSTATS_OK, lkstats_ack(&second));
        assert_status(LKSTATS_ESTALE, lkstats_ack(&second));
        late[step % 2] = first;
        host_records_free(&twice);
    }
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left, 2.1 joined, 2.2 20+0, 2.2 left, "
                                         "3.1 joined, 3.2 30+0, 3.2 left");
    const lkstats_totals_t totals = host_totals(signal);
    assert_traffic(totals.traffic, 60, 3, 0, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(answers_that_are_an_epoch_late_are_for_nothing) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = three_epochs(ctx);
    host_records_t all = {0}, copies = {0};
    lkstats_batch_t late[2];
    for (int step = 0; step < 6; ++step) {
        if (step < 2) {
            late[step] = next_step(ctx, 1, &copies);
            assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
        }
        const lkstats_batch_t batch = next_step(ctx, 1, &all);
        if (step == 2 || step == 3) { /* the same slot, tag and sequence, another epoch */
            assert_status(LKSTATS_OK, lkstats_ack(&late[step - 2]));
            lkstats_batch_t none = {.struct_size = sizeof none};
            host_tick(ctx, 1);
            assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
            assert_status(LKSTATS_OK, lkstats_nack(&batch));
            const lkstats_batch_t again = next_step(ctx, 1, &copies);
            assert_int_equal(again.record_count, batch.record_count);
            assert_status(LKSTATS_OK, lkstats_ack(&again));
            continue;
        }
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    assert_string_equal(host_told(&all), "1.1 joined, 1.2 10+0, 1.2 left, 2.1 joined, 2.2 20+0, 2.2 left, "
                                         "3.1 joined, 3.2 30+0, 3.2 left");
    host_assert_gapless(&all, signal);
    host_records_free(&all);
    host_records_free(&copies);
    host_done(ctx);
}

/* More connections than a batch has records, each with its traffic and left in one freeze. */
STORY(traffic_and_left_of_one_freeze_are_answered_together) {
    enum { SIGNALS = 3 * LKSTATS_BATCH_RECORDS_MAX / 4, SINGLE = 1 };
    lkstats_t *const ctx = host_open();
    static lkstats_signal_t signals[SIGNALS];
    host_records_t all = {0};
    const lkstats_track_t single = host_track(ctx, "PA_single"); /* the pairs are not aligned to a batch */
    for (uint64_t i = 0; i < SIGNALS; ++i) {
        signals[i] = host_signal(ctx);
        host_resolve(signals[i], "RM_one", "PA_one");
    }
    host_settle(ctx, 0, &all);
    assert_int_equal(all.count, SIGNALS);
    host_records_free(&all);
    send_bytes(single, 1);
    assert_status(LKSTATS_OK, lkstats_track_stop(single, NULL));
    for (uint64_t i = 0; i < SIGNALS; ++i) {
        send_bytes(signals[i], i);
        reset(signals[i]);
    }

    /* Given that the second of two batches is given back, and the first is not, */
    host_run(ctx, HOST_SECOND);
    const lkstats_batch_t first = host_take(ctx), second = host_take(ctx);
    host_records_t given_back = {0};
    assert_int_equal(first.record_count + second.record_count, 2 * SIGNALS + SINGLE);
    host_keep(&all, &first);
    host_keep(&given_back, &second);
    assert_status(LKSTATS_OK, lkstats_ack(&first));
    assert_status(LKSTATS_OK, lkstats_nack(&second));
    const size_t acknowledged = all.count;
    host_settle(ctx, HOST_SECOND, &all);

    /* then exactly that one comes again. */
    assert_int_equal(all.count - acknowledged, given_back.count);
    for (size_t i = 0; i < given_back.count; ++i)
        assert_true(host_same_content(&given_back.items[i], &all.items[acknowledged + i]));
    for (uint64_t i = 0; i < SIGNALS; ++i) {
        const lkstats_traffic_t sum = host_sum(&all, signals[i]);
        assert_traffic(sum, i, 1, 0, 0);
        assert_int_equal(host_count(&all, signals[i]), 2);
    }
    host_records_free(&all);
    host_records_free(&given_back);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_says_joined_reports_and_says_left),
        cmocka_unit_test(joined_and_left_have_no_traffic_and_make_no_stat),
        cmocka_unit_test(an_epoch_without_traffic_says_joined_and_left),
        cmocka_unit_test(messages_without_bytes_are_traffic),
        cmocka_unit_test(traffic_before_a_resolution_belongs_to_whoever_is_resolved),
        cmocka_unit_test(windows_reach_from_the_start_of_an_epoch_to_its_end),
        cmocka_unit_test(running_totals_begin_with_the_epoch_and_lifetime_totals_do_not),
        cmocka_unit_test(an_epoch_counts_more_than_a_word_holds),
        cmocka_unit_test(a_reset_before_both_are_known_cuts_nothing_and_forgets),
        cmocka_unit_test(a_half_that_was_forgotten_does_not_count),
        cmocka_unit_test(a_second_reset_has_nothing_to_end),
        cmocka_unit_test(a_room_move_is_a_reset_and_two_resolutions),
        cmocka_unit_test(each_step_waits_for_the_answer_to_the_one_before),
        cmocka_unit_test(what_is_given_back_has_the_same_keys_and_content),
        cmocka_unit_test(a_late_answer_is_for_nothing_that_came_after),
        cmocka_unit_test(answers_that_are_an_epoch_late_are_for_nothing),
        cmocka_unit_test(traffic_and_left_of_one_freeze_are_answered_together),
    };
    return cmocka_run_group_tests_name("signal_epochs", tests, NULL, NULL);
}
