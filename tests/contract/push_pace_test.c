/* SPDX-License-Identifier: Apache-2.0 */
/* Who hands out how much of what waits: the library's thread a batch a turn, a caller what its time allows. */
#include <stdlib.h>

#include "receiver.h"

/* More than three batches. */
enum { TRACKS = 3 * LKSTATS_BATCH_RECORDS_MAX + 100 };

/* A whole number that lkstats_metrics says. */
static uint64_t metric(lkstats_t *ctx, const char *sample) {
    char text[16384];
    uint64_t need = 0;
    require_status(LKSTATS_OK,
                   lkstats_metrics(ctx, LKSTATS_METRICS_OPENMETRICS, text, sizeof text - 1, &need));
    text[need] = 0;
    const char *const at = strstr(text, sample);
    require(at != NULL && at[-1] == '\n' && at[strlen(sample)] == ' ');
    return strtoull(at + strlen(sample), NULL, 10);
}

static uint64_t reports(lkstats_t *ctx) { return metric(ctx, "lkstats_reports_total"); }

/* A track that owes a message, and is due at once. */
static void stop_one(lkstats_t *ctx) {
    const lkstats_track_t track = host_track(ctx, "PA_brief");
    require_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
}

/* So many tracks that owe a message; hands back the last. */
static lkstats_track_t owe(lkstats_t *ctx) {
    lkstats_track_t track = 0;
    for (int i = 0; i < TRACKS; ++i) {
        track = host_track(ctx, "");
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    }
    return track;
}

/* ---- The library's thread ----------------------------------------------------------------------- */

enum { STOPS = 3, CALLS_MAX = 100 };

/* What each call of on_batch saw. */
typedef struct turns {
    uint64_t sweeps[CALLS_MAX], reports[CALLS_MAX];
    size_t count;
} turns_t;

static void see_the_turn(receiver_t *receiver, const lkstats_batch_t *batch) {
    turns_t *const turns = receiver->story;
    require(turns->count < CALLS_MAX);
    turns->sweeps[turns->count] = metric(batch->ctx, "lkstats_sweep_duration_seconds_count");
    turns->reports[turns->count] = reports(batch->ctx);
    turns->count += 1;
    if (turns->count <= STOPS)
        stop_one(batch->ctx);
}

/* Everything is frozen before the second call; then only the reporter can make a report. */
STORY(a_backlog_keeps_the_reporter_from_nothing) {
    turns_t turns = {0};
    receiver_t receiver = {.held = true, .inside = see_the_turn, .story = &turns};
    lkstats_t *const ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MAX_MS);
    stop_one(ctx);
    receiver_await_calls(&receiver, 1);
    owe(ctx);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    assert_int_equal(reports(ctx), 1 + TRACKS);
    receiver_release(&receiver);
    receiver_await_records(&receiver, 1 + TRACKS + STOPS);
    receiver_close(&receiver, ctx);

    assert_true(turns.count >= 1 + 4);
    for (size_t i = 1; i < turns.count; ++i)
        assert_true(turns.sweeps[i] > turns.sweeps[i - 1]);
    for (size_t i = 1; i <= STOPS; ++i)
        assert_int_equal(turns.reports[i], turns.reports[0] + i);
    receiver_assert_once(&receiver.acknowledged);
    receiver_free(&receiver);
}

/* ---- A caller whose time is over ---------------------------------------------------------------- */

STORY(a_caller_without_time_has_one_try_made) {
    receiver_t receiver = {0};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t last = owe(ctx);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    assert_int_equal(receiver.calls, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(last, 0));
    assert_int_equal(receiver.calls, 2);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
    assert_int_equal(receiver.calls, 3);

    /* What was handed out is taken, and the rest stays. */
    const uint64_t rest = TRACKS - receiver.acknowledged.count;
    assert_in_range(rest, 1, TRACKS - 3);
    assert_int_equal(residue.tracks, rest);
    assert_traffic(residue.traffic, 0, 0, 3 * rest, rest);
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.acknowledged.count, TRACKS);
    receiver_assert_once(&receiver.taken);
    receiver_free(&receiver);
}

enum { SHORT_MS = 5 };

/* Waits, for somebody who never acknowledges, longer than that. */
static void take_long(receiver_t *receiver, const lkstats_batch_t *batch) {
    const lkstats_track_t *const nobodys = receiver->story;
    (void)batch;
    require_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(*nobodys, 4 * SHORT_MS));
}

STORY(a_caller_whose_time_ends_in_on_batch_hands_out_no_more) {
    lkstats_t *const other = host_open();
    lkstats_track_t nobodys = host_track(other, "PA_nobodys");
    assert_status(LKSTATS_OK, lkstats_add_bytes(nobodys, 1, 1));
    receiver_t receiver = {.inside = take_long, .story = &nobodys};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t last = owe(ctx);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, SHORT_MS));
    assert_int_equal(receiver.calls, 1);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(last, SHORT_MS));
    assert_int_equal(receiver.calls, 2);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, SHORT_MS, NULL));
    assert_int_equal(receiver.calls, 3);
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.acknowledged.count, TRACKS);
    receiver_free(&receiver);
    host_done(other);
}

/* ---- Who waits while another is called ---------------------------------------------------------- */

typedef enum way { FLUSH, TRACK_FLUSH, CLOSE, WAYS } way_t;

typedef struct waiter {
    lkstats_t *ctx;
    lkstats_track_t track;
    way_t way;
} waiter_t;

static void *wait_for_it(void *argument) {
    const waiter_t *const waiter = argument;
    require_status(LKSTATS_OK, waiter->way == FLUSH ? lkstats_flush(waiter->ctx, HOST_PATIENCE_MS)
                               : waiter->way == TRACK_FLUSH
                                   ? lkstats_track_flush(waiter->track, HOST_PATIENCE_MS)
                                   : lkstats_close(waiter->ctx, HOST_PATIENCE_MS, NULL));
    return NULL;
}

static void *run(void *ctx) {
    host_tick(ctx, 1);
    return NULL;
}

static void refuse_the_first(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)batch;
    receiver_answers(receiver, receiver->calls == 1 ? LKSTATS_EAGAIN : LKSTATS_OK);
}

/* Virtual time stands still: no pause ever ends. */
STORY(a_refusal_costs_whoever_waits_meanwhile_no_pause) {
    for (way_t way = 0; way < WAYS; ++way) {
        receiver_t receiver = {.held = true, .inside = refuse_the_first};
        lkstats_t *const ctx = receiver_open_virtual(&receiver);
        waiter_t waiter = {.ctx = ctx, .way = way};
        pthread_t runner, waiting;
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_refused"), 1, 1));
        assert_int_equal(pthread_create(&runner, NULL, run, ctx), 0);
        receiver_await_calls(&receiver, 1);

        waiter.track = host_track(ctx, "PA_newer");
        assert_status(LKSTATS_OK, lkstats_add_bytes(waiter.track, 1, 1));
        assert_int_equal(pthread_create(&waiting, NULL, wait_for_it, &waiter), 0);
        while (reports(ctx) < 2)
            ; /* frozen by the waiter */
        receiver_release(&receiver);
        assert_int_equal(pthread_join(waiting, NULL), 0);
        assert_int_equal(pthread_join(runner, NULL), 0);
        assert_int_equal(receiver.acknowledged.count, 2);
        receiver_assert_unchanged(&receiver.taken);
        if (way != CLOSE)
            receiver_close(&receiver, ctx);
        receiver_free(&receiver);
    }
}

/* ---- What becomes due while somebody flushes ---------------------------------------------------- */

enum { HANDLES = 64, LIVES = HOST_SANITIZED ? 5 : 40, RESETS = 25 };

typedef struct lives {
    lkstats_t *ctx;
    bool over;
} lives_t;

/* Each reset and each stop is due at once. */
static void *live_on(void *argument) {
    lives_t *const lives = argument;
    lkstats_signal_t signals[HANDLES];
    for (int life = 0; life < LIVES; ++life) {
        for (int i = 0; i < HANDLES; ++i)
            signals[i] = host_signal(lives->ctx);
        for (int epoch = 0; epoch < RESETS; ++epoch)
            for (int i = 0; i < HANDLES; ++i) {
                require_status(LKSTATS_OK, lkstats_add_bytes(signals[i], 1, 1));
                host_resolve(signals[i], "RM_lobby", "PA_moves");
                require_status(LKSTATS_OK, lkstats_signal_reset(signals[i]));
            }
        for (int i = 0; i < HANDLES; ++i) {
            host_resolve(signals[i], "RM_lobby", "PA_leaves");
            require_status(LKSTATS_OK, lkstats_track_stop(signals[i], NULL));
        }
    }
    __atomic_store_n(&lives->over, true, __ATOMIC_RELEASE);
    return NULL;
}

/* Nothing but the flushes delivers, and everything is taken. */
STORY(a_flush_waits_for_nothing_that_only_it_could_deliver) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    lives_t lives = {.ctx = ctx};
    pthread_t living;
    assert_int_equal(pthread_create(&living, NULL, live_on, &lives), 0);
    while (!__atomic_load_n(&lives.over, __ATOMIC_ACQUIRE))
        assert_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
    assert_int_equal(pthread_join(living, NULL), 0);
    receiver_close(&receiver, ctx);
    const lkstats_traffic_t total = receiver_total(&receiver.acknowledged);
    assert_traffic(total, LIVES * HANDLES * RESETS, LIVES * HANDLES * RESETS, 0, 0);
    receiver_assert_once(&receiver.acknowledged);
    receiver_free(&receiver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backlog_keeps_the_reporter_from_nothing),
        cmocka_unit_test(a_caller_without_time_has_one_try_made),
        cmocka_unit_test(a_caller_whose_time_ends_in_on_batch_hands_out_no_more),
        cmocka_unit_test(a_refusal_costs_whoever_waits_meanwhile_no_pause),
        cmocka_unit_test(a_flush_waits_for_nothing_that_only_it_could_deliver),
    };
    return cmocka_run_group_tests_name("push_pace", tests, NULL, NULL);
}
