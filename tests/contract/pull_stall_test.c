/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer that stops answering for a day: the counters are the queue. */
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "host.h"

enum { TRACKS = 20, DAY = 24 * 3600 / 5, SETTLED = 100 };
enum { ROOM_FOR_NOISE = 256 * 1024 };

static int64_t resident_bytes(void) {
    long size = 0, resident = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

/* Different figures on each track, so that a mix-up of two shows. */
static void count_once(const lkstats_track_t *tracks, lkstats_traffic_t *counted) {
    for (uint64_t i = 0; i < TRACKS; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_messages(tracks[i], 1000 + i, 3, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], i, 0));
        counted[i].send_bytes += 1000 + i;
        counted[i].send_messages += 3;
        counted[i].recv_bytes += i;
        counted[i].recv_messages += 1;
    }
}

STORY(a_stalled_consumer_loses_nothing) {
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[TRACKS];
    lkstats_traffic_t counted[TRACKS] = {{0}};
    host_records_t all = {0};
    for (int i = 0; i < TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_stalled");

    /* Given one batch that is out and never answered, */
    count_once(tracks, counted);
    host_tick(ctx, 1);
    const lkstats_batch_t out = host_take(ctx);
    assert_int_equal(out.record_count, TRACKS);

    /* when the day goes by, */
    size_t heap = 0;
    int64_t resident = 0;
    for (int tick = 2; tick <= DAY; ++tick) {
        lkstats_batch_t none = {.struct_size = sizeof none};
        count_once(tracks, counted);
        host_tick(ctx, tick);
        assert_status(LKSTATS_EAGAIN, lkstats_next(ctx, &none));
        if (tick == SETTLED) {
            heap = mallinfo2().uordblks;
            resident = resident_bytes();
        }
    }

    /* then it has cost no memory, */
    assert_true(mallinfo2().uordblks <= heap + ROOM_FOR_NOISE);
    if (!HOST_SANITIZED)
        assert_true(resident_bytes() <= resident + ROOM_FOR_NOISE);

    /* and the two reports of each track are all of it. */
    host_keep(&all, &out);
    assert_status(LKSTATS_OK, lkstats_ack(&out));
    host_tick(ctx, DAY + 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 2 * TRACKS);
    for (size_t i = 0; i < TRACKS; ++i) {
        host_assert_gapless(&all, tracks[i]);
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_memory_equal(&sum, &counted[i], sizeof sum);
        const lkstats_record_t *const day = host_find(&all, tracks[i], 2);
        assert_int_equal(day->end.monotonic_ns - day->start.monotonic_ns, DAY * HOST_TICK_NS);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_consumer_that_never_took_anything_loses_nothing) {
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[TRACKS];
    lkstats_traffic_t counted[TRACKS] = {{0}};
    host_records_t all = {0};
    for (int i = 0; i < TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_untaken");
    for (int tick = 1; tick <= DAY; ++tick) {
        count_once(tracks, counted);
        host_tick(ctx, tick);
    }
    host_drain(ctx, &all);
    host_tick(ctx, DAY + 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 2 * TRACKS);
    for (size_t i = 0; i < TRACKS; ++i) {
        host_assert_gapless(&all, tracks[i]);
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_memory_equal(&sum, &counted[i], sizeof sum);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(tracks_that_stop_during_a_stall_are_all_there_afterwards) {
    enum { STOPPED = 500 };
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[STOPPED];
    host_records_t all = {0};
    for (uint64_t i = 0; i < STOPPED; ++i) {
        tracks[i] = host_track(ctx, "PA_brief");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1 + i, 0));
        host_tick(ctx, (int64_t)(2 * i + 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1000, 1));
        assert_status(LKSTATS_OK, lkstats_track_stop(tracks[i], NULL));
        host_tick(ctx, (int64_t)(2 * i + 2));
    }
    /* Each has a first report in the queue; the stop's follows its acknowledgement. */
    host_drain(ctx, &all);
    host_tick(ctx, 2 * STOPPED + 1);
    host_drain(ctx, &all);
    for (uint64_t i = 0; i < STOPPED; ++i) {
        host_assert_gapless(&all, tracks[i]);
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_traffic(sum, 1000, 1, 1 + i, 1);
    }
    assert_int_equal(all.count, 2 * STOPPED);
    host_records_free(&all);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stalled_consumer_loses_nothing),
        cmocka_unit_test(a_consumer_that_never_took_anything_loses_nothing),
        cmocka_unit_test(tracks_that_stop_during_a_stall_are_all_there_afterwards),
    };
    return cmocka_run_group_tests_name("pull_stall", tests, NULL, NULL);
}
