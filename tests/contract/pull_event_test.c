/* SPDX-License-Identifier: Apache-2.0 */
/* The event descriptor: readable while lkstats_next has something to say. */
#include <sys/epoll.h>
#include <unistd.h>

#include "host.h"

static void count_and_freeze(lkstats_t *ctx, lkstats_track_t track, int64_t tick) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, tick);
}

STORY(nothing_to_take_is_nothing_to_read) {
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    assert_false(host_readable(fd));
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &batch));
    assert_false(host_readable(fd));

    const lkstats_track_t track = host_track(ctx, "PA_quiet");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    assert_false(host_readable(fd));
    host_done(ctx);
}

STORY(the_descriptor_stays_the_same) {
    lkstats_t *const ctx = host_open();
    assert_int_equal(host_event_fd(ctx), host_event_fd(ctx));
    host_done(ctx);
}

STORY(a_report_makes_it_readable_until_everything_is_taken) {
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_loud");
    host_records_t all = {0};
    for (int tick = 1; tick <= 3; ++tick) {
        count_and_freeze(ctx, track, tick);
        assert_true(host_readable(fd));
        assert_true(host_readable(fd));
        assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
        assert_false(host_readable(fd));
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(it_stays_readable_while_there_is_another_batch) {
    enum { TRACKS = LKSTATS_BATCH_RECORDS_MAX + 1 };
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    host_records_t all = {0};
    for (int i = 0; i < TRACKS; ++i)
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_crowd"), 1, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t first = host_take(ctx);
    assert_true(first.record_count < TRACKS);
    assert_true(host_readable(fd));
    assert_status(LKSTATS_OK, lkstats_ack(&first));
    assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
    assert_false(host_readable(fd));
    assert_int_equal(first.record_count + all.count, TRACKS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_is_out_is_not_to_be_taken) {
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_out");
    lkstats_batch_t none = {.struct_size = sizeof none};
    count_and_freeze(ctx, track, 1);
    lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    assert_false(host_readable(fd));

    assert_status(LKSTATS_OK, lkstats_nack(&batch));
    assert_true(host_readable(fd));
    batch = host_take(ctx);
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    assert_false(host_readable(fd));

    assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
    assert_true(host_readable(fd));
    const lkstats_batch_t again = host_take(ctx);
    assert_status(LKSTATS_OK, lkstats_ack(&again));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    assert_false(host_readable(fd));
    host_done(ctx);
}

STORY(edge_triggered_waiting_sees_each_new_report) {
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_edge");
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    host_records_t all = {0};
    assert_int_equal(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event), 0);
    assert_int_equal(epoll_wait(poller, &event, 1, 0), 0);

    for (int tick = 1; tick <= 20; ++tick) {
        count_and_freeze(ctx, track, tick);
        assert_int_equal(epoll_wait(poller, &event, 1, 0), 1);
        assert_int_equal(epoll_wait(poller, &event, 1, 0), 0);
        assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
        assert_int_equal(epoll_wait(poller, &event, 1, 0), 0);
    }
    assert_int_equal(all.count, 20);
    close(poller);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_end_makes_it_readable) {
    lkstats_t *const ctx = host_open();
    const int32_t fd = host_event_fd(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_end");
    lkstats_batch_t none = {.struct_size = sizeof none};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_close(ctx, 0, NULL));
    assert_true(host_readable(fd));
    const lkstats_batch_t batch = host_take(ctx);
    assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
    assert_false(host_readable(fd));

    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    assert_true(host_readable(fd));
    assert_status(LKSTATS_EOF, lkstats_next(ctx, &none));
    assert_true(host_readable(fd));
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_take_is_nothing_to_read),
        cmocka_unit_test(the_descriptor_stays_the_same),
        cmocka_unit_test(a_report_makes_it_readable_until_everything_is_taken),
        cmocka_unit_test(it_stays_readable_while_there_is_another_batch),
        cmocka_unit_test(what_is_out_is_not_to_be_taken),
        cmocka_unit_test(edge_triggered_waiting_sees_each_new_report),
        cmocka_unit_test(the_end_makes_it_readable),
    };
    return cmocka_run_group_tests_name("pull_event", tests, NULL, NULL);
}
