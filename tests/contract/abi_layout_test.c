/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that a compiled host relies on. A change here is a change of the ABI. */
#include "lkstats_slab.h"

#include "host.h"

#define SIZE(type, size) assert_int_equal(sizeof(type), (size))
#define FIELD(type, field, offset) assert_int_equal(offsetof(type, field), (offset))
#define VALUE(constant, value) assert_int_equal((int64_t)(constant), (value))

STORY(plain_types_keep_their_size) {
    SIZE(lkstats_status_t, 4);
    SIZE(lkstats_t *, 8);
    SIZE(lkstats_track_t, 8);
    SIZE(lkstats_signal_t, 8);
    SIZE(lkstats_on_batch_t, 8);

    SIZE(lkstats_string_t, 16);
    FIELD(lkstats_string_t, data, 0);
    FIELD(lkstats_string_t, size, 8);

    SIZE(lkstats_traffic_t, 32);
    FIELD(lkstats_traffic_t, send_bytes, 0);
    FIELD(lkstats_traffic_t, send_messages, 8);
    FIELD(lkstats_traffic_t, recv_bytes, 16);
    FIELD(lkstats_traffic_t, recv_messages, 24);

    SIZE(lkstats_time_t, 16);
    FIELD(lkstats_time_t, monotonic_ns, 0);
    FIELD(lkstats_time_t, wall_ns, 8);
}

STORY(what_a_host_fills_keeps_its_layout) {
    SIZE(lkstats_options_t, 128);
    FIELD(lkstats_options_t, struct_size, 0);
    FIELD(lkstats_options_t, flags, 4);
    FIELD(lkstats_options_t, report_interval_ms, 8);
    FIELD(lkstats_options_t, max_tracks, 12);
    FIELD(lkstats_options_t, node, 16);
    FIELD(lkstats_options_t, analytics_key, 32);
    FIELD(lkstats_options_t, on_batch, 48);
    FIELD(lkstats_options_t, user_data, 56);
    FIELD(lkstats_options_t, slab_dir, 64);
    FIELD(lkstats_options_t, journal_dir, 80);
    FIELD(lkstats_options_t, journal_segment_bytes, 96);
    FIELD(lkstats_options_t, journal_keep_bytes, 104);
    FIELD(lkstats_options_t, journal_keep_segments, 112);
    FIELD(lkstats_options_t, journal_segment_age_ms, 116);
    FIELD(lkstats_options_t, on_log, 120);

    SIZE(lkstats_track_options_t, 136);
    FIELD(lkstats_track_options_t, struct_size, 0);
    FIELD(lkstats_track_options_t, channel, 4);
    FIELD(lkstats_track_options_t, participant_kind, 8);
    FIELD(lkstats_track_options_t, kind_details_count, 12);
    FIELD(lkstats_track_options_t, kind_details, 16);
    FIELD(lkstats_track_options_t, country, 24);
    FIELD(lkstats_track_options_t, room_sid, 40);
    FIELD(lkstats_track_options_t, room_name, 56);
    FIELD(lkstats_track_options_t, participant_sid, 72);
    FIELD(lkstats_track_options_t, participant_identity, 88);
    FIELD(lkstats_track_options_t, track_id, 104);
    FIELD(lkstats_track_options_t, tenant, 120);

    SIZE(lkstats_signal_options_t, 40);
    FIELD(lkstats_signal_options_t, struct_size, 0);
    FIELD(lkstats_signal_options_t, reserved, 4);
    FIELD(lkstats_signal_options_t, country, 8);
    FIELD(lkstats_signal_options_t, tenant, 24);

    SIZE(lkstats_room_t, 56);
    FIELD(lkstats_room_t, struct_size, 0);
    FIELD(lkstats_room_t, reserved, 4);
    FIELD(lkstats_room_t, sid, 8);
    FIELD(lkstats_room_t, name, 24);
    FIELD(lkstats_room_t, tenant, 40);

    SIZE(lkstats_participant_t, 72);
    FIELD(lkstats_participant_t, struct_size, 0);
    FIELD(lkstats_participant_t, kind, 4);
    FIELD(lkstats_participant_t, kind_details, 8);
    FIELD(lkstats_participant_t, kind_details_count, 16);
    FIELD(lkstats_participant_t, reserved, 20);
    FIELD(lkstats_participant_t, sid, 24);
    FIELD(lkstats_participant_t, identity, 40);
    FIELD(lkstats_participant_t, tenant, 56);
}

STORY(what_the_library_fills_keeps_its_layout) {
    SIZE(lkstats_residue_t, 48);
    FIELD(lkstats_residue_t, struct_size, 0);
    FIELD(lkstats_residue_t, reserved, 4);
    FIELD(lkstats_residue_t, tracks, 8);
    FIELD(lkstats_residue_t, traffic, 16);

    SIZE(lkstats_totals_t, 56);
    FIELD(lkstats_totals_t, struct_size, 0);
    FIELD(lkstats_totals_t, reserved, 4);
    FIELD(lkstats_totals_t, at, 8);
    FIELD(lkstats_totals_t, traffic, 24);

    SIZE(lkstats_batch_t, 72);
    FIELD(lkstats_batch_t, struct_size, 0);
    FIELD(lkstats_batch_t, record_size, 4);
    FIELD(lkstats_batch_t, record_count, 8);
    FIELD(lkstats_batch_t, flags, 12);
    FIELD(lkstats_batch_t, ctx, 16);
    FIELD(lkstats_batch_t, id, 24);
    FIELD(lkstats_batch_t, records, 32);
    FIELD(lkstats_batch_t, node, 40);
    FIELD(lkstats_batch_t, analytics_key, 56);
}

STORY(a_record_keeps_its_layout) {
    SIZE(lkstats_key_t, 40);
    FIELD(lkstats_key_t, context, 0);
    FIELD(lkstats_key_t, slot, 16);
    FIELD(lkstats_key_t, tag, 20);
    FIELD(lkstats_key_t, epoch, 24);
    FIELD(lkstats_key_t, sequence, 28);
    FIELD(lkstats_key_t, kind, 32);
    FIELD(lkstats_key_t, reserved, 36);

    SIZE(lkstats_record_t, 272);
    FIELD(lkstats_record_t, key, 0);
    FIELD(lkstats_record_t, start, 40);
    FIELD(lkstats_record_t, end, 56);
    FIELD(lkstats_record_t, window, 72);
    FIELD(lkstats_record_t, running, 104);
    FIELD(lkstats_record_t, country, 136);
    FIELD(lkstats_record_t, room_sid, 152);
    FIELD(lkstats_record_t, room_name, 168);
    FIELD(lkstats_record_t, participant_sid, 184);
    FIELD(lkstats_record_t, participant_identity, 200);
    FIELD(lkstats_record_t, track_id, 216);
    FIELD(lkstats_record_t, tenant, 232);
    FIELD(lkstats_record_t, kind_details, 248);
    FIELD(lkstats_record_t, kind_details_count, 256);
    FIELD(lkstats_record_t, participant_kind, 260);
    FIELD(lkstats_record_t, channel, 264);
    FIELD(lkstats_record_t, flags, 268);
}

STORY(the_function_table_keeps_its_order) {
    SIZE(lkstats_api_t, 216);
    FIELD(lkstats_api_t, struct_size, 0);
    FIELD(lkstats_api_t, version, 4);
    FIELD(lkstats_api_t, open, 8);
    FIELD(lkstats_api_t, close, 16);
    FIELD(lkstats_api_t, run_once, 24);
    FIELD(lkstats_api_t, track_new, 32);
    FIELD(lkstats_api_t, add_bytes, 40);
    FIELD(lkstats_api_t, add_messages, 48);
    FIELD(lkstats_api_t, prefetch, 56);
    FIELD(lkstats_api_t, track_totals, 64);
    FIELD(lkstats_api_t, track_stop, 72);
    FIELD(lkstats_api_t, track_flush, 80);
    FIELD(lkstats_api_t, flush, 88);
    FIELD(lkstats_api_t, event_fd, 96);
    FIELD(lkstats_api_t, next, 104);
    FIELD(lkstats_api_t, batch_analytics_stats, 112);
    FIELD(lkstats_api_t, ack, 120);
    FIELD(lkstats_api_t, nack, 128);
    FIELD(lkstats_api_t, redeliver, 136);
    FIELD(lkstats_api_t, track_id_for_participant, 144);
    FIELD(lkstats_api_t, slab_attach, 152);
    FIELD(lkstats_api_t, strerror, 160);
    FIELD(lkstats_api_t, status_name, 168);
    FIELD(lkstats_api_t, signal_new, 176);
    FIELD(lkstats_api_t, signal_resolve_room, 184);
    FIELD(lkstats_api_t, signal_resolve_participant, 192);
    FIELD(lkstats_api_t, signal_reset, 200);
    FIELD(lkstats_api_t, metrics, 208);
}

STORY(statuses_keep_their_value) {
    VALUE(LKSTATS_OK, 0);
    VALUE(LKSTATS_EINVAL, -1);
    VALUE(LKSTATS_ESTALE, -2);
    VALUE(LKSTATS_ECLOSED, -3);
    VALUE(LKSTATS_EFULL, -4);
    VALUE(LKSTATS_EAGAIN, -5);
    VALUE(LKSTATS_EOF, -6);
    VALUE(LKSTATS_ETIMEDOUT, -7);
    VALUE(LKSTATS_EFORKED, -8);
    VALUE(LKSTATS_ELAYOUT, -9);
    VALUE(LKSTATS_ENOMEM, -10);
    VALUE(LKSTATS_ENOFILE, -11);
    VALUE(LKSTATS_ENOTHREAD, -12);
    VALUE(LKSTATS_ERANGE, -13);
    VALUE(LKSTATS_ESYSTEM, -14);
    VALUE(LKSTATS_EINTERNAL, -15);
    VALUE(LKSTATS_EREENTRANT, -16);
    VALUE(LKSTATS_ERESOLVED, -17);
    VALUE(LKSTATS_EDIR, -18);
}

STORY(constants_keep_their_value) {
    VALUE(LKSTATS_VERSION_MAJOR, 0);
    VALUE(LKSTATS_VERSION_MINOR, 1);
    VALUE(LKSTATS_VERSION_PATCH, 0);
    VALUE(LKSTATS_API_VERSION, 1);
    VALUE(LKSTATS_CHANNEL_DATA, 1);
    VALUE(LKSTATS_CHANNEL_DATA_TRACK, 2);
    VALUE(LKSTATS_CHANNEL_SIGNAL, 3);
    VALUE(LKSTATS_NO_THREAD, 1);
    VALUE(LKSTATS_PREALLOCATE, 2);
    VALUE(LKSTATS_NO_REPORTS, 4);
    VALUE(LKSTATS_JOURNAL_SYNC, 8);
    VALUE(LKSTATS_LOG_ERROR, 1);
    VALUE(LKSTATS_LOG_WARNING, 2);
    VALUE(LKSTATS_LOG_INFO, 3);
    VALUE(LKSTATS_STRING_MAX, 256);
    VALUE(LKSTATS_KIND_DETAILS_MAX, 32);
    VALUE(LKSTATS_REPORT_INTERVAL_MIN_MS, 100);
    VALUE(LKSTATS_REPORT_INTERVAL_DEFAULT_MS, 5000);
    VALUE(LKSTATS_REPORT_INTERVAL_MAX_MS, 3600000);
    VALUE(LKSTATS_TRACKS_MAX, 16777216);
    VALUE(LKSTATS_CONTEXTS_MAX, 64);
    VALUE(LKSTATS_BATCH_RECORDS_MAX, 1024);
    VALUE(LKSTATS_BATCH_BYTES_MAX, 1048576);
    VALUE(LKSTATS_JOURNAL_SEGMENT_MIN_BYTES, 65536);
    VALUE(LKSTATS_JOURNAL_SEGMENT_DEFAULT_BYTES, 67108864);
    VALUE(LKSTATS_JOURNAL_SEGMENT_MAX_BYTES, 1073741824);
    VALUE(LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS, 1000);
    VALUE(LKSTATS_JOURNAL_SEGMENT_AGE_DEFAULT_MS, 3600000);
    VALUE(LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS, 604800000);
    VALUE(LKSTATS_ABANDON, -1);
    VALUE(LKSTATS_RECORD_TRAFFIC, 1);
    VALUE(LKSTATS_RECORD_JOINED, 2);
    VALUE(LKSTATS_RECORD_LEFT, 3);
    VALUE(LKSTATS_UNATTRIBUTED, 1);
    VALUE(LKSTATS_METRICS_OPENMETRICS, 0);
    VALUE(LKSTATS_METRICS_PROMETHEUS, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_types_keep_their_size),
        cmocka_unit_test(what_a_host_fills_keeps_its_layout),
        cmocka_unit_test(what_the_library_fills_keeps_its_layout),
        cmocka_unit_test(a_record_keeps_its_layout),
        cmocka_unit_test(the_function_table_keeps_its_order),
        cmocka_unit_test(statuses_keep_their_value),
        cmocka_unit_test(constants_keep_their_value),
    };
    return cmocka_run_group_tests_name("abi_layout", tests, NULL, NULL);
}
