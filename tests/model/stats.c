/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

#include "hash.h"
#include "story.h"

#include <stddef.h>
#include <string.h>

/* Field numbers of livekit_analytics.proto. */
enum { STATS_STATS = 1, STAT_KIND = 2, STAT_TRACK_ID = 8, STAT_STREAMS = 10 };
enum { STREAM_PACKETS = 2, STREAM_BYTES = 3 };
enum { UPSTREAM = 0, DOWNSTREAM = 1 };
enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static const uint64_t packets_max = INT32_MAX;

typedef struct field {
    uint32_t number;
    uint64_t value;
    stats_cursor_t bytes;
} field_t;

typedef struct stat {
    uint64_t direction;
    uint64_t packets;
    uint64_t bytes;
    stats_cursor_t track_id;
} stat_t;

static uint64_t take_varint(stats_cursor_t *from) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        must(from->at < from->end && shift < 64, "a varint of the stats has no end");
        const uint8_t byte = *from->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static field_t take_field(stats_cursor_t *from) {
    const uint64_t key = take_varint(from);
    field_t field = {.number = (uint32_t)(key >> 3)};
    must((key & 7) == WIRE_VARINT || (key & 7) == WIRE_BYTES, "a field of the stats has wire type %u",
         (unsigned)(key & 7));
    field.value = take_varint(from);
    if ((key & 7) == WIRE_BYTES) {
        must(field.value <= (uint64_t)(from->end - from->at), "a field of the stats is cut off");
        field.bytes = (stats_cursor_t){from->at, from->at + field.value};
        from->at += field.value;
    }
    return field;
}

static stat_t read_stat(stats_cursor_t from) {
    stat_t stat = {0};
    while (from.at < from.end) {
        field_t field = take_field(&from);
        if (field.number == STAT_KIND)
            stat.direction = field.value;
        if (field.number == STAT_TRACK_ID)
            stat.track_id = field.bytes;
        while (field.number == STAT_STREAMS && field.bytes.at < field.bytes.end) {
            const field_t figure = take_field(&field.bytes);
            if (figure.number == STREAM_PACKETS)
                stat.packets += figure.value;
            if (figure.number == STREAM_BYTES)
                stat.bytes += figure.value;
        }
    }
    return stat;
}

static void expect_direction(stats_cursor_t *stats, lkstats_string_t track_id, uint64_t direction,
                             uint64_t bytes, uint64_t messages) {
    const char *name = direction == UPSTREAM ? "UPSTREAM" : "DOWNSTREAM";
    if (bytes == 0 && messages == 0)
        return;
    uint64_t count = (messages + packets_max - 1) / packets_max;
    for (count += count == 0; count > 0; count--) {
        must(stats->at < stats->end, "a stat %s is missing", name);
        const field_t field = take_field(stats);
        must(field.number == STATS_STATS, "the stats have a field %u", field.number);
        const stat_t stat = read_stat(field.bytes);
        must(stat.direction == direction, "a stat %s is missing, or not in its place", name);
        must((uint64_t)(stat.track_id.end - stat.track_id.at) == track_id.size &&
                 (track_id.size == 0 || memcmp(stat.track_id.at, track_id.data, track_id.size) == 0),
             "a stat has another track id than its record");
        must(stat.packets <= packets_max && stat.packets <= messages && stat.bytes <= bytes,
             "the stats %s have more than the record", name);
        messages -= stat.packets;
        bytes -= stat.bytes;
    }
    must(messages == 0 && bytes == 0, "the stats %s lack %llu messages and %llu bytes", name,
         (unsigned long long)messages, (unsigned long long)bytes);
}

uint64_t stats_expect(stats_cursor_t *stats, const lkstats_record_t *record) {
    const uint8_t *start = stats->at;
    const lkstats_traffic_t *window = &record->window;
    expect_direction(stats, record->track_id, UPSTREAM, window->recv_bytes, window->recv_messages);
    expect_direction(stats, record->track_id, DOWNSTREAM, window->send_bytes, window->send_messages);
    return hash_bytes(HASH_START, start, (uint64_t)(stats->at - start));
}
