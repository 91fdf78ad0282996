/* SPDX-License-Identifier: Apache-2.0 */
/* An on_batch that does not return, or never takes anything: windows get longer, and nothing else happens. */
#include <stdlib.h>

#include "receiver.h"

/* Who is stuck. */
typedef enum caller { RUN_ONCE, FLUSH, TRACK_FLUSH, CLOSE, ITS_THREAD, CALLERS } caller_t;

typedef struct stuck {
    caller_t caller;
    lkstats_t *ctx;
    lkstats_track_t track; /* 7 bytes sent are in on_batch's hands */
    pthread_t thread;      /* the host's, that is in there */
    bool closed;           /* by it */
} stuck_t;

static void *call(void *argument) {
    stuck_t *const stuck = argument;
    lkstats_status_t status;
    switch (stuck->caller) {
    case FLUSH:
        status = lkstats_flush(stuck->ctx, HOST_PATIENCE_MS);
        break;
    case TRACK_FLUSH:
        status = lkstats_track_flush(stuck->track, HOST_PATIENCE_MS);
        break;
    case CLOSE:
        status = lkstats_close(stuck->ctx, HOST_PATIENCE_MS, NULL);
        stuck->closed = status == LKSTATS_OK;
        break;
    default:
        status =
            lkstats_run_once(stuck->ctx, HOST_START_NS + HOST_TICK_NS, HOST_START_WALL_NS + HOST_TICK_NS);
    }
    require(status == LKSTATS_OK || status == LKSTATS_ECLOSED); /* abandoned meanwhile */
    return NULL;
}

/* A context whose on_batch was called, and does not return before receiver_release. */
static void get_stuck(stuck_t *stuck, receiver_t *receiver, caller_t caller) {
    receiver->held = true;
    stuck->caller = caller;
    stuck->ctx = caller == ITS_THREAD ? receiver_open_threaded(receiver, LKSTATS_REPORT_INTERVAL_MIN_MS)
                                      : receiver_open_virtual(receiver);
    stuck->track = host_track(stuck->ctx, "PA_stuck");
    assert_status(LKSTATS_OK, lkstats_add_bytes(stuck->track, 7, 1));
    if (caller != ITS_THREAD)
        assert_int_equal(pthread_create(&stuck->thread, NULL, call, stuck), 0);
    receiver_await_calls(receiver, 1);
}

/* Everything but the context's end. */
static void get_free(stuck_t *stuck, receiver_t *receiver) {
    receiver_release(receiver);
    if (stuck->caller != ITS_THREAD)
        assert_int_equal(pthread_join(stuck->thread, NULL), 0);
}

/* ---- What goes on meanwhile --------------------------------------------------------------------- */

/* Together more than the first chunk of memory holds, or the first two. */
enum { WORKERS = 2, TRACKS = HOST_SANITIZED ? 9000 : 26000, SIGNALS = 200 };

static void *live_on(void *argument) {
    lkstats_t *const ctx = argument;
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_track_t track = host_track(ctx, "");
        require_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
        require(host_totals(track).traffic.recv_bytes == 3);
        if (i % 2)
            require_status(LKSTATS_OK, lkstats_track_stop(track, &totals));
    }
    return NULL;
}

static void *reset_on(void *argument) {
    lkstats_t *const ctx = argument;
    for (int i = 0; i < SIGNALS; ++i) {
        const lkstats_signal_t signal = host_signal(ctx);
        for (int epoch = 0; epoch < 3; ++epoch) {
            require_status(LKSTATS_OK, lkstats_add_bytes(signal, 3, 0));
            host_resolve(signal, "RM_lobby", "PA_moves");
            require_status(LKSTATS_OK, lkstats_signal_reset(signal));
        }
        if (i % 2)
            require_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    }
    return NULL;
}

static void look_on(lkstats_t *ctx) {
    uint64_t need = 0;
    assert_status(LKSTATS_ERANGE, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, NULL, 0, &need));
    char *const text = malloc(2 * need);
    assert_non_null(text);
    assert_status(LKSTATS_OK, lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, text, 2 * need, &need));
    free(text);
    assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
}

static void wait_on(const stuck_t *stuck) {
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(stuck->ctx, 20));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(stuck->track, 20));
    if (stuck->caller != ITS_THREAD)
        host_tick(stuck->ctx, 1);
}

STORY(a_stuck_consumer_keeps_no_thread_from_its_work) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        if (caller == CLOSE)
            continue; /* nothing new begins then */
        receiver_t receiver = {0};
        stuck_t stuck = {0};
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        pthread_t workers[WORKERS], resetter;
        get_stuck(&stuck, &receiver, caller);
        for (int i = 0; i < WORKERS; ++i)
            assert_int_equal(pthread_create(&workers[i], NULL, live_on, stuck.ctx), 0);
        assert_int_equal(pthread_create(&resetter, NULL, reset_on, stuck.ctx), 0);
        for (int i = 0; i < WORKERS; ++i)
            assert_int_equal(pthread_join(workers[i], NULL), 0);
        assert_int_equal(pthread_join(resetter, NULL), 0);
        assert_status(LKSTATS_OK, lkstats_add_bytes(stuck.track, 70, 1));
        look_on(stuck.ctx);
        wait_on(&stuck);

        const uint64_t messages = WORKERS * TRACKS + 3 * SIGNALS;
        assert_status(LKSTATS_ETIMEDOUT, lkstats_close(stuck.ctx, 20, &residue));
        assert_traffic(residue.traffic, 77, 2, 3 * messages, messages);
        assert_int_equal(receiver.calls, 1);
        get_free(&stuck, &receiver);
        receiver_close(&receiver, stuck.ctx);
        const lkstats_traffic_t total = receiver_total(&receiver.acknowledged);
        assert_traffic(total, 77, 2, 3 * messages, messages);
        receiver_assert_once(&receiver.acknowledged);
        host_assert_gapless(&receiver.acknowledged, stuck.track);
        receiver_free(&receiver);
    }
}

STORY(a_close_that_is_stuck_stops_no_other_call) {
    receiver_t receiver = {0};
    stuck_t stuck = {0};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    get_stuck(&stuck, &receiver, CLOSE);
    assert_status(LKSTATS_ECLOSED, lkstats_add_bytes(stuck.track, 70, 1));
    assert_int_equal(host_totals(stuck.track).traffic.send_bytes, 7);
    assert_status(LKSTATS_OK, lkstats_track_stop(stuck.track, NULL));
    look_on(stuck.ctx);
    host_tick(stuck.ctx, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(stuck.ctx, 20, &residue));
    assert_traffic(residue.traffic, 7, 1, 0, 0);
    get_free(&stuck, &receiver);

    /* One of the two closes is the one that ended it. */
    assert_true(stuck.closed);
    receiver_expects_no_more(&receiver);
    assert_status(LKSTATS_ECLOSED, lkstats_close(stuck.ctx, 0, &residue));
    assert_int_equal(receiver.acknowledged.count, 1);
    receiver_free(&receiver);
}

/* ---- Abandoned ---------------------------------------------------------------------------------- */

static void answer_too_late(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)receiver;
    require_status(LKSTATS_ECLOSED, lkstats_ack(batch));
    require_status(LKSTATS_ECLOSED, lkstats_nack(batch));
}

STORY(a_stuck_consumer_can_be_abandoned) {
    for (caller_t caller = 0; caller < CALLERS; ++caller) {
        static const int64_t timeouts[] = {LKSTATS_ABANDON, 0, 20, LKSTATS_ABANDON};
        const lkstats_track_options_t options = host_track_options("PA_late");
        receiver_t receiver = {.inside = answer_too_late};
        stuck_t stuck = {0};
        lkstats_residue_t residue = {.struct_size = sizeof residue};
        lkstats_track_t late = 1;
        get_stuck(&stuck, &receiver, caller);
        if (caller != CLOSE)
            assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(stuck.ctx, "PA_lost"), 70, 0));

        /* Everything is given up at once, the batch that is in there included, and it is said each time. */
        for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; ++i) {
            residue = (lkstats_residue_t){.struct_size = sizeof residue};
            assert_status(LKSTATS_ETIMEDOUT, lkstats_close(stuck.ctx, timeouts[i], &residue));
            assert_int_equal(residue.tracks, caller == CLOSE ? 1 : 2);
            assert_traffic(residue.traffic, 7, 1, caller == CLOSE ? 0 : 70, caller == CLOSE ? 0 : 1);
        }
        assert_status(LKSTATS_ECLOSED, lkstats_track_new(stuck.ctx, &options, &late));

        get_free(&stuck, &receiver);
        if (!stuck.closed) {
            assert_status(LKSTATS_OK, lkstats_close(stuck.ctx, HOST_PATIENCE_MS, &residue));
            assert_traffic(residue.traffic, 7, 1, caller == CLOSE ? 0 : 70, caller == CLOSE ? 0 : 1);
        }
        receiver_expects_no_more(&receiver);
        assert_status(LKSTATS_ECLOSED, lkstats_close(stuck.ctx, 0, &residue));
        assert_int_equal(receiver.calls, 1);
        receiver_free(&receiver);
    }
}

/* ---- Answered elsewhere, or always in the negative ---------------------------------------------- */

STORY(a_batch_can_be_acknowledged_while_on_batch_is_stuck) {
    receiver_t receiver = {.answer = LKSTATS_EAGAIN};
    stuck_t stuck = {0};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    get_stuck(&stuck, &receiver, ITS_THREAD);
    assert_status(LKSTATS_OK, lkstats_ack(&receiver.last));
    assert_status(LKSTATS_ESTALE, lkstats_ack(&receiver.last));
    assert_status(LKSTATS_OK, lkstats_flush(stuck.ctx, 0));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(stuck.ctx, 0, &residue)); /* it may still read the batch */
    assert_int_equal(residue.tracks, 0);
    get_free(&stuck, &receiver);
    receiver_close(&receiver, stuck.ctx);
    assert_int_equal(receiver.calls, 1);
    receiver_free(&receiver);
}

STORY(a_batch_can_be_given_back_while_on_batch_is_stuck) {
    receiver_t receiver = {0};
    stuck_t stuck = {0};
    get_stuck(&stuck, &receiver, ITS_THREAD);
    assert_status(LKSTATS_OK, lkstats_nack(&receiver.last));
    assert_status(LKSTATS_ESTALE, lkstats_nack(&receiver.last));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(stuck.ctx, 20));
    get_free(&stuck, &receiver);
    receiver_await_records(&receiver, 2);
    receiver_close(&receiver, stuck.ctx);
    assert_int_equal(receiver.taken.count, 2);
    receiver_assert_unchanged(&receiver.taken);
    assert_memory_equal(&receiver.taken.items[0].key, &receiver.taken.items[1].key, sizeof(lkstats_key_t));
    receiver_free(&receiver);
}

STORY(a_consumer_that_takes_nothing_loses_nothing) {
    enum { SOME = 20, TICKS = 500 };
    receiver_t receiver = {.answer = LKSTATS_ENOMEM};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    lkstats_track_t tracks[SOME];
    for (int i = 0; i < SOME; ++i)
        tracks[i] = host_track(ctx, "PA_refused");
    for (int tick = 1; tick <= TICKS; ++tick) {
        for (uint64_t i = 0; i < SOME; ++i) {
            assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], i, 1));
            assert_status(LKSTATS_OK, lkstats_add_messages(tracks[i], 1000 + i, 3, 0));
        }
        host_tick(ctx, tick);
        assert_int_equal(receiver.calls, tick);
    }
    assert_int_equal(receiver.acknowledged.count, 0);
    assert_int_equal(receiver.taken.count, SOME * TICKS); /* the first window, again and again */

    receiver.answer = LKSTATS_OK;
    host_tick(ctx, TICKS + 1);
    receiver_close(&receiver, ctx);
    receiver_assert_unchanged(&receiver.taken);
    receiver_assert_once(&receiver.acknowledged);
    assert_int_equal(receiver.acknowledged.count, 2 * SOME);
    for (uint64_t i = 0; i < SOME; ++i) {
        host_assert_gapless(&receiver.acknowledged, tracks[i]);
        const lkstats_traffic_t sum = host_sum(&receiver.acknowledged, tracks[i]);
        assert_traffic(sum, TICKS * i, TICKS, TICKS * (1000 + i), 3 * TICKS);
    }
    receiver_free(&receiver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stuck_consumer_keeps_no_thread_from_its_work),
        cmocka_unit_test(a_close_that_is_stuck_stops_no_other_call),
        cmocka_unit_test(a_stuck_consumer_can_be_abandoned),
        cmocka_unit_test(a_batch_can_be_acknowledged_while_on_batch_is_stuck),
        cmocka_unit_test(a_batch_can_be_given_back_while_on_batch_is_stuck),
        cmocka_unit_test(a_consumer_that_takes_nothing_loses_nothing),
    };
    return cmocka_run_group_tests_name("push_stuck", tests, NULL, NULL);
}
