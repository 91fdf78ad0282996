/* SPDX-License-Identifier: Apache-2.0 */
/* Who the traffic belongs to comes back in every record as it was given. */
#include <stdlib.h>

#include "host.h"

/* Counts one byte, and hands back the one record that comes of it; the caller frees all. */
static const lkstats_record_t *report_of(lkstats_t *ctx, const lkstats_track_options_t *options,
                                         host_records_t *all) {
    lkstats_track_t track = 0;
    assert_status(LKSTATS_OK, lkstats_track_new(ctx, options, &track));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    host_drain(ctx, all);
    assert_int_equal(all->count, 1);
    assert_true(host_is_of(&all->items[0], track));
    return &all->items[0];
}

static void assert_string(lkstats_string_t actual, lkstats_string_t expected) {
    assert_int_equal(actual.size, expected.size);
    if (expected.size != 0)
        assert_memory_equal(actual.data, expected.data, expected.size);
}

static void assert_identity(const lkstats_record_t *record, const lkstats_track_options_t *options) {
    assert_string(record->country, options->country);
    assert_string(record->room_sid, options->room_sid);
    assert_string(record->room_name, options->room_name);
    assert_string(record->participant_sid, options->participant_sid);
    assert_string(record->participant_identity, options->participant_identity);
    assert_string(record->track_id, options->track_id);
    assert_string(record->tenant, options->tenant);
    assert_int_equal(record->participant_kind, options->participant_kind);
    assert_int_equal(record->kind_details_count, options->kind_details_count);
    for (uint32_t i = 0; i < options->kind_details_count; ++i)
        assert_int_equal(record->kind_details[i], options->kind_details[i]);
}

static lkstats_string_t repeated(char *buffer, char letter) {
    memset(buffer, letter, LKSTATS_STRING_MAX);
    return (lkstats_string_t){buffer, LKSTATS_STRING_MAX};
}

STORY(a_full_identity_comes_back) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const int32_t details[] = {0, 5, 2};
    const lkstats_track_options_t options = {.struct_size = sizeof options,
                                             .channel = LKSTATS_CHANNEL_DATA_TRACK,
                                             .participant_kind = 4,
                                             .kind_details_count = 3,
                                             .kind_details = details,
                                             .country = host_string("NZ"),
                                             .room_sid = host_string("RM_9x2"),
                                             .room_name = host_string("stand-up"),
                                             .participant_sid = host_string("PA_x7Kd"),
                                             .participant_identity = host_string("ada@example.com"),
                                             .track_id = host_string("DTR_abc"),
                                             .tenant = host_string("tenant/42")};
    const lkstats_record_t *const record = report_of(ctx, &options, &all);
    assert_identity(record, &options);
    assert_int_equal(record->channel, LKSTATS_CHANNEL_DATA_TRACK);
    host_records_free(&all);
    host_done(ctx);
}

STORY(an_empty_identity_comes_back_empty) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_track_options_t options = {.struct_size = sizeof options};
    const lkstats_record_t *const record = report_of(ctx, &options, &all);
    assert_identity(record, &options);
    assert_int_equal(record->channel, LKSTATS_CHANNEL_DATA);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_longest_identity_comes_back) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 64});
    char text[7][LKSTATS_STRING_MAX];
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    for (int32_t i = 0; i < LKSTATS_KIND_DETAILS_MAX; ++i)
        details[i] = i % 2 ? INT32_MAX - i : INT32_MIN + i;
    const lkstats_track_options_t options = {.struct_size = sizeof options,
                                             .participant_kind = INT32_MIN,
                                             .kind_details_count = LKSTATS_KIND_DETAILS_MAX,
                                             .kind_details = details,
                                             .country = repeated(text[0], 'c'),
                                             .room_sid = repeated(text[1], 's'),
                                             .room_name = repeated(text[2], 'n'),
                                             .participant_sid = repeated(text[3], 'p'),
                                             .participant_identity = repeated(text[4], 'i'),
                                             .track_id = repeated(text[5], 't'),
                                             .tenant = repeated(text[6], 'z')};

    /* Many rounds: overflow blocks come back with the track that had them. */
    for (int round = 0; round < 200; ++round) {
        host_records_t all = {0};
        lkstats_track_t track = 0;
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
        host_tick(ctx, round + 1);
        host_drain(ctx, &all);
        assert_int_equal(all.count, 1);
        assert_identity(&all.items[0], &options);
        host_records_free(&all);
    }
    host_done(ctx);
}

STORY(neighbours_with_long_identities_keep_their_own) {
    enum { TRACKS = 50 };
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    lkstats_track_t tracks[TRACKS];
    char text[LKSTATS_STRING_MAX];
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_string_t own = repeated(text, (char)('0' + i));
        const lkstats_track_options_t options = {.struct_size = sizeof options,
                                                 .participant_kind = -i,
                                                 .room_name = own,
                                                 .participant_identity = own,
                                                 .track_id = own,
                                                 .tenant = own};
        assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &tracks[i]));
        assert_status(LKSTATS_OK, lkstats_add_bytes(tracks[i], 1, 0));
    }

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, TRACKS);
    for (int i = 0; i < TRACKS; ++i) {
        const lkstats_string_t own = repeated(text, (char)('0' + i));
        const lkstats_record_t *const record = host_find(&all, tracks[i], 1);
        assert_non_null(record);
        assert_int_equal(record->participant_kind, -i);
        assert_string(record->room_name, own);
        assert_string(record->participant_identity, own);
        assert_string(record->track_id, own);
        assert_string(record->tenant, own);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(every_length_of_utf_8_comes_back) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_track_options_t options = {
        .struct_size = sizeof options,
        .country = host_string("\xc2\x80 \xdf\xbf"),
        .room_sid = host_string("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"),
        .room_name = host_string("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),
        .participant_sid = host_string("PA_\xc3\xbcn\xc3\xaf"),
        .participant_identity = host_string("\xf0\x9f\x8e\xa7 \xe6\x9d\xb1\xe4\xba\xac"),
        .track_id = host_string("\xef\xbb\xbfmark"),
        .tenant = host_string("\x01\x7f\n")};
    assert_identity(report_of(ctx, &options, &all), &options);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_the_caller_does_to_its_memory_afterwards_does_not_matter) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    char *const text = strdup("PA_copied");
    int32_t details[] = {7, 8};
    lkstats_track_options_t options = {.struct_size = sizeof options,
                                       .kind_details_count = 2,
                                       .kind_details = details,
                                       .participant_sid = host_string(text),
                                       .tenant = host_string(text)};
    lkstats_track_t track = 0;
    assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
    memset(text, '?', strlen(text));
    free(text);
    memset(details, 0xff, sizeof details);
    memset(&options, 0xff, sizeof options);

    host_tick(ctx, 1);
    host_drain(ctx, &all);
    assert_int_equal(all.count, 1);
    assert_true(host_string_is(all.items[0].participant_sid, "PA_copied"));
    assert_true(host_string_is(all.items[0].tenant, "PA_copied"));
    assert_true(host_string_is(all.items[0].track_id, "TR_DTPA_copied"));
    assert_int_equal(all.items[0].kind_details[0], 7);
    assert_int_equal(all.items[0].kind_details[1], 8);
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_identity_is_the_same_in_every_report) {
    lkstats_t *const ctx = host_open();
    host_records_t all = {0};
    const lkstats_track_t track = host_track(ctx, "PA_again");
    for (int tick = 1; tick <= 3; ++tick) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 1));
        host_tick(ctx, tick);
        host_drain(ctx, &all);
    }
    assert_int_equal(all.count, 3);
    for (size_t i = 0; i < all.count; ++i) {
        assert_true(host_string_is(all.items[i].room_sid, "RM_lobby"));
        assert_true(host_string_is(all.items[i].room_name, "lobby"));
        assert_true(host_string_is(all.items[i].participant_sid, "PA_again"));
        assert_true(host_string_is(all.items[i].track_id, "TR_DTPA_again"));
        assert_true(host_string_is(all.items[i].tenant, "acme"));
    }
    host_records_free(&all);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_identity_comes_back),
        cmocka_unit_test(an_empty_identity_comes_back_empty),
        cmocka_unit_test(the_longest_identity_comes_back),
        cmocka_unit_test(neighbours_with_long_identities_keep_their_own),
        cmocka_unit_test(every_length_of_utf_8_comes_back),
        cmocka_unit_test(what_the_caller_does_to_its_memory_afterwards_does_not_matter),
        cmocka_unit_test(the_identity_is_the_same_in_every_report),
    };
    return cmocka_run_group_tests_name("track_identity", tests, NULL, NULL);
}
