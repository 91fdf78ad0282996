/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a batch, and that windows, sequences and running totals fit together. */
#include <stdlib.h>

#include "host.h"

STORY(a_batch_says_whose_it_is) {
    lkstats_t *const ctx =
        host_open_with((lkstats_options_t){.node = host_string("ND_1"), .analytics_key = host_string("key")});
    const lkstats_track_t track = host_track(ctx, "PA_batch");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    host_tick(ctx, 1);

    const lkstats_batch_t batch = host_take(ctx);
    assert_int_equal(batch.record_count, 1);
    assert_ptr_equal(batch.ctx, ctx);
    assert_int_not_equal(batch.id, 0);
    assert_true(host_string_is(batch.node, "ND_1"));
    assert_true(host_string_is(batch.analytics_key, "key"));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_done(ctx);
}

STORY(a_record_is_one_window_of_one_track) {
    lkstats_t *const ctx = host_open();
    host_run(ctx, 2 * HOST_SECOND);
    const lkstats_track_t track = host_track(ctx, "PA_window");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 40, 2, 1));
    host_tick(ctx, 1);
    host_drain(ctx, &all);

    assert_int_equal(all.count, 1);
    const lkstats_record_t *const record = &all.items[0];
    assert_true(host_is_of(record, track));
    assert_int_equal(record->key.epoch, 1);
    assert_int_equal(record->key.sequence, 1);
    assert_int_equal(record->key.kind, LKSTATS_RECORD_TRAFFIC);
    assert_int_equal(record->key.reserved, 0);
    assert_int_equal(record->flags, 0);
    assert_traffic(record->window, 40, 2, 3, 1);
    assert_traffic(record->running, 40, 2, 3, 1);
    assert_int_equal(record->start.monotonic_ns, HOST_START_NS + 2 * HOST_SECOND);
    assert_int_equal(record->start.wall_ns, HOST_START_WALL_NS + 2 * HOST_SECOND);
    assert_int_equal(record->end.monotonic_ns, HOST_START_NS + HOST_TICK_NS);
    assert_int_equal(record->end.wall_ns, HOST_START_WALL_NS + HOST_TICK_NS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(both_clocks_of_a_window_are_the_hosts) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_clocks");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    /* Somebody set the wall clock back by an hour. */
    const int64_t wall = HOST_START_WALL_NS - 3600 * HOST_SECOND;
    assert_status(LKSTATS_OK, lkstats_run_once(ctx, HOST_START_NS + HOST_TICK_NS, wall));
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].start.wall_ns, HOST_START_WALL_NS);
    assert_int_equal(all.items[0].end.wall_ns, wall);
    host_records_free(&all);
    host_done(ctx);
}

STORY(windows_follow_each_other_without_a_gap) {
    enum { TICKS = 100, TRACKS = 5 };
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[TRACKS];
    lkstats_traffic_t counted[TRACKS] = {{0}};
    host_records_t all = {0};
    for (int i = 0; i < TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_gapless");

    for (uint64_t tick = 1; tick <= TICKS; ++tick) {
        for (uint64_t i = 0; i < TRACKS; ++i) {
            if (tick % (i + 1) != 0) /* the others are idle in this window */
                continue;
            assert_status(LKSTATS_OK, lkstats_add_messages(tracks[i], tick * 1000, tick, 1));
            assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], i, 0));
            counted[i].send_bytes += tick * 1000;
            counted[i].send_messages += tick;
            counted[i].recv_bytes += i;
            counted[i].recv_messages += 1;
        }
        host_tick(ctx, (int64_t)tick);
        host_drain(ctx, &all);
    }

    for (size_t i = 0; i < TRACKS; ++i) {
        host_assert_gapless(&all, tracks[i]);
        assert_int_equal(host_count(&all, tracks[i]), TICKS / (i + 1));
        const lkstats_traffic_t sum = host_sum(&all, tracks[i]);
        assert_memory_equal(&sum, &counted[i], sizeof sum);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(after_a_long_pause_there_is_one_long_window) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_pause");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    host_tick(ctx, 720);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].end.monotonic_ns - all.items[0].start.monotonic_ns, 720 * HOST_TICK_NS);
    host_records_free(&all);
    host_done(ctx);
}

STORY(nothing_is_frozen_before_the_interval_is_over) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.report_interval_ms = 60000});
    const lkstats_track_t track = host_track(ctx, "PA_early");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 0));
    for (int second = 1; second < 60; ++second) {
        host_run(ctx, second * HOST_SECOND);
        assert_status(LKSTATS_EAGAIN, host_drain(ctx, &all));
        assert_int_equal(all.count, 0);
    }
    host_run(ctx, 60 * HOST_SECOND);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    host_records_free(&all);
    host_done(ctx);
}

STORY(keys_name_their_context) {
    lkstats_t *const one = host_open(), *const other = host_open();
    host_records_t all = {0};
    const uint8_t zero[16] = {0};
    for (int i = 0; i < 2; ++i) {
        lkstats_t *const ctx = i == 0 ? one : other;
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_key"), 1, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(host_track(ctx, "PA_key"), 1, 1));
        host_tick(ctx, 1);
        host_drain(ctx, &all);
    }
    assert_int_equal(all.count, 4);
    assert_memory_not_equal(all.items[0].key.context, zero, 16);
    assert_memory_equal(all.items[0].key.context, all.items[1].key.context, 16);
    assert_memory_equal(all.items[2].key.context, all.items[3].key.context, 16);
    assert_memory_not_equal(all.items[0].key.context, all.items[2].key.context, 16);
    host_records_free(&all);
    host_done(one);
    host_done(other);
}

STORY(batch_ids_are_never_used_twice) {
    enum { BATCHES = 200 };
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_ids");
    uint64_t seen[BATCHES];
    for (int i = 0; i < BATCHES; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        host_tick(ctx, i + 1);
        const lkstats_batch_t batch = host_take(ctx);
        seen[i] = batch.id;
        for (int earlier = 0; earlier < i; ++earlier)
            assert_int_not_equal(seen[earlier], batch.id);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    host_done(ctx);
}

STORY(very_many_tracks_come_in_more_than_one_batch) {
    enum { TRACKS = 10000 };
    lkstats_t *const ctx = host_open();
    lkstats_track_t *const tracks = calloc(TRACKS, sizeof *tracks);
    uint8_t *const seen = calloc(LKSTATS_TRACKS_MAX, 1);
    assert_non_null(tracks);
    assert_non_null(seen);
    for (uint64_t i = 0; i < TRACKS; ++i) {
        tracks[i] = host_track(ctx, "PA_many");
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], i, 1));
    }
    host_tick(ctx, 1);

    uint64_t records = 0, batches = 0, bytes = 0;
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    while (lkstats_next(ctx, &batch) == LKSTATS_OK) {
        const uint8_t *stats = NULL;
        uint64_t size = 0;
        assert_in_range(batch.record_count, 1, LKSTATS_BATCH_RECORDS_MAX);
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &size));
        assert_in_range(size, 1, LKSTATS_BATCH_BYTES_MAX);
        for (uint32_t i = 0; i < batch.record_count; ++i) {
            const lkstats_record_t *const record =
                (const void *)((const char *)batch.records + (size_t)i * batch.record_size);
            assert_int_equal(seen[record->key.slot]++, 0);
            bytes += record->window.send_bytes;
        }
        records += batch.record_count;
        batches += 1;
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    assert_int_equal(records, TRACKS);
    assert_true(batches >= 3);
    assert_int_equal(bytes, (uint64_t)TRACKS * (TRACKS - 1) / 2);
    free(seen);
    free(tracks);
    host_done(ctx);
}

STORY(the_serialized_batch_of_the_longest_identities_stays_below_its_limit) {
    enum { TRACKS = 2000 };
    lkstats_t *const ctx = host_open();
    char text[LKSTATS_STRING_MAX];
    memset(text, 'x', sizeof text);
    const lkstats_string_t longest = {text, sizeof text};
    lkstats_track_options_t options = {.struct_size = sizeof options,
                                       .room_sid = longest,
                                       .room_name = longest,
                                       .participant_sid = longest,
                                       .track_id = longest};
    for (int i = 0; i < TRACKS; ++i) {
        lkstats_track_t track = 0;
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 0));
    }
    host_tick(ctx, 1);

    uint64_t records = 0;
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    while (lkstats_next(ctx, &batch) == LKSTATS_OK) {
        const uint8_t *stats = NULL;
        uint64_t size = 0;
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &stats, &size));
        assert_in_range(size, 1, LKSTATS_BATCH_BYTES_MAX);
        records += batch.record_count;
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
    }
    assert_int_equal(records, TRACKS);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_says_whose_it_is),
        cmocka_unit_test(a_record_is_one_window_of_one_track),
        cmocka_unit_test(both_clocks_of_a_window_are_the_hosts),
        cmocka_unit_test(windows_follow_each_other_without_a_gap),
        cmocka_unit_test(after_a_long_pause_there_is_one_long_window),
        cmocka_unit_test(nothing_is_frozen_before_the_interval_is_over),
        cmocka_unit_test(keys_name_their_context),
        cmocka_unit_test(batch_ids_are_never_used_twice),
        cmocka_unit_test(very_many_tracks_come_in_more_than_one_batch),
        cmocka_unit_test(the_serialized_batch_of_the_longest_identities_stays_below_its_limit),
    };
    return cmocka_run_group_tests_name("pull_batch", tests, NULL, NULL);
}
