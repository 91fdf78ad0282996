/* SPDX-License-Identifier: Apache-2.0 */
/* What an epoch record says, to somebody who has lkstats_slab.h and nothing else. */
#include "viewer.h"

#include "host.h"

bool viewer_has(const lkstats_slab_record_t *record, uint64_t bit) { return (record->control & bit) != 0; }

static uint32_t forgotten_in(uint64_t control) { return control >> LKSTATS_SLAB_FORGOTTEN_SHIFT & 0xffff; }

uint32_t viewer_forgotten(const lkstats_slab_record_t *record) { return forgotten_in(record->control); }

uint32_t viewer_sequence(const lkstats_slab_record_t *record) {
    return (uint32_t)(record->control >> LKSTATS_SLAB_SEQUENCE_SHIFT);
}

int32_t viewer_channel(const lkstats_slab_record_t *record) {
    return (int32_t)(record->control >> LKSTATS_SLAB_CHANNEL_SHIFT & 0xff);
}

const lkstats_slab_snapshot_t *viewer_acknowledged(const lkstats_slab_record_t *record) {
    return &record->snapshot[record->control & LKSTATS_SLAB_ACKNOWLEDGED];
}

const lkstats_slab_snapshot_t *viewer_pending(const lkstats_slab_record_t *record) {
    return &record->snapshot[(record->control & LKSTATS_SLAB_ACKNOWLEDGED) ^ 1];
}

lkstats_traffic_t viewer_written(const lkstats_slab_record_t *record) {
    if (viewer_has(record, LKSTATS_SLAB_RUNNING)) {
        const int32_t newer = (int32_t)(record->running[0].sequence - record->running[1].sequence);
        return record->running[newer > 0 ? 0 : 1].traffic;
    }
    if (viewer_has(record, LKSTATS_SLAB_PENDING))
        return viewer_pending(record)->traffic;
    return viewer_has(record, LKSTATS_SLAB_FIRST) ? record->base : viewer_acknowledged(record)->traffic;
}

lkstats_traffic_t viewer_difference(lkstats_traffic_t now, lkstats_traffic_t since) {
    return (lkstats_traffic_t){now.send_bytes - since.send_bytes, now.send_messages - since.send_messages,
                               now.recv_bytes - since.recv_bytes, now.recv_messages - since.recv_messages};
}

/* Both kinds are 64 words. Each is read before the next one, and before whatever the caller looks at afterwards:
 * what the control word says is there is there. */
static void read_words(const void *from, void *to) {
    const uint64_t *const words = from;
    for (size_t i = 0; i < sizeof(lkstats_slab_record_t) / sizeof *words; ++i) {
        const uint64_t word = __atomic_load_n(&words[i], __ATOMIC_ACQUIRE);
        memcpy((uint64_t *)to + i, &word, sizeof word);
    }
}

bool viewer_part(viewer_t *viewer, const lkstats_slab_record_t *record, const lkstats_slab_part_t *part,
                 uint8_t *out) {
    const uint8_t *bytes = record->identity;
    uint32_t capacity = LKSTATS_SLAB_IDENTITY_SIZE, at = part->at, left = part->size;
    uint32_t next = record->overflow;
    lkstats_slab_overflow_t block;
    if (part->stat_size > part->size || part->size > VIEWER_PART_MAX)
        return false;
    while (left != 0) {
        if (at < capacity) {
            const uint32_t here = left < capacity - at ? left : capacity - at;
            memcpy(out, bytes + at, here);
            out += here;
            left -= here;
            at += here;
            continue;
        }
        const lkstats_slab_record_t *const place = viewer_record(viewer, next);
        if (place == NULL)
            return false;
        read_words(place, &block);
        at -= capacity;
        bytes = block.bytes;
        capacity = LKSTATS_SLAB_OVERFLOW_SIZE;
        next = block.next;
    }
    return true;
}

static bool read_once(viewer_t *viewer, const lkstats_slab_record_t *record, viewer_epoch_t *epoch) {
    lkstats_slab_record_t *const copy = &epoch->record;
    memset(epoch, 0, sizeof *epoch);
    read_words(record, copy);
    return viewer_part(viewer, copy, &copy->connection, epoch->connection) &&
           (!viewer_has(copy, LKSTATS_SLAB_ROOM_KNOWN) ||
            viewer_part(viewer, copy, &copy->room, epoch->room)) &&
           (!viewer_has(copy, LKSTATS_SLAB_PARTICIPANT_KNOWN) ||
            viewer_part(viewer, copy, &copy->participant, epoch->participant));
}

bool viewer_read(viewer_t *viewer, uint32_t index, viewer_epoch_t *epoch) {
    const lkstats_slab_record_t *const record = viewer_record(viewer, index);
    if (record == NULL) {
        memset(epoch, 0, sizeof *epoch);
        return false;
    }
    /* What was forgotten meanwhile may be half of somebody else's. */
    for (;;) {
        const bool whole = read_once(viewer, record, epoch);
        const uint64_t control = __atomic_load_n(&record->control, __ATOMIC_ACQUIRE);
        if (forgotten_in(control) == viewer_forgotten(&epoch->record))
            return whole;
    }
}

/* ---- Protobuf ----------------------------------------------------------------------------------- */

static uint64_t varint(const uint8_t **at) {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/* One string field of a message of protobuf's, or an empty string. */
static lkstats_string_t field(const uint8_t *message, size_t size, uint64_t number) {
    for (const uint8_t *at = message; at < message + size;) {
        const uint64_t tag = varint(&at);
        const uint64_t value = varint(&at);
        if ((tag & 7) == 0)
            continue;
        require((tag & 7) == 2 && value <= (uint64_t)(message + size - at));
        if (tag >> 3 == number)
            return (lkstats_string_t){(const char *)at, value};
        at += value;
    }
    return (lkstats_string_t){0};
}

static lkstats_string_t stat_field(const lkstats_slab_part_t *part, const uint8_t *bytes, uint64_t number) {
    return field(bytes, part->stat_size, number);
}

static lkstats_string_t own_field(const lkstats_slab_part_t *part, const uint8_t *bytes, uint64_t number) {
    return field(bytes + part->stat_size, (size_t)(part->size - part->stat_size), number);
}

bool viewer_is_room(const viewer_epoch_t *epoch, const char *sid) {
    return host_string_is(stat_field(&epoch->record.room, epoch->room, 5), sid);
}

/* ---- Asserts ------------------------------------------------------------------------------------ */

void viewer_assert_same(lkstats_traffic_t actual, lkstats_traffic_t expected) {
    assert_traffic(actual, expected.send_bytes, expected.send_messages, expected.recv_bytes,
                   expected.recv_messages);
}

static void assert_text(lkstats_string_t actual, lkstats_string_t expected) {
    assert_int_equal(actual.size, expected.size);
    if (expected.size != 0)
        assert_memory_equal(actual.data, expected.data, expected.size);
}

void viewer_assert_connection(const viewer_epoch_t *epoch, lkstats_string_t country,
                              lkstats_string_t tenant) {
    const lkstats_slab_part_t *const part = &epoch->record.connection;
    assert_text(own_field(part, epoch->connection, 4), country);
    assert_text(own_field(part, epoch->connection, 5), tenant);
}

void viewer_assert_room(const viewer_epoch_t *epoch, lkstats_string_t sid, lkstats_string_t name) {
    const lkstats_slab_part_t *const part = &epoch->record.room;
    assert_true(viewer_has(&epoch->record, LKSTATS_SLAB_ROOM_KNOWN));
    assert_text(stat_field(part, epoch->room, 5), sid);
    assert_text(stat_field(part, epoch->room, 6), name);
}

void viewer_assert_participant(const viewer_epoch_t *epoch, lkstats_string_t sid, lkstats_string_t identity,
                               lkstats_string_t track_id) {
    const lkstats_slab_part_t *const part = &epoch->record.participant;
    assert_true(viewer_has(&epoch->record, LKSTATS_SLAB_PARTICIPANT_KNOWN));
    assert_text(stat_field(part, epoch->participant, 7), sid);
    assert_text(stat_field(part, epoch->participant, 8), track_id);
    assert_text(own_field(part, epoch->participant, 1), identity);
}

void viewer_assert_report(const lkstats_slab_record_t *record, const lkstats_record_t *report) {
    const lkstats_slab_snapshot_t *const reported = viewer_pending(record);
    const bool first = viewer_has(record, LKSTATS_SLAB_FIRST);
    const lkstats_slab_snapshot_t *const before = viewer_acknowledged(record);
    const uint32_t kind = report->key.kind;
    assert_true(viewer_has(record, LKSTATS_SLAB_PENDING));
    assert_int_equal(record->slot, report->key.slot);
    assert_int_equal(record->tag, report->key.tag);
    assert_int_equal(record->epoch, report->key.epoch);
    assert_int_equal(viewer_sequence(record), report->key.sequence);
    assert_int_equal(viewer_channel(record), report->channel);
    assert_int_equal(reported->sequence, report->key.sequence);
    assert_memory_equal(&reported->at, &report->end, sizeof report->end);
    assert_int_equal((reported->flags & LKSTATS_SLAB_JOINED) != 0, kind == LKSTATS_RECORD_JOINED);
    assert_int_equal(viewer_has(record, LKSTATS_SLAB_UNATTRIBUTED), report->flags == LKSTATS_UNATTRIBUTED);
    viewer_assert_same(viewer_difference(reported->traffic, record->base), report->running);
    if (kind == LKSTATS_RECORD_JOINED)
        assert_memory_equal(&report->start, &record->start, sizeof report->start);
    if (kind == LKSTATS_RECORD_LEFT) {
        assert_true(reported->flags & LKSTATS_SLAB_LEFT);
        assert_memory_equal(&report->start, &record->end, sizeof report->start);
    }
    if (kind != LKSTATS_RECORD_TRAFFIC) {
        assert_traffic(report->window, 0, 0, 0, 0);
        return;
    }
    viewer_assert_same(viewer_difference(reported->traffic, first ? record->base : before->traffic),
                       report->window);
    /* Joined is no window: the first one begins with the epoch. */
    const bool begins = first || (before->flags & LKSTATS_SLAB_JOINED) != 0;
    assert_memory_equal(&report->start, begins ? &record->start : &before->at, sizeof report->start);
}
