/* SPDX-License-Identifier: Apache-2.0 */
/* A pushed batch that is given back: it comes again as it was, after a pause, and counts once. */
#include "receiver.h"

static void count(lkstats_track_t track, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, bytes, 1));
}

/* A track that owes that much, and is due at once. */
static lkstats_track_t stopped(lkstats_t *ctx, const char *name, uint64_t bytes) {
    const lkstats_track_t track = host_track(ctx, name);
    count(track, bytes);
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    return track;
}

/* A track with one report, frozen and given back at the first tick. */
static lkstats_track_t given_back(receiver_t *receiver, lkstats_t *ctx) {
    const lkstats_track_t track = host_track(ctx, "PA_refused");
    receiver_answers(receiver, LKSTATS_EAGAIN);
    count(track, 10);
    host_tick(ctx, 1);
    assert_int_equal(receiver->calls, 1);
    return track;
}

/* A pause lasts a second, the interval being longer. */
static const int64_t after_the_pause = HOST_TICK_NS + HOST_SECOND;

/* The serialized batches, as on_batch saw them. */
typedef struct serialized {
    uint8_t bytes[2][1024];
    uint64_t sizes[2], ids[2];
    int count;
} serialized_t;

static void serialize(receiver_t *receiver, const lkstats_batch_t *batch) {
    serialized_t *const seen = receiver->story;
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    require_status(LKSTATS_OK, lkstats_batch_analytics_stats(batch, &stats, &size));
    require(seen->count < 2 && size > 0 && size <= sizeof seen->bytes[0]);
    memcpy(seen->bytes[seen->count], stats, size);
    seen->sizes[seen->count] = size;
    seen->ids[seen->count++] = batch->id;
}

STORY(anything_but_ok_gives_the_batch_back_unchanged) {
    static const lkstats_status_t answers[] = {LKSTATS_EINVAL,  LKSTATS_EAGAIN,    LKSTATS_EOF,
                                               LKSTATS_ECLOSED, LKSTATS_ETIMEDOUT, 1,
                                               INT32_MAX,       INT32_MIN};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
        serialized_t seen = {0};
        receiver_t receiver = {.answer = answers[i], .inside = serialize, .story = &seen};
        lkstats_t *const ctx = receiver_open_virtual(&receiver);
        const lkstats_track_t track = host_track(ctx, "PA_refused");
        count(track, 10);
        host_tick(ctx, 1);
        count(track, 1); /* later traffic changes nothing about it */
        assert_int_equal(receiver.taken.count, 1);

        receiver.answer = LKSTATS_OK;
        host_run(ctx, after_the_pause);
        assert_int_equal(receiver.taken.count, 2);
        receiver_assert_unchanged(&receiver.taken);
        assert_memory_equal(&receiver.taken.items[0].key, &receiver.taken.items[1].key,
                            sizeof(lkstats_key_t));
        assert_traffic(receiver.taken.items[1].window, 10, 1, 0, 0);
        assert_int_equal(seen.sizes[0], seen.sizes[1]);
        assert_memory_equal(seen.bytes[0], seen.bytes[1], seen.sizes[0]);
        assert_int_not_equal(seen.ids[0], seen.ids[1]);

        receiver.inside = NULL;
        receiver_close(&receiver, ctx);
        host_assert_gapless(&receiver.acknowledged, track);
        const lkstats_traffic_t sum = host_sum(&receiver.acknowledged, track);
        assert_traffic(sum, 11, 2, 0, 0);
        receiver_free(&receiver);
    }
}

STORY(after_a_give_back_nothing_comes_for_an_interval_or_a_second) {
    static const struct {
        uint32_t interval_ms, pause_ms;
    } cases[] = {{100, 100}, {999, 999}, {1000, 1000}, {5000, 1000}, {LKSTATS_REPORT_INTERVAL_MAX_MS, 1000}};
    enum { REFUSALS = 3 };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        receiver_t receiver = {.answer = LKSTATS_EAGAIN};
        lkstats_t *const ctx =
            receiver_open(&receiver, (lkstats_options_t){.flags = LKSTATS_NO_THREAD,
                                                         .report_interval_ms = cases[i].interval_ms});
        const lkstats_track_t old = host_track(ctx, "PA_old");
        const int64_t pause = cases[i].pause_ms * (HOST_SECOND / 1000);
        int64_t now = cases[i].interval_ms * (HOST_SECOND / 1000);
        count(old, 1);
        host_run(ctx, now);
        const lkstats_track_t newer = stopped(ctx, "PA_new", 2);

        for (size_t refusal = 1; refusal <= REFUSALS; ++refusal) {
            assert_int_equal(receiver.calls, refusal);
            host_run(ctx, now);
            host_run(ctx, now + pause / 2);
            host_run(ctx, now + pause - 1);
            assert_int_equal(receiver.calls, refusal);
            now += pause;
            if (refusal == REFUSALS)
                receiver.answer = LKSTATS_OK;
            host_run(ctx, now);
        }
        assert_int_equal(receiver.acknowledged.count, 2);
        assert_true(host_is_of(&receiver.acknowledged.items[0], old));
        assert_true(host_is_of(&receiver.acknowledged.items[1], newer));
        receiver_assert_unchanged(&receiver.taken);
        receiver_close(&receiver, ctx);
        receiver_free(&receiver);
    }
}

STORY(a_pause_is_over_after_an_answer_of_ok) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    given_back(&receiver, ctx);
    receiver.answer = LKSTATS_OK;
    host_run(ctx, after_the_pause);
    assert_int_equal(receiver.acknowledged.count, 1);
    for (size_t i = 2; i <= 4; ++i) {
        stopped(ctx, "PA_prompt", i);
        host_run(ctx, after_the_pause);
        assert_int_equal(receiver.acknowledged.count, i);
    }
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

STORY(a_flush_has_one_more_try_made) {
    for (int of_track = 0; of_track < 2; ++of_track) {
        receiver_t receiver = {0};
        lkstats_t *const ctx = receiver_open_virtual(&receiver);
        const lkstats_track_t track = given_back(&receiver, ctx);
        for (size_t i = 1; i <= 3; ++i) {
            assert_status(LKSTATS_ETIMEDOUT,
                          of_track ? lkstats_track_flush(track, 0) : lkstats_flush(ctx, 0));
            assert_int_equal(receiver.calls, 1 + i);
        }
        receiver.answer = LKSTATS_OK;
        assert_status(LKSTATS_OK, of_track ? lkstats_track_flush(track, 0) : lkstats_flush(ctx, 0));
        assert_int_equal(receiver.calls, 5);
        assert_int_equal(receiver.acknowledged.count, 1);
        receiver_assert_unchanged(&receiver.taken);
        receiver_close(&receiver, ctx);
        receiver_free(&receiver);
    }
}

STORY(a_try_that_failed_begins_the_pause_anew) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    given_back(&receiver, ctx);
    host_run(ctx, after_the_pause - HOST_SECOND / 4);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    receiver.answer = LKSTATS_OK;
    host_run(ctx, after_the_pause);
    host_run(ctx, after_the_pause + HOST_SECOND * 3 / 4 - 1);
    assert_int_equal(receiver.calls, 2);
    host_run(ctx, after_the_pause + HOST_SECOND * 3 / 4);
    assert_int_equal(receiver.calls, 3);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

STORY(a_close_has_one_more_try_made) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = given_back(&receiver, ctx);
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    count(track, 5);
    for (size_t i = 1; i <= 3; ++i) {
        assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
        assert_int_equal(receiver.calls, 1 + i);
        assert_int_equal(residue.tracks, 1);
        assert_traffic(residue.traffic, 15, 2, 0, 0);
    }
    /* A try is one batch, and what came after the refused report is in the next. */
    receiver.answer = LKSTATS_OK;
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, &residue));
    assert_int_equal(receiver.calls, 5);
    assert_int_equal(residue.tracks, 1);
    assert_traffic(residue.traffic, 5, 1, 0, 0);
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, &residue));
    assert_int_equal(receiver.calls, 6);
    assert_int_equal(residue.tracks, 0);
    assert_traffic(residue.traffic, 0, 0, 0, 0);
    host_assert_gapless(&receiver.acknowledged, track);
    receiver_assert_unchanged(&receiver.taken);
    receiver_free(&receiver);
}

STORY(what_was_given_back_comes_before_newer_reports) {
    enum { TRACKS = LKSTATS_BATCH_RECORDS_MAX + 900 };
    receiver_t receiver = {.answer = LKSTATS_EAGAIN};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    for (uint64_t i = 0; i < TRACKS; ++i)
        count(host_track(ctx, "PA_many"), i);
    host_tick(ctx, 1);
    const size_t first = receiver.taken.count;
    assert_int_equal(receiver.calls, 1); /* the second batch waits too */
    assert_in_range(first, 1, LKSTATS_BATCH_RECORDS_MAX);

    const lkstats_track_t newer = stopped(ctx, "PA_new", 1);
    receiver.answer = LKSTATS_OK;
    host_run(ctx, after_the_pause);
    assert_int_equal(receiver.acknowledged.count, TRACKS + 1);
    for (size_t i = 0; i < first; ++i)
        assert_true(host_same_content(&receiver.taken.items[i], &receiver.acknowledged.items[i]));
    assert_true(host_is_of(&receiver.acknowledged.items[TRACKS], newer));
    receiver_assert_once(&receiver.acknowledged);
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

/* ---- Answered from inside ----------------------------------------------------------------------- */

static void answer_once(const lkstats_batch_t *batch, lkstats_status_t (*answer)(const lkstats_batch_t *)) {
    require_status(LKSTATS_OK, answer(batch));
    require_status(LKSTATS_ESTALE, lkstats_ack(batch));
    require_status(LKSTATS_ESTALE, lkstats_nack(batch));
}

static void ack_inside(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)receiver;
    answer_once(batch, lkstats_ack);
}

static void nack_inside(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)receiver;
    answer_once(batch, lkstats_nack);
}

STORY(an_ack_from_inside_counts_whatever_is_returned) {
    receiver_t receiver = {.answer = LKSTATS_EAGAIN, .inside = ack_inside};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = host_track(ctx, "PA_acked");
    count(track, 1);
    host_tick(ctx, 1);
    assert_int_equal(receiver.calls, 1);

    /* Nothing was given back: there is no pause. */
    const lkstats_track_t other = stopped(ctx, "PA_other", 20);
    host_run(ctx, HOST_TICK_NS);
    assert_int_equal(receiver.calls, 2);
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    host_tick(ctx, 2);
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.taken.count, 2);
    assert_true(host_is_of(&receiver.taken.items[0], track));
    assert_true(host_is_of(&receiver.taken.items[1], other));
    receiver_free(&receiver);
}

STORY(a_nack_from_inside_counts_whatever_is_returned) {
    receiver_t receiver = {.inside = nack_inside};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    count(host_track(ctx, "PA_nacked"), 1);
    host_tick(ctx, 1);
    assert_int_equal(receiver.calls, 1);
    host_run(ctx, after_the_pause - 1);
    assert_int_equal(receiver.calls, 1);
    host_run(ctx, after_the_pause);
    assert_int_equal(receiver.calls, 2);
    receiver.inside = NULL;
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.calls, 3);
    receiver_assert_unchanged(&receiver.taken);
    assert_traffic(receiver.taken.items[2].running, 1, 1, 0, 0);
    receiver_free(&receiver);
}

/* ---- Refused while others wait ------------------------------------------------------------------ */

/* So many that their pauses together outlast HOST_PATIENCE_MS. */
enum { TRIES = 40 };

typedef enum way { FLUSH, TRACK_FLUSH, CLOSE, WAYS } way_t;

typedef struct request {
    lkstats_t *ctx;
    lkstats_track_t track;
    way_t way;
} request_t;

static void *request(void *argument) {
    const request_t *const request = argument;
    require_status(LKSTATS_ETIMEDOUT, request->way == FLUSH         ? lkstats_flush(request->ctx, 0)
                                      : request->way == TRACK_FLUSH ? lkstats_track_flush(request->track, 0)
                                                                    : lkstats_close(request->ctx, 0, NULL));
    return NULL;
}

/* Each of the first calls is refused, and before it returns another thread wants a try. */
static void refuse_and_be_asked_again(receiver_t *receiver, const lkstats_batch_t *batch) {
    pthread_t other;
    (void)batch;
    receiver_answers(receiver, receiver->calls <= TRIES ? LKSTATS_EAGAIN : LKSTATS_OK);
    if (receiver->calls > TRIES)
        return;
    require(pthread_create(&other, NULL, request, receiver->story) == 0);
    require(pthread_join(other, NULL) == 0);
}

STORY(a_try_that_is_asked_for_inside_a_call_is_made_after_it) {
    for (way_t way = 0; way < WAYS; ++way) {
        request_t asked = {.way = way};
        receiver_t receiver = {.inside = refuse_and_be_asked_again, .story = &asked};
        asked.ctx = receiver_open_virtual(&receiver);
        asked.track = host_track(asked.ctx, "PA_refused");
        count(asked.track, 10);
        host_tick(asked.ctx, 1);
        assert_int_equal(receiver.calls, TRIES + 1);
        assert_int_equal(receiver.acknowledged.count, 1);
        receiver_assert_unchanged(&receiver.taken);
        receiver_close(&receiver, asked.ctx);
        receiver_free(&receiver);
    }
}

/* A request is for one try: what is refused then has its pause. */
static void ask_inside_the_first(receiver_t *receiver, const lkstats_batch_t *batch) {
    pthread_t other;
    (void)batch;
    if (receiver->calls > 1)
        return;
    require(pthread_create(&other, NULL, request, receiver->story) == 0);
    require(pthread_join(other, NULL) == 0);
}

STORY(a_try_that_is_asked_for_inside_a_call_is_made_once) {
    for (way_t way = 0; way < WAYS; ++way) {
        request_t asked = {.way = way};
        receiver_t receiver = {.answer = LKSTATS_EAGAIN, .inside = ask_inside_the_first, .story = &asked};
        asked.ctx = receiver_open_virtual(&receiver);
        asked.track = host_track(asked.ctx, "PA_refused");
        count(asked.track, 10);
        host_tick(asked.ctx, 1);
        assert_int_equal(receiver.calls, 2);
        host_run(asked.ctx, after_the_pause - 1);
        assert_int_equal(receiver.calls, 2);
        receiver.answer = LKSTATS_OK;
        host_run(asked.ctx, after_the_pause);
        assert_int_equal(receiver.calls, 3);
        receiver_close(&receiver, asked.ctx);
        receiver_free(&receiver);
    }
}

STORY(with_a_thread_such_a_try_is_made_at_once_too) {
    for (way_t way = 0; way < WAYS; ++way) {
        request_t asked = {.way = way};
        receiver_t receiver = {.inside = refuse_and_be_asked_again, .story = &asked};
        asked.ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MAX_MS);
        asked.track = host_track(asked.ctx, "PA_refused");
        count(asked.track, 10);
        assert_status(LKSTATS_OK, lkstats_flush(asked.ctx, HOST_PATIENCE_MS));
        receiver_close(&receiver, asked.ctx);
        assert_int_equal(receiver.taken.count, TRIES + 1);
        assert_int_equal(receiver.acknowledged.count, 1);
        receiver_assert_unchanged(&receiver.taken);
        receiver_free(&receiver);
    }
}

/* ---- With threads ------------------------------------------------------------------------------- */

static void refuse_the_first(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)batch;
    receiver_answers(receiver, receiver->calls == 1 ? LKSTATS_EAGAIN : LKSTATS_OK);
}

/* Nothing but time brings it again: the interval is an hour. */
STORY(with_a_thread_it_comes_again_by_itself) {
    receiver_t receiver = {.inside = refuse_the_first};
    lkstats_t *const ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MAX_MS);
    stopped(ctx, "PA_refused", 10);
    receiver_await_records(&receiver, 1);
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.taken.count, 2);
    receiver_assert_unchanged(&receiver.taken);
    receiver_free(&receiver);
}

STORY(whoever_waits_long_enough_sees_it_taken_in_the_end) {
    for (int way = 0; way < 3; ++way) {
        receiver_t receiver = {.inside = refuse_the_first};
        lkstats_t *const ctx = receiver_open_threaded(&receiver, 200);
        const lkstats_track_t track = host_track(ctx, "PA_refused");
        count(track, 10);
        if (way == 0)
            assert_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
        else if (way == 1)
            assert_status(LKSTATS_OK, lkstats_track_flush(track, HOST_PATIENCE_MS));
        receiver_close(&receiver, ctx);
        assert_int_equal(receiver.taken.count, 2);
        assert_int_equal(receiver.acknowledged.count, 1);
        receiver_free(&receiver);
    }
}

enum { WORKERS = 4, LIVES = 300, ADDS = 20, UNTIL_RELIABLE = 8 };

/* Makes tracks, counts on them, and stops them. */
static void *short_lives(void *ctx) {
    for (int i = 0; i < LIVES; ++i) {
        const lkstats_track_t track = host_track(ctx, "PA_brief");
        for (uint64_t n = 0; n < ADDS; ++n)
            require_status(LKSTATS_OK, lkstats_add_bytes(track, n, n % 2));
        require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    }
    return NULL;
}

/* Every second time at first. */
static void refuse_at_times(receiver_t *receiver, const lkstats_batch_t *batch) {
    (void)batch;
    receiver_answers(receiver,
                     receiver->calls < UNTIL_RELIABLE && receiver->calls % 2 ? LKSTATS_EAGAIN : LKSTATS_OK);
}

STORY(an_unreliable_consumer_gets_everything_once) {
    receiver_t receiver = {.inside = refuse_at_times};
    lkstats_t *const ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MIN_MS);
    pthread_t workers[WORKERS];
    for (int i = 0; i < WORKERS; ++i)
        assert_int_equal(pthread_create(&workers[i], NULL, short_lives, ctx), 0);
    for (int i = 0; i < WORKERS; ++i)
        assert_int_equal(pthread_join(workers[i], NULL), 0);
    receiver_close(&receiver, ctx);

    const uint64_t messages = WORKERS * LIVES * ADDS / 2, sent = ADDS * ADDS / 4, lives = WORKERS * LIVES;
    const lkstats_traffic_t total = receiver_total(&receiver.acknowledged);
    assert_traffic(total, lives * sent, messages, lives * (sent - ADDS / 2), messages);
    assert_true(receiver.taken.count > receiver.acknowledged.count);
    receiver_assert_once(&receiver.acknowledged);
    receiver_assert_unchanged(&receiver.taken);
    receiver_free(&receiver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anything_but_ok_gives_the_batch_back_unchanged),
        cmocka_unit_test(after_a_give_back_nothing_comes_for_an_interval_or_a_second),
        cmocka_unit_test(a_pause_is_over_after_an_answer_of_ok),
        cmocka_unit_test(a_flush_has_one_more_try_made),
        cmocka_unit_test(a_try_that_failed_begins_the_pause_anew),
        cmocka_unit_test(a_close_has_one_more_try_made),
        cmocka_unit_test(what_was_given_back_comes_before_newer_reports),
        cmocka_unit_test(an_ack_from_inside_counts_whatever_is_returned),
        cmocka_unit_test(a_nack_from_inside_counts_whatever_is_returned),
        cmocka_unit_test(a_try_that_is_asked_for_inside_a_call_is_made_after_it),
        cmocka_unit_test(a_try_that_is_asked_for_inside_a_call_is_made_once),
        cmocka_unit_test(with_a_thread_such_a_try_is_made_at_once_too),
        cmocka_unit_test(with_a_thread_it_comes_again_by_itself),
        cmocka_unit_test(whoever_waits_long_enough_sees_it_taken_in_the_end),
        cmocka_unit_test(an_unreliable_consumer_gets_everything_once),
    };
    return cmocka_run_group_tests_name("push_answer", tests, NULL, NULL);
}
