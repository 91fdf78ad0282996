/* SPDX-License-Identifier: Apache-2.0 */
/* The shared memory as other languages and processes read it. A change here is a new LKSTATS_SLAB_VERSION. */
#include "lkstats_slab.h"

#include "host.h"

#define SIZE(type, size) assert_int_equal(sizeof(type), (size))
#define FIELD(type, field, offset) assert_int_equal(offsetof(type, field), (offset))
#define VALUE(constant, value) assert_int_equal((int64_t)(constant), (value))

STORY(a_slot_is_one_cache_line) {
    SIZE(lkstats_slab_slot_t, 64);
    FIELD(lkstats_slab_slot_t, state, 0);
    FIELD(lkstats_slab_slot_t, tag, 4);
    FIELD(lkstats_slab_slot_t, word, 8);
    FIELD(lkstats_slab_slot_t, carry, 24);
    FIELD(lkstats_slab_slot_t, last, 40);
    FIELD(lkstats_slab_slot_t, record, 56);
    FIELD(lkstats_slab_slot_t, epoch, 60);
}

STORY(an_epoch_record_is_512_bytes) {
    SIZE(lkstats_slab_record_t, 512);
    FIELD(lkstats_slab_record_t, slot, 0);
    FIELD(lkstats_slab_record_t, tag, 4);
    FIELD(lkstats_slab_record_t, epoch, 8);
    FIELD(lkstats_slab_record_t, previous, 12);
    FIELD(lkstats_slab_record_t, control, 16);
    FIELD(lkstats_slab_record_t, start, 24);
    FIELD(lkstats_slab_record_t, overflow, 40);
    FIELD(lkstats_slab_record_t, connection, 44);
    FIELD(lkstats_slab_record_t, room, 50);
    FIELD(lkstats_slab_record_t, participant, 56);
    FIELD(lkstats_slab_record_t, identity_sum, 62);
    FIELD(lkstats_slab_record_t, base, 64);
    FIELD(lkstats_slab_record_t, running, 96);
    FIELD(lkstats_slab_record_t, end, 176);
    FIELD(lkstats_slab_record_t, snapshot, 192);
    FIELD(lkstats_slab_record_t, identity, 320);

    SIZE(lkstats_slab_overflow_t, 512);
    FIELD(lkstats_slab_overflow_t, next, 0);
    FIELD(lkstats_slab_overflow_t, reserved, 4);
    FIELD(lkstats_slab_overflow_t, bytes, 8);
}

STORY(what_a_record_holds_keeps_its_layout) {
    SIZE(lkstats_slab_totals_t, 40);
    FIELD(lkstats_slab_totals_t, traffic, 0);
    FIELD(lkstats_slab_totals_t, sequence, 32);
    FIELD(lkstats_slab_totals_t, checksum, 36);

    SIZE(lkstats_slab_snapshot_t, 64);
    FIELD(lkstats_slab_snapshot_t, traffic, 0);
    FIELD(lkstats_slab_snapshot_t, sequence, 32);
    FIELD(lkstats_slab_snapshot_t, flags, 36);
    FIELD(lkstats_slab_snapshot_t, at, 40);
    FIELD(lkstats_slab_snapshot_t, checksum, 56);
    FIELD(lkstats_slab_snapshot_t, reserved, 60);

    SIZE(lkstats_slab_part_t, 6);
    FIELD(lkstats_slab_part_t, at, 0);
    FIELD(lkstats_slab_part_t, size, 2);
    FIELD(lkstats_slab_part_t, stat_size, 4);
}

STORY(the_directory_keeps_its_layout) {
    SIZE(lkstats_slab_chunk_t, 8);
    FIELD(lkstats_slab_chunk_t, first, 0);
    FIELD(lkstats_slab_chunk_t, count, 4);

    SIZE(lkstats_slab_directory_t, 8640);
    FIELD(lkstats_slab_directory_t, magic, 0);
    FIELD(lkstats_slab_directory_t, version, 8);
    FIELD(lkstats_slab_directory_t, size, 12);
    FIELD(lkstats_slab_directory_t, context, 16);
    FIELD(lkstats_slab_directory_t, owner_pid, 32);
    FIELD(lkstats_slab_directory_t, opened, 40);
    FIELD(lkstats_slab_directory_t, report_interval_ms, 56);
    FIELD(lkstats_slab_directory_t, node_size, 60);
    FIELD(lkstats_slab_directory_t, analytics_key_size, 64);
    FIELD(lkstats_slab_directory_t, slot_chunks, 68);
    FIELD(lkstats_slab_directory_t, record_chunks, 72);
    FIELD(lkstats_slab_directory_t, over, 76);
    FIELD(lkstats_slab_directory_t, owner_start, 80);
    FIELD(lkstats_slab_directory_t, owner_pid_namespace, 88);
    FIELD(lkstats_slab_directory_t, boot, 96);
    FIELD(lkstats_slab_directory_t, alive, 112);
    FIELD(lkstats_slab_directory_t, node, 128);
    FIELD(lkstats_slab_directory_t, analytics_key, 384);
    FIELD(lkstats_slab_directory_t, slots, 640);
    FIELD(lkstats_slab_directory_t, records, 4640);
}

STORY(what_the_inline_add_reads_keeps_its_layout) {
    SIZE(lkstats_slab_anchor_t, 16);
    FIELD(lkstats_slab_anchor_t, limit, 0);
    FIELD(lkstats_slab_anchor_t, slots, 8);

    SIZE(lkstats_slab_t, 24);
    FIELD(lkstats_slab_t, struct_size, 0);
    FIELD(lkstats_slab_t, version, 4);
    FIELD(lkstats_slab_t, anchor, 8);
    FIELD(lkstats_slab_t, add, 16);
}

STORY(constants_keep_their_value) {
    VALUE(LKSTATS_SLAB_VERSION, 1);
    VALUE(LKSTATS_SLAB_BYTE_BITS, 36);
    VALUE(LKSTATS_SLAB_MESSAGE_BITS, 27);
    VALUE(LKSTATS_SLAB_INDEX_BITS, 24);
    VALUE(LKSTATS_SLAB_SEND, 0);
    VALUE(LKSTATS_SLAB_RECV, 1);
    VALUE(LKSTATS_SLAB_FREE, 0);
    VALUE(LKSTATS_SLAB_LIVE, 1 << 24);
    VALUE(LKSTATS_SLAB_STOPPING, 2 << 24);
    VALUE(LKSTATS_SLAB_CLOSED, 3 << 24);
    VALUE(LKSTATS_SLAB_JOINED, 1);
    VALUE(LKSTATS_SLAB_LEFT, 2);
    VALUE(LKSTATS_SLAB_ACKNOWLEDGED, 1);
    VALUE(LKSTATS_SLAB_PENDING, 2);
    VALUE(LKSTATS_SLAB_ROOM_KNOWN, 4);
    VALUE(LKSTATS_SLAB_PARTICIPANT_KNOWN, 8);
    VALUE(LKSTATS_SLAB_FIRST, 16);
    VALUE(LKSTATS_SLAB_UNATTRIBUTED, 32);
    VALUE(LKSTATS_SLAB_RUNNING, 64);
    VALUE(LKSTATS_SLAB_LATE, 128);
    VALUE(LKSTATS_SLAB_CHANNEL_SHIFT, 8);
    VALUE(LKSTATS_SLAB_FORGOTTEN_SHIFT, 16);
    VALUE(LKSTATS_SLAB_SEQUENCE_SHIFT, 32);
    VALUE(LKSTATS_SLAB_IDENTITY_SIZE, 192);
    VALUE(LKSTATS_SLAB_OVERFLOW_SIZE, 504);
    VALUE(LKSTATS_SLAB_CHUNKS_MAX, 500);
    VALUE(LKSTATS_SLAB_OVER, 0x7265766f);
    VALUE(LKSTATS_SLAB_LOCK_OWNER, 0);
    VALUE(LKSTATS_SLAB_LOCK_RECOVERY, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_one_cache_line),
        cmocka_unit_test(an_epoch_record_is_512_bytes),
        cmocka_unit_test(what_a_record_holds_keeps_its_layout),
        cmocka_unit_test(the_directory_keeps_its_layout),
        cmocka_unit_test(what_the_inline_add_reads_keeps_its_layout),
        cmocka_unit_test(constants_keep_their_value),
    };
    return cmocka_run_group_tests_name("slab_layout", tests, NULL, NULL);
}
