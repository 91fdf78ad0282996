/* SPDX-License-Identifier: Apache-2.0 */
/* Signal connections that are flushed, and those whose reports come by themselves on a thread. */
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>

#include "consumer.h"

static void send_bytes(lkstats_signal_t signal, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, bytes, 1));
}

/* So many epochs that are over, of 10, 20, 30 ... bytes; the next one has what its number says, times ten. */
static lkstats_signal_t moved(lkstats_t *ctx, uint64_t epochs) {
    const lkstats_signal_t signal = host_signal(ctx);
    for (uint64_t epoch = 1; epoch <= epochs; ++epoch) {
        host_resolve(signal, "RM_one", "PA_one");
        send_bytes(signal, 10 * epoch);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    send_bytes(signal, 10 * (epochs + 1));
    return signal;
}

static void assert_epochs(const host_records_t *all, lkstats_signal_t signal, uint32_t over,
                          uint32_t reported) {
    host_assert_gapless(all, signal);
    assert_int_equal(host_count_kind(all, signal, LKSTATS_RECORD_JOINED), reported);
    assert_int_equal(host_count_kind(all, signal, LKSTATS_RECORD_LEFT), over);
    for (uint32_t epoch = 1; epoch <= reported; ++epoch) {
        const lkstats_traffic_t sum = host_sum_of_epoch(all, signal, epoch);
        assert_traffic(sum, 10 * epoch, 1, 0, 0);
    }
}

/* Flushes the connection, or with 0 the whole context, and drains, as long as that brings something. */
static lkstats_status_t flush_to_the_end(lkstats_t *ctx, lkstats_signal_t signal, host_records_t *all) {
    lkstats_status_t status;
    while ((status = signal == 0 ? lkstats_flush(ctx, 0) : lkstats_track_flush(signal, 0)) ==
           LKSTATS_ETIMEDOUT) {
        const size_t before = all->count;
        host_drain(ctx, all);
        assert_true(all->count > before);
    }
    return status;
}

STORY(a_flush_freezes_as_far_as_it_can_and_the_caller_drains) {
    enum { EPOCHS = 3 };
    for (int whole = 0; whole < 2; ++whole) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = moved(ctx, EPOCHS);
        host_records_t all = {0};
        host_resolve(signal, "RM_one", "PA_one"); /* the fourth is owed as well */
        assert_status(LKSTATS_OK, flush_to_the_end(ctx, whole ? 0 : signal, &all));
        assert_epochs(&all, signal, EPOCHS, EPOCHS + 1);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(what_is_not_resolved_is_not_owed) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t nobody = host_signal(ctx), half = host_signal(ctx), stopped = host_signal(ctx);
    const lkstats_signal_t connections[] = {nobody, half, stopped};
    lkstats_batch_t none = {.struct_size = sizeof none};
    for (int i = 0; i < 3; ++i)
        send_bytes(connections[i], 7);
    assert_status(LKSTATS_OK, host_resolve_participant(half, "PA_half"));
    assert_status(LKSTATS_OK, lkstats_track_stop(stopped, NULL));
    for (int i = 0; i < 3; ++i)
        assert_status(LKSTATS_OK, lkstats_track_flush(connections[i], HOST_PATIENCE_MS));
    assert_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));

    /* Once it is, it is. */
    host_resolve(nobody, "RM_one", "PA_one");
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(nobody, 0));
    host_done(ctx);
}

STORY(an_epoch_that_is_over_is_owed_though_the_next_is_not_resolved) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = moved(ctx, 1);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, flush_to_the_end(ctx, signal, &all));
    assert_epochs(&all, signal, 1, 1);
    host_records_free(&all);
    host_done(ctx);
}

STORY(joined_and_left_are_owed_without_any_traffic) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_track_flush(signal, 0));
    host_resolve(signal, "RM_one", "PA_one");
    for (int step = 0; step < 2; ++step) {
        assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(signal, 0));
        host_drain(ctx, &all);
        assert_status(LKSTATS_OK, lkstats_track_flush(signal, 0));
        if (step == 0)
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    assert_int_equal(all.count, 2);
    assert_int_equal(all.items[0].key.kind, LKSTATS_RECORD_JOINED);
    assert_int_equal(all.items[1].key.kind, LKSTATS_RECORD_LEFT);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stopped_connection_can_be_flushed_until_it_is_gone) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = moved(ctx, 2);
    host_records_t all = {0};
    host_resolve(signal, "RM_one", "PA_one");
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    assert_status(LKSTATS_ESTALE, flush_to_the_end(ctx, signal, &all));
    assert_epochs(&all, signal, 3, 3);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_flush_waits_for_every_epoch_that_another_thread_acknowledges) {
    enum { ROUNDS = 30, EPOCHS = 5 };
    for (int threaded = 0; threaded < 2; ++threaded) {
        lkstats_t *const ctx = threaded ? host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS) : host_open();
        lkstats_signal_t signals[ROUNDS];
        consumer_t consumer;
        consumer_start(&consumer, ctx);
        for (int i = 0; i < ROUNDS; ++i) {
            signals[i] = moved(ctx, EPOCHS);
            host_resolve(signals[i], "RM_one", "PA_one");
            assert_status(LKSTATS_OK, i % 2 ? lkstats_flush(ctx, HOST_PATIENCE_MS)
                                            : lkstats_track_flush(signals[i], HOST_PATIENCE_MS));
            pthread_mutex_lock(&consumer.lock);
            assert_epochs(&consumer.kept, signals[i], EPOCHS, EPOCHS + 1);
            pthread_mutex_unlock(&consumer.lock);
        }
        assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
        consumer_join(&consumer);
        for (int i = 0; i < ROUNDS; ++i)
            assert_epochs(&consumer.kept, signals[i], EPOCHS + 1, EPOCHS + 1);
        consumer_free(&consumer);
    }
}

static atomic_bool flushed;

static void *flush_everything(void *ctx) {
    require_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
    atomic_store(&flushed, true);
    return NULL;
}

STORY(a_flush_does_not_return_before_left_is_acknowledged) {
    enum { LOOKS = 1000 };
    for (int stopped = 0; stopped < 2; ++stopped) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        const lkstats_track_t later = host_track(ctx, "PA_later");
        host_records_t all = {0};
        pthread_t flusher;

        /* Given traffic that is out, and a left behind it that has none, */
        host_resolve(signal, "RM_one", "PA_one");
        host_run(ctx, 0);
        host_drain(ctx, &all);
        send_bytes(signal, 10);
        host_tick(ctx, 1);
        const lkstats_batch_t traffic = host_take(ctx);
        host_keep(&all, &traffic);
        assert_status(LKSTATS_OK, stopped ? lkstats_track_stop(signal, NULL) : lkstats_signal_reset(signal));

        /* when a flush has been by, which shows in what comes behind it, and all else is acknowledged, */
        send_bytes(later, 1);
        atomic_store(&flushed, false);
        assert_int_equal(pthread_create(&flusher, NULL, flush_everything, ctx), 0);
        struct pollfd waiting = {.fd = host_event_fd(ctx), .events = POLLIN};
        assert_int_equal(poll(&waiting, 1, HOST_PATIENCE_MS), 1);
        const lkstats_batch_t others = host_take(ctx);
        assert_status(LKSTATS_OK, lkstats_ack(&others));
        assert_status(LKSTATS_OK, lkstats_ack(&traffic));
        host_tick(ctx, 1);
        const lkstats_batch_t left = host_take(ctx);
        host_keep(&all, &left);

        /* then it waits for the left. */
        for (int i = 0; i < LOOKS; ++i) {
            assert_false(atomic_load(&flushed));
            sched_yield();
        }
        assert_status(LKSTATS_OK, lkstats_ack(&left));
        assert_int_equal(pthread_join(flusher, NULL), 0);
        assert_epochs(&all, signal, 1, 1);
        host_records_free(&all);
        host_done(ctx);
    }
}

/* Takes and acknowledges what comes until there are that many records. */
static void await(lkstats_t *ctx, host_records_t *all, size_t count) {
    struct pollfd waiting = {.fd = host_event_fd(ctx), .events = POLLIN};
    host_drain(ctx, all);
    while (all->count < count) {
        assert_int_equal(poll(&waiting, 1, HOST_PATIENCE_MS), 1);
        host_drain(ctx, all);
    }
    assert_int_equal(all->count, count);
}

STORY(joined_and_left_do_not_wait_for_the_interval) {
    enum { EPOCHS = 5 };
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    for (uint32_t epoch = 1; epoch <= EPOCHS; ++epoch) {
        host_resolve(signal, "RM_one", "PA_one");
        await(ctx, &all, 3 * epoch - 2);
        send_bytes(signal, 10 * epoch);
        if (epoch < EPOCHS)
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        else
            assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
        await(ctx, &all, 3 * epoch);
    }
    assert_epochs(&all, signal, EPOCHS, EPOCHS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_backlog_of_epochs_comes_by_itself_as_it_is_acknowledged) {
    enum { EPOCHS = 20 };
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_signal_t signal = moved(ctx, EPOCHS);
    host_records_t all = {0};
    await(ctx, &all, 3 * EPOCHS);
    assert_epochs(&all, signal, EPOCHS, EPOCHS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_is_never_resolved_comes_by_itself_as_unattributed) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    send_bytes(signal, 10);
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    await(ctx, &all, 1);
    assert_int_equal(all.items[0].flags, LKSTATS_UNATTRIBUTED);
    assert_traffic(all.items[0].window, 10, 1, 0, 0);
    assert_status(LKSTATS_ESTALE, lkstats_track_flush(signal, 0));
    host_records_free(&all);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flush_freezes_as_far_as_it_can_and_the_caller_drains),
        cmocka_unit_test(what_is_not_resolved_is_not_owed),
        cmocka_unit_test(an_epoch_that_is_over_is_owed_though_the_next_is_not_resolved),
        cmocka_unit_test(joined_and_left_are_owed_without_any_traffic),
        cmocka_unit_test(a_stopped_connection_can_be_flushed_until_it_is_gone),
        cmocka_unit_test(a_flush_waits_for_every_epoch_that_another_thread_acknowledges),
        cmocka_unit_test(a_flush_does_not_return_before_left_is_acknowledged),
        cmocka_unit_test(joined_and_left_do_not_wait_for_the_interval),
        cmocka_unit_test(a_backlog_of_epochs_comes_by_itself_as_it_is_acknowledged),
        cmocka_unit_test(what_is_never_resolved_comes_by_itself_as_unattributed),
    };
    return cmocka_run_group_tests_name("signal_flush", tests, NULL, NULL);
}
