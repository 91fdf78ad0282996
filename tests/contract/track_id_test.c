/* SPDX-License-Identifier: Apache-2.0 */
/* Track ids as LiveKit makes them. */
#include "host.h"

/* The track id in the report of a track with these two. */
static void assert_track_id(const char *participant_sid, const char *given, const char *expected) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    lkstats_track_t track = 0;
    const lkstats_track_options_t options = {.struct_size = sizeof options,
                                             .participant_sid = host_string(participant_sid),
                                             .track_id = host_string(given)};
    assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_true(host_string_is(all.items[0].track_id, expected));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_track_without_an_id_is_named_after_its_participant) {
    assert_track_id("PA_x7Kd", "", "TR_DTPA_x7Kd");
}

STORY(a_track_keeps_the_id_it_is_given) {
    assert_track_id("PA_x7Kd", "DTR_own", "DTR_own");
    assert_track_id("", "DTR_own", "DTR_own");
}

STORY(a_track_of_nobody_has_no_id) { assert_track_id("", "", ""); }

STORY(the_longest_participant_still_gets_an_id) {
    char sid[LKSTATS_STRING_MAX + 1], expected[LKSTATS_STRING_MAX + 6] = "TR_DT";
    memset(sid, 'p', LKSTATS_STRING_MAX);
    sid[LKSTATS_STRING_MAX] = 0;
    strcat(expected, sid);
    assert_track_id(sid, "", expected);
}

static void assert_signal_id(const char *participant_sid, const char *expected) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    host_resolve(signal, "RM_id", participant_sid);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    host_close(ctx, &all);
    assert_true(all.count > 0);
    for (size_t i = 0; i < all.count; ++i)
        assert_true(host_string_is(all.items[i].track_id, expected));
    host_records_free(&all);
}

STORY(a_connection_is_named_after_its_participant) {
    char sid[LKSTATS_STRING_MAX + 1], expected[LKSTATS_STRING_MAX + 6] = "TR_SG";
    assert_signal_id("PA_x7Kd", "TR_SGPA_x7Kd");
    memset(sid, 'p', LKSTATS_STRING_MAX);
    sid[LKSTATS_STRING_MAX] = 0;
    strcat(expected, sid);
    assert_signal_id(sid, expected);
}

STORY(ids_for_both_channels_are_livekits) {
    char buffer[32];
    uint64_t need = 0;
    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA, host_string("PA_x7Kd"),
                                                               buffer, sizeof buffer, &need));
    assert_int_equal(need, 12);
    assert_memory_equal(buffer, "TR_DTPA_x7Kd", 12);
    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_SIGNAL, host_string("PA_x7Kd"),
                                                               buffer, sizeof buffer, &need));
    assert_int_equal(need, 12);
    assert_memory_equal(buffer, "TR_SGPA_x7Kd", 12);
    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA, (lkstats_string_t){0},
                                                               buffer, sizeof buffer, &need));
    assert_int_equal(need, 5);
    assert_memory_equal(buffer, "TR_DT", 5);
}

STORY(a_buffer_that_is_too_small_is_left_alone) {
    char buffer[13];
    uint64_t need = 0;
    memset(buffer, '#', sizeof buffer);
    assert_status(LKSTATS_ERANGE, lkstats_track_id_for_participant(
                                      LKSTATS_CHANNEL_DATA, host_string("PA_x7Kd"), buffer, 11, &need));
    assert_int_equal(need, 12);
    assert_memory_equal(buffer, "#############", 13);

    need = 0;
    assert_status(LKSTATS_ERANGE, lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA,
                                                                   host_string("PA_x7Kd"), NULL, 0, &need));
    assert_int_equal(need, 12);

    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA, host_string("PA_x7Kd"),
                                                               buffer, 12, &need));
    assert_memory_equal(buffer, "TR_DTPA_x7Kd#", 13);
}

STORY(any_bytes_of_any_length_make_an_id) {
    static char sid[100000], buffer[sizeof sid + 5];
    uint64_t need = 0;
    for (size_t i = 0; i < sizeof sid; ++i)
        sid[i] = (char)(i * 7);
    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_SIGNAL,
                                                               (lkstats_string_t){sid, sizeof sid}, buffer,
                                                               sizeof buffer, &need));
    assert_int_equal(need, sizeof buffer);
    assert_memory_equal(buffer, "TR_SG", 5);
    assert_memory_equal(buffer + 5, sid, sizeof sid);
}

STORY(other_channels_have_no_such_id) {
    static const int32_t others[] = {0, LKSTATS_CHANNEL_DATA_TRACK, 4, -1, INT32_MAX, INT32_MIN};
    char buffer[32];
    uint64_t need = 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        assert_status(LKSTATS_EINVAL, lkstats_track_id_for_participant(others[i], host_string("PA_x"), buffer,
                                                                       sizeof buffer, &need));
    assert_status(LKSTATS_EINVAL, lkstats_track_id_for_participant(LKSTATS_CHANNEL_DATA, host_string("PA_x"),
                                                                   buffer, sizeof buffer, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_track_without_an_id_is_named_after_its_participant),
        cmocka_unit_test(a_track_keeps_the_id_it_is_given),
        cmocka_unit_test(a_track_of_nobody_has_no_id),
        cmocka_unit_test(the_longest_participant_still_gets_an_id),
        cmocka_unit_test(a_connection_is_named_after_its_participant),
        cmocka_unit_test(ids_for_both_channels_are_livekits),
        cmocka_unit_test(a_buffer_that_is_too_small_is_left_alone),
        cmocka_unit_test(any_bytes_of_any_length_make_an_id),
        cmocka_unit_test(other_channels_have_no_such_id),
    };
    return cmocka_run_group_tests_name("track_id", tests, NULL, NULL);
}
