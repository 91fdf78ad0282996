/* SPDX-License-Identifier: Apache-2.0 */
/* A context with its own thread: reports come by themselves. */
#include <poll.h>

#include "consumer.h"

/* Takes reports as they come until there are that many. */
static void await(lkstats_t *ctx, host_records_t *all, size_t count) {
    struct pollfd waiting = {.fd = host_event_fd(ctx), .events = POLLIN};
    host_drain(ctx, all);
    while (all->count < count) {
        assert_int_equal(poll(&waiting, 1, HOST_PATIENCE_MS), 1);
        host_drain(ctx, all);
    }
}

STORY(reports_arrive_by_themselves) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    const lkstats_track_t track = host_track(ctx, "PA_alive");
    host_records_t all = {0};
    for (size_t i = 1; i <= 3; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        await(ctx, &all, i);
    }
    host_assert_gapless(&all, track);
    assert_traffic(all.items[2].running, 30, 3, 0, 0);
    assert_true(all.items[0].start.monotonic_ns > 0);
    assert_true(all.items[0].end.monotonic_ns > all.items[0].start.monotonic_ns);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_stop_does_not_wait_for_the_interval) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    host_records_t all = {0};
    for (size_t i = 1; i <= 3; ++i) {
        const lkstats_track_t track = host_track(ctx, "PA_stop");
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, i, 0));
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
        await(ctx, &all, i);
        assert_true(host_is_of(&all.items[i - 1], track));
        assert_traffic(all.items[i - 1].window, 0, 0, i, 1);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(options_may_be_left_out) {
    lkstats_t *ctx = NULL;
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_open(NULL, &ctx));
    const lkstats_track_t track = host_track(ctx, "PA_default");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    await(ctx, &all, 1);
    assert_true(host_string_is(all.items[0].participant_sid, "PA_default"));
    host_records_free(&all);
    host_done(ctx);
}

STORY(totals_have_the_time_of_now) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MAX_MS);
    const lkstats_track_t track = host_track(ctx, "PA_now");
    const lkstats_totals_t first = host_totals(track), second = host_totals(track);
    assert_true(first.at.monotonic_ns > 0);
    assert_true(first.at.wall_ns > HOST_START_WALL_NS);
    assert_true(second.at.monotonic_ns >= first.at.monotonic_ns);
    host_done(ctx);
}

STORY(two_contexts_report_apart) {
    lkstats_t *const one = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    lkstats_t *const other = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    const lkstats_track_t first = host_track(one, "PA_one"), second = host_track(other, "PA_other");
    host_records_t ones = {0}, others = {0};
    assert_int_not_equal(first, second);
    assert_int_not_equal(host_event_fd(one), host_event_fd(other));
    assert_status(LKSTATS_OK, lkstats_add_bytes(first, 1, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(second, 2, 1));
    await(one, &ones, 1);
    await(other, &others, 1);
    assert_true(host_is_of(&ones.items[0], first));
    assert_true(host_is_of(&others.items[0], second));

    /* The one goes on after the other has gone. */
    host_close(other, &others);
    assert_status(LKSTATS_OK, lkstats_add_bytes(first, 1, 1));
    await(one, &ones, 2);
    host_close(one, &ones);
    assert_int_equal(ones.count, 2);
    assert_int_equal(others.count, 1);
    host_records_free(&ones);
    host_records_free(&others);
}

/* Makes tracks, counts on them, and stops them. */
typedef struct worker {
    pthread_t thread;
    lkstats_t *ctx;
    uint64_t bytes, messages;
} worker_t;

static void *short_lives(void *argument) {
    enum { TRACKS = 300, ADDS = 50 };
    worker_t *const worker = argument;
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_track_t track = host_track(worker->ctx, "PA_brief");
        for (uint64_t n = 0; n < ADDS; ++n) {
            require_status(LKSTATS_OK, lkstats_add_bytes(track, n, 1));
            worker->bytes += n;
            worker->messages += 1;
        }
        require_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
    }
    return NULL;
}

STORY(threads_that_make_and_stop_tracks_lose_nothing) {
    enum { WORKERS = 4 };
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    worker_t workers[WORKERS];
    consumer_t consumer;
    consumer_start(&consumer, ctx);
    for (int i = 0; i < WORKERS; ++i) {
        workers[i] = (worker_t){.ctx = ctx};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, short_lives, &workers[i]), 0);
    }
    lkstats_traffic_t counted = {0}, reported = {0};
    for (int i = 0; i < WORKERS; ++i) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        counted.send_bytes += workers[i].bytes;
        counted.send_messages += workers[i].messages;
    }
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);
    for (size_t i = 0; i < consumer.kept.count; ++i) {
        reported.send_bytes += consumer.kept.items[i].window.send_bytes;
        reported.send_messages += consumer.kept.items[i].window.send_messages;
    }
    assert_memory_equal(&counted, &reported, sizeof counted);
    consumer_free(&consumer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_arrive_by_themselves),
        cmocka_unit_test(a_stop_does_not_wait_for_the_interval),
        cmocka_unit_test(options_may_be_left_out),
        cmocka_unit_test(totals_have_the_time_of_now),
        cmocka_unit_test(two_contexts_report_apart),
        cmocka_unit_test(threads_that_make_and_stop_tracks_lose_nothing),
    };
    return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
