/* SPDX-License-Identifier: Apache-2.0 */
/* A batch as livekit.AnalyticsStats, read the way a stranger to lkstats would: by field numbers. */
#include "host.h"

enum { AS_STATS = 1 };
enum { STAT_KIND = 2, STAT_NODE = 4, STAT_ROOM_ID = 5, STAT_PARTICIPANT_ID = 7, STAT_TRACK_ID = 8 };
enum { STAT_STREAMS = 10, STAT_ID = 14 };
enum { STREAM_PACKETS = 2, STREAM_BYTES = 3 };
enum { UPSTREAM = 0, DOWNSTREAM = 1 };

typedef struct bytes {
    const uint8_t *data;
    uint64_t size;
} bytes_t;

static uint64_t varint(bytes_t *from) {
    uint64_t value = 0;
    uint8_t byte = 0x80;
    for (unsigned shift = 0; byte >= 0x80; shift += 7) {
        require(from->size > 0 && shift < 64);
        byte = *from->data++;
        from->size -= 1;
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return value;
}

/* Takes one field off the front: its number, and either its value or its content. */
static uint64_t field(bytes_t *from, uint64_t *value, bytes_t *content) {
    const uint64_t key = varint(from);
    *value = 0;
    *content = (bytes_t){0};
    if ((key & 7) == 0) {
        *value = varint(from);
    } else {
        require((key & 7) == 2);
        content->size = varint(from);
        require(content->size <= from->size);
        content->data = from->data;
        from->data += content->size;
        from->size -= content->size;
    }
    return key >> 3;
}

typedef struct stat {
    uint64_t kind, packets, stream_bytes;
    bytes_t node, room_id, participant_id, track_id, id;
} stat_t;

static void read_stream(bytes_t from, stat_t *stat) {
    while (from.size != 0) {
        uint64_t value;
        bytes_t content;
        switch (field(&from, &value, &content)) {
        case STREAM_PACKETS:
            stat->packets = value;
            break;
        case STREAM_BYTES:
            stat->stream_bytes = value;
            break;
        }
    }
}

static stat_t read_stat(bytes_t from) {
    stat_t stat = {0};
    while (from.size != 0) {
        uint64_t value;
        bytes_t content;
        switch (field(&from, &value, &content)) {
        case STAT_KIND:
            stat.kind = value;
            break;
        case STAT_NODE:
            stat.node = content;
            break;
        case STAT_ROOM_ID:
            stat.room_id = content;
            break;
        case STAT_PARTICIPANT_ID:
            stat.participant_id = content;
            break;
        case STAT_TRACK_ID:
            stat.track_id = content;
            break;
        case STAT_STREAMS:
            read_stream(content, &stat);
            break;
        case STAT_ID:
            stat.id = content;
            break;
        }
    }
    return stat;
}

/* Reads at most capacity stats of a batch, hands back how many there are. */
static size_t read_batch(const lkstats_batch_t *batch, stat_t *stats, size_t capacity) {
    bytes_t all = {0};
    size_t count = 0;
    assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(batch, &all.data, &all.size));
    while (all.size != 0) {
        uint64_t value;
        bytes_t content;
        require(field(&all, &value, &content) == AS_STATS);
        require(count < capacity);
        stats[count++] = read_stat(content);
    }
    return count;
}

static bool same(bytes_t one, bytes_t other) {
    return one.size == other.size && memcmp(one.data, other.data, one.size) == 0;
}

static void assert_text(bytes_t actual, const char *expected) {
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

STORY(received_is_upstream_and_comes_first_then_sent) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.node = host_string("ND_1")});
    const lkstats_track_t track = host_track(ctx, "PA_both");
    stat_t stats[4];
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 700, 7, 1));
    assert_status(LKSTATS_OK, lkstats_add_messages(track, 30, 3, 0));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);

    assert_int_equal(read_batch(&batch, stats, 4), 2);
    assert_int_equal(stats[0].kind, UPSTREAM);
    assert_int_equal(stats[0].stream_bytes, 30);
    assert_int_equal(stats[0].packets, 3);
    assert_int_equal(stats[1].kind, DOWNSTREAM);
    assert_int_equal(stats[1].stream_bytes, 700);
    assert_int_equal(stats[1].packets, 7);
    for (int i = 0; i < 2; ++i) {
        assert_text(stats[i].node, "ND_1");
        assert_text(stats[i].room_id, "RM_lobby");
        assert_text(stats[i].participant_id, "PA_both");
        assert_text(stats[i].track_id, "TR_DTPA_both");
        assert_int_equal(stats[i].id.size, 15);
        assert_memory_equal(stats[i].id.data, "AS_", 3);
    }
    assert_false(same(stats[0].id, stats[1].id));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_done(ctx);
}

STORY(a_silent_direction_has_no_stat) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_one");
    stat_t stats[4];
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 0, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);
    assert_int_equal(read_batch(&batch, stats, 4), 1);
    assert_int_equal(stats[0].kind, DOWNSTREAM);
    assert_int_equal(stats[0].stream_bytes, 0);
    assert_int_equal(stats[0].packets, 1);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_done(ctx);
}

STORY(more_packets_than_a_stat_holds_go_into_a_further_stat) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.report_interval_ms = 60000});
    const lkstats_track_t track = host_track(ctx, "PA_split");
    const uint64_t messages = (UINT64_C(1) << 26) - 1;
    stat_t stats[8];
    for (int second = 1; second <= 40; ++second) {
        assert_status(LKSTATS_OK, lkstats_add_messages(track, 1000, messages, 0));
        host_run(ctx, second * HOST_SECOND);
    }
    host_run(ctx, 60 * HOST_SECOND);
    const lkstats_batch_t batch = host_take(ctx);
    assert_int_equal(batch.record_count, 1);

    assert_int_equal(read_batch(&batch, stats, 8), 2);
    uint64_t packets = 0, sum = 0;
    for (int i = 0; i < 2; ++i) {
        assert_int_equal(stats[i].kind, UPSTREAM);
        assert_true(stats[i].packets <= INT32_MAX);
        packets += stats[i].packets;
        sum += stats[i].stream_bytes;
    }
    assert_int_equal(packets, 40 * messages);
    assert_int_equal(sum, 40 * 1000);
    assert_false(same(stats[0].id, stats[1].id));
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_done(ctx);
}

STORY(no_two_stats_share_an_id) {
    enum { TRACKS = 20, TICKS = 10, STATS = 2 * TRACKS * TICKS };
    static uint8_t ids[STATS][15];
    lkstats_t *const ctx = host_open();
    lkstats_track_t tracks[TRACKS];
    size_t count = 0;
    for (int i = 0; i < TRACKS; ++i)
        tracks[i] = host_track(ctx, "PA_same");
    for (int tick = 1; tick <= TICKS; ++tick) {
        for (int i = 0; i < TRACKS; ++i) {
            assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1, 1));
            assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1, 0));
        }
        host_tick(ctx, tick);
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        while (lkstats_next(ctx, &batch) == LKSTATS_OK) {
            stat_t stats[2 * TRACKS];
            const size_t read = read_batch(&batch, stats, 2 * TRACKS);
            for (size_t i = 0; i < read; ++i)
                memcpy(ids[count++], stats[i].id.data, sizeof ids[0]);
            assert_status(LKSTATS_OK, lkstats_ack(&batch));
        }
    }
    assert_int_equal(count, STATS);
    for (size_t i = 0; i < count; ++i)
        for (size_t j = 0; j < i; ++j)
            assert_memory_not_equal(ids[i], ids[j], sizeof ids[0]);
    host_done(ctx);
}

STORY(the_same_batch_gives_the_same_bytes) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_same");
    const uint8_t *first = NULL, *second = NULL;
    uint64_t first_size = 0, second_size = 0;
    uint8_t kept[1024];
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, 1);
    const lkstats_batch_t batch = host_take(ctx);

    assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &first, &first_size));
    assert_in_range(first_size, 1, sizeof kept);
    memcpy(kept, first, first_size);
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, 2);
    assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &second, &second_size));
    assert_int_equal(second_size, first_size);
    assert_memory_equal(second, kept, first_size);
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(received_is_upstream_and_comes_first_then_sent),
        cmocka_unit_test(a_silent_direction_has_no_stat),
        cmocka_unit_test(more_packets_than_a_stat_holds_go_into_a_further_stat),
        cmocka_unit_test(no_two_stats_share_an_id),
        cmocka_unit_test(the_same_batch_gives_the_same_bytes),
    };
    return cmocka_run_group_tests_name("pull_stats", tests, NULL, NULL);
}
