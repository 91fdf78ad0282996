/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that no protobuf peer would take, in every place where a string goes. */
#include "witness.h"

#define TEXT(literal)                                                                                        \
    { literal, sizeof literal - 1 }

static char long_text[LKSTATS_STRING_MAX + 1], cut_text[LKSTATS_STRING_MAX];

static const lkstats_string_t bad_strings[] = {
    TEXT("\0"),
    TEXT("a\0b"),
    TEXT("ab\0"), /* NUL */
    TEXT("\x80"),
    TEXT("a\xbf"),
    TEXT("\xff"), /* no first byte */
    TEXT("\xfe"),
    TEXT("\xf8\x88\x80\x80\x80"), /* no longer one */
    TEXT("\xc0\x80"),
    TEXT("\xc1\xbf"), /* overlong */
    TEXT("\xe0\x80\x80"),
    TEXT("\xe0\x9f\xbf"), /* overlong */
    TEXT("\xf0\x80\x80\x80"),
    TEXT("\xf0\x8f\xbf\xbf"), /* overlong */
    TEXT("\xed\xa0\x80"),
    TEXT("\xed\xbf\xbf"), /* surrogates */
    TEXT("\xf4\x90\x80\x80"),
    TEXT("\xf5\x80\x80\x80"), /* above U+10FFFF */
    TEXT("\xc3"),
    TEXT("ok\xc3"),
    TEXT("\xe2\x82"), /* truncated */
    TEXT("\xf0\x9f\x98"),
    TEXT("\xf0\x9f"), /* truncated */
    TEXT("\xc3("),
    TEXT("\xe2(\xa1"),
    TEXT("\xe2\x82("), /* interrupted */
    TEXT("\xf0(\x8c\xbc"),
    TEXT("\xf0\x90(\xbc"),
    TEXT("\xf0\x90\x8c("),
    {long_text, sizeof long_text}, /* one byte too long */
    {cut_text, sizeof cut_text},   /* a character that does not fit any more */
    {long_text, UINT64_MAX},       /* sizes that nobody may read */
    {long_text, UINT64_C(1) << 32},
    {NULL, 1},
    {NULL, UINT64_MAX},
};
enum { BAD_STRINGS = sizeof bad_strings / sizeof bad_strings[0] };

static void fill_long_texts(void) {
    memset(long_text, 'x', sizeof long_text);
    memset(cut_text, 'x', sizeof cut_text);
    cut_text[sizeof cut_text - 1] = '\xc3';
}

STORY(a_track_takes_no_bad_string_anywhere) {
    static const size_t places[] = {offsetof(lkstats_track_options_t, country),
                                    offsetof(lkstats_track_options_t, room_sid),
                                    offsetof(lkstats_track_options_t, room_name),
                                    offsetof(lkstats_track_options_t, participant_sid),
                                    offsetof(lkstats_track_options_t, participant_identity),
                                    offsetof(lkstats_track_options_t, track_id),
                                    offsetof(lkstats_track_options_t, tenant)};
    const witness_t *const witness = *state;
    fill_long_texts();
    for (size_t place = 0; place < sizeof places / sizeof places[0]; ++place)
        for (size_t i = 0; i < BAD_STRINGS; ++i) {
            lkstats_track_options_t options = host_track_options("PA_bad");
            lkstats_track_t track = 1;
            memcpy((char *)&options + places[place], &bad_strings[i], sizeof bad_strings[i]);
            assert_status(LKSTATS_EINVAL, lkstats_track_new(witness->ctx, &options, &track));
            assert_int_equal(track, 0);
        }
}

STORY(a_connection_takes_no_bad_string) {
    const witness_t *const witness = *state;
    fill_long_texts();
    for (size_t i = 0; i < BAD_STRINGS; ++i) {
        lkstats_signal_options_t options = {.struct_size = sizeof options};
        lkstats_signal_t signal = 1;
        options.country = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_new(witness->ctx, &options, &signal));
        assert_int_equal(signal, 0);
        options.country = host_string("NZ");
        options.tenant = bad_strings[i];
        signal = 1;
        assert_status(LKSTATS_EINVAL, lkstats_signal_new(witness->ctx, &options, &signal));
        assert_int_equal(signal, 0);
    }
}

STORY(a_resolution_takes_no_bad_string) {
    const witness_t *const witness = *state;
    fill_long_texts();
    for (size_t i = 0; i < BAD_STRINGS; ++i) {
        lkstats_room_t room = {
            .struct_size = sizeof room, .sid = bad_strings[i], .name = host_string("lobby")};
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, &room));
        room.sid = host_string("RM_bad");
        room.name = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, &room));
        room.name = host_string("lobby");
        room.tenant = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, &room));

        lkstats_participant_t participant = {
            .struct_size = sizeof participant, .sid = bad_strings[i], .identity = host_string("ada")};
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
        participant.sid = host_string("PA_bad");
        participant.identity = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
        participant.identity = host_string("ada");
        participant.tenant = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
    }
}

STORY(a_context_takes_no_bad_string) {
    fill_long_texts();
    for (size_t i = 0; i < BAD_STRINGS; ++i) {
        lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
        lkstats_t *ctx = NULL;
        options.node = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
        options.node = host_string("ND_1");
        options.analytics_key = bad_strings[i];
        assert_status(LKSTATS_EINVAL, lkstats_open(&options, &ctx));
        assert_null(ctx);
    }
}

STORY(refused_tracks_use_no_slot) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 1});
    lkstats_track_options_t options = host_track_options("PA_bad");
    options.tenant = (lkstats_string_t){"\xff", 1};
    for (int i = 0; i < 100; ++i) {
        lkstats_track_t track = 1;
        assert_status(LKSTATS_EINVAL, lkstats_track_new(ctx, &options, &track));
        assert_int_equal(track, 0);
    }
    host_track(ctx, "PA_good");
    host_done(ctx);
}

STORY(refused_connections_use_no_slot) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 1});
    const lkstats_signal_options_t options = {.struct_size = sizeof options, .tenant = {"\xff", 1}};
    for (int i = 0; i < 100; ++i) {
        lkstats_signal_t signal = 1;
        assert_status(LKSTATS_EINVAL, lkstats_signal_new(ctx, &options, &signal));
        assert_int_equal(signal, 0);
    }
    host_signal(ctx);
    host_done(ctx);
}

STORY(an_empty_string_may_point_anywhere) {
    const witness_t *const witness = *state;
    lkstats_track_options_t options = host_track_options("PA_empty");
    lkstats_track_t track = 0;
    options.country = (lkstats_string_t){NULL, 0};
    options.room_name = (lkstats_string_t){"", 0};
    options.tenant = (lkstats_string_t){(const char *)(uintptr_t)1, 0};
    assert_status(LKSTATS_OK, lkstats_track_new(witness->ctx, &options, &track));
    assert_status(LKSTATS_OK, lkstats_track_stop(track, NULL));
}

STORY(an_empty_string_of_a_connection_may_too) {
    static const lkstats_string_t empty[] = {{NULL, 0}, {"", 0}, {(const char *)(uintptr_t)1, 0}};
    lkstats_t *const ctx = host_open();
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; ++i) {
        const lkstats_signal_options_t options = {
            .struct_size = sizeof options, .country = empty[i], .tenant = empty[i]};
        const lkstats_room_t room = {
            .struct_size = sizeof room, .sid = host_string("RM_e"), .name = empty[i], .tenant = empty[i]};
        const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                                   .sid = host_string("PA_e"),
                                                   .identity = empty[i],
                                                   .tenant = empty[i]};
        lkstats_signal_t signal = 0;
        assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
        assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &room));
        assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &participant));
    }
    host_done(ctx);
}

STORY(a_resolution_needs_a_sid) {
    static const lkstats_string_t empty[] = {{NULL, 0}, {"", 0}, {(const char *)(uintptr_t)1, 0}};
    const witness_t *const witness = *state;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; ++i) {
        const lkstats_room_t room = {
            .struct_size = sizeof room, .sid = empty[i], .name = host_string("lobby")};
        const lkstats_participant_t participant = {
            .struct_size = sizeof participant, .sid = empty[i], .identity = host_string("ada")};
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(witness->signal, &room));
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(witness->signal, &participant));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        witnessed(a_track_takes_no_bad_string_anywhere),
        witnessed(a_connection_takes_no_bad_string),
        witnessed(a_resolution_takes_no_bad_string),
        witnessed(a_context_takes_no_bad_string),
        witnessed(refused_tracks_use_no_slot),
        witnessed(refused_connections_use_no_slot),
        witnessed(an_empty_string_may_point_anywhere),
        witnessed(an_empty_string_of_a_connection_may_too),
        witnessed(a_resolution_needs_a_sid),
    };
    return cmocka_run_group_tests_name("bad_strings", tests, NULL, NULL);
}
