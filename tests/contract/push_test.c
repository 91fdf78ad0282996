/* SPDX-License-Identifier: Apache-2.0 */
/* Push: the library calls on_batch, and what that returns is the answer. */
#include <errno.h>

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

STORY(an_ok_acknowledges) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = host_track(ctx, "PA_pushed");
    for (uint64_t tick = 1; tick <= 3; ++tick) {
        count(track, 10 * tick);
        host_tick(ctx, (int64_t)tick);
        assert_int_equal(receiver.taken.count, tick);
    }
    host_tick(ctx, 4); /* nothing moved */
    assert_int_equal(receiver.calls, 3);
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    host_assert_gapless(&receiver.taken, track);
    assert_traffic(receiver.taken.items[2].running, 60, 3, 0, 0);
    receiver_close(&receiver, ctx);
    assert_int_equal(receiver.calls, 3);
    receiver_free(&receiver);
}

STORY(without_a_thread_whoever_runs_the_context_is_called) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = host_track(ctx, "PA_mine");
    const pthread_t nobody = {0};
    for (size_t call = 1; call <= 4; ++call) {
        count(track, 1);
        assert_int_equal(receiver.calls, call - 1);
        receiver.thread = nobody;
        if (call == 1)
            host_tick(ctx, 1);
        else if (call == 2)
            assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
        else if (call == 3)
            assert_status(LKSTATS_OK, lkstats_track_flush(track, 0));
        else
            assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
        assert_int_equal(receiver.calls, call);
        assert_true(pthread_equal(receiver.thread, pthread_self()));
    }
    host_assert_gapless(&receiver.acknowledged, track);
    receiver_free(&receiver);
}

STORY(the_librarys_own_thread_delivers) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MIN_MS);
    const lkstats_track_t track = host_track(ctx, "PA_theirs");
    count(track, 1);
    receiver_await_records(&receiver, 1);
    pthread_mutex_lock(&receiver.lock);
    const pthread_t library = receiver.thread;
    pthread_mutex_unlock(&receiver.lock);
    assert_false(pthread_equal(library, pthread_self()));

    /* Also what others wait for. */
    for (int way = 0; way < 3; ++way) {
        count(track, 1);
        if (way == 0)
            assert_status(LKSTATS_OK, lkstats_flush(ctx, HOST_PATIENCE_MS));
        else if (way == 1)
            assert_status(LKSTATS_OK, lkstats_track_flush(track, HOST_PATIENCE_MS));
        else
            receiver_close(&receiver, ctx);
        pthread_mutex_lock(&receiver.lock);
        assert_true(pthread_equal(receiver.thread, library));
        assert_int_equal(receiver.acknowledged.count, 2 + way);
        pthread_mutex_unlock(&receiver.lock);
    }
    host_assert_gapless(&receiver.acknowledged, track);
    receiver_free(&receiver);
}

STORY(a_stop_is_pushed_before_the_interval_is_over) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_threaded(&receiver, LKSTATS_REPORT_INTERVAL_MAX_MS);
    for (size_t i = 1; i <= 3; ++i) {
        stopped(ctx, "PA_brief", i);
        receiver_await_records(&receiver, i);
    }
    receiver_close(&receiver, ctx);
    const lkstats_traffic_t total = receiver_total(&receiver.acknowledged);
    assert_traffic(total, 6, 3, 0, 0);
    receiver_free(&receiver);
}

/* ---- What a batch holds ------------------------------------------------------------------------- */

static bool contains(const uint8_t *data, uint64_t size, const char *text) {
    const size_t length = strlen(text);
    for (uint64_t at = 0; at + length <= size; ++at)
        if (memcmp(data + at, text, length) == 0)
            return true;
    return false;
}

static void require_complete(receiver_t *receiver, const lkstats_batch_t *batch) {
    const lkstats_record_t *const record = batch->records;
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    require(batch->record_count == 1);
    require(host_string_is(batch->node, "ND_here") && host_string_is(batch->analytics_key, "secret"));
    require(host_is_of(record, *(lkstats_track_t *)receiver->story));
    require(record->key.epoch == 1 && record->key.sequence == 1);
    require(record->key.kind == LKSTATS_RECORD_TRAFFIC);
    require(record->channel == LKSTATS_CHANNEL_DATA && record->flags == 0);
    require(host_string_is(record->participant_sid, "PA_whole"));
    require(host_string_is(record->track_id, "TR_DTPA_whole"));
    require(host_string_is(record->room_sid, "RM_lobby") && host_string_is(record->tenant, "acme"));
    require(record->start.monotonic_ns == HOST_START_NS);
    require(record->end.wall_ns == HOST_START_WALL_NS + HOST_TICK_NS);
    require(record->window.send_bytes == 70 && record->window.recv_messages == 1);

    require_status(LKSTATS_OK, lkstats_batch_analytics_stats(batch, &stats, &size));
    require(contains(stats, size, "ND_here") && contains(stats, size, "secret"));
    require(contains(stats, size, "TR_DTPA_whole"));
}

STORY(a_batch_is_complete_and_ends_with_the_call) {
    lkstats_track_t track = 0;
    receiver_t receiver = {.inside = require_complete, .story = &track};
    const lkstats_options_t options = {
        .flags = LKSTATS_NO_THREAD, .node = host_string("ND_here"), .analytics_key = host_string("secret")};
    lkstats_t *const ctx = receiver_open(&receiver, options);
    const uint8_t *stats = NULL;
    uint64_t size = 0;
    track = host_track(ctx, "PA_whole");
    count(track, 70);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    host_tick(ctx, 1);

    assert_int_equal(receiver.calls, 1);
    assert_ptr_equal(receiver.last.ctx, ctx);
    assert_status(LKSTATS_ESTALE, lkstats_ack(&receiver.last));
    assert_status(LKSTATS_ESTALE, lkstats_nack(&receiver.last));
    assert_status(LKSTATS_ESTALE, lkstats_batch_analytics_stats(&receiver.last, &stats, &size));
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

/* ---- What on_batch is to the host --------------------------------------------------------------- */

static lkstats_status_t take_whatever_it_is(uint64_t user_data, const lkstats_batch_t *batch) {
    require(user_data == UINT64_MAX);
    errno = EDOM;
    return batch->record_count == 1 ? LKSTATS_OK : LKSTATS_EINVAL;
}

STORY(user_data_comes_whole_and_errno_stays) {
    lkstats_t *const ctx =
        host_open_with((lkstats_options_t){.on_batch = take_whatever_it_is, .user_data = UINT64_MAX});
    count(host_track(ctx, "PA_pushed"), 1);
    errno = ERANGE;
    host_tick(ctx, 1);
    assert_int_equal(errno, ERANGE);
    assert_status(LKSTATS_OK, lkstats_flush(ctx, 0));
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

STORY(reports_cannot_be_pulled_as_well) {
    receiver_t receiver = {0};
    lkstats_t *const ctx = receiver_open_virtual(&receiver);
    const lkstats_track_t track = host_track(ctx, "PA_both");
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    int32_t fd = -1;
    receiver.answer = LKSTATS_EAGAIN;
    count(track, 1);
    host_tick(ctx, 1); /* and there would be something to take */
    assert_status(LKSTATS_EINVAL, lkstats_next(ctx, &batch));
    assert_status(LKSTATS_EINVAL, lkstats_event_fd(ctx, &fd));
    assert_int_equal(batch.id, 0);
    assert_int_equal(fd, -1);
    receiver.answer = LKSTATS_OK;
    receiver_close(&receiver, ctx);
    receiver_free(&receiver);
}

static lkstats_status_t never(uint64_t user_data, const lkstats_batch_t *batch) {
    (void)user_data, (void)batch;
    require(false);
    return LKSTATS_OK;
}

STORY(without_reports_there_is_nothing_to_push) {
    lkstats_options_t options = {
        .struct_size = sizeof options, .flags = LKSTATS_NO_REPORTS, .on_batch = never};
    lkstats_t *ctx = NULL;
    assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
    options.flags |= LKSTATS_NO_THREAD;
    assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
    assert_null(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ok_acknowledges),
        cmocka_unit_test(without_a_thread_whoever_runs_the_context_is_called),
        cmocka_unit_test(the_librarys_own_thread_delivers),
        cmocka_unit_test(a_stop_is_pushed_before_the_interval_is_over),
        cmocka_unit_test(a_batch_is_complete_and_ends_with_the_call),
        cmocka_unit_test(user_data_comes_whole_and_errno_stays),
        cmocka_unit_test(reports_cannot_be_pulled_as_well),
        cmocka_unit_test(without_reports_there_is_nothing_to_push),
    };
    return cmocka_run_group_tests_name("push", tests, NULL, NULL);
}
