/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a signal connection is: said in two parts, in either order, once an epoch, and in every record of it. */
#include <stdlib.h>

#include "host.h"
#include "lkstats_slab.h"

static const lkstats_room_t lobby = {
    .struct_size = sizeof lobby, .sid = {"RM_9x2", 6}, .name = {"stand-up", 8}};
static const int32_t details[] = {0, 5, 2};
static const lkstats_participant_t ada = {.struct_size = sizeof ada,
                                          .kind = 4,
                                          .kind_details = details,
                                          .kind_details_count = 3,
                                          .sid = {"PA_x7Kd", 7},
                                          .identity = {"ada@example.com", 15}};

static void assert_string(lkstats_string_t actual, lkstats_string_t expected) {
    assert_int_equal(actual.size, expected.size);
    if (expected.size != 0)
        assert_memory_equal(actual.data, expected.data, expected.size);
}

static void assert_is_of(const lkstats_record_t *record, const lkstats_room_t *room,
                         const lkstats_participant_t *participant) {
    char track_id[LKSTATS_STRING_MAX + 5];
    uint64_t size = 0;
    assert_string(record->room_sid, room->sid);
    assert_string(record->room_name, room->name);
    assert_string(record->participant_sid, participant->sid);
    assert_string(record->participant_identity, participant->identity);
    assert_int_equal(record->participant_kind, participant->kind);
    assert_int_equal(record->kind_details_count, participant->kind_details_count);
    for (uint32_t i = 0; i < participant->kind_details_count; ++i)
        assert_int_equal(record->kind_details[i], participant->kind_details[i]);
    assert_status(LKSTATS_OK, lkstats_track_id_for_participant(LKSTATS_CHANNEL_SIGNAL, participant->sid,
                                                               track_id, sizeof track_id, &size));
    assert_string(record->track_id, (lkstats_string_t){track_id, size});
    assert_int_equal(record->channel, LKSTATS_CHANNEL_SIGNAL);
    assert_int_equal(record->flags, 0);
}

static void resolve(lkstats_signal_t signal, const lkstats_room_t *room,
                    const lkstats_participant_t *participant) {
    assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, room));
    assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, participant));
}

STORY(a_full_identity_is_in_every_record) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = host_string("NZ"), .tenant = host_string("tenant/42")};
    lkstats_signal_t signal = 0;
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    resolve(signal, &lobby, &ada);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    host_settle(ctx, HOST_SECOND, &all);

    assert_int_equal(all.count, 3);
    for (size_t i = 0; i < all.count; ++i) {
        static const uint32_t kinds[] = {LKSTATS_RECORD_JOINED, LKSTATS_RECORD_TRAFFIC, LKSTATS_RECORD_LEFT};
        assert_true(host_is_of(&all.items[i], signal));
        assert_int_equal(all.items[i].key.kind, kinds[i]);
        assert_is_of(&all.items[i], &lobby, &ada);
        assert_true(host_string_is(all.items[i].country, "NZ"));
        assert_true(host_string_is(all.items[i].tenant, "tenant/42"));
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(either_part_may_come_first_and_neither_is_enough) {
    for (int room_first = 0; room_first < 2; ++room_first) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = host_signal(ctx);
        host_records_t all = {0};
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 7, 1));
        assert_status(LKSTATS_OK, room_first ? lkstats_signal_resolve_room(signal, &lobby)
                                             : lkstats_signal_resolve_participant(signal, &ada));
        for (int tick = 1; tick <= 20; ++tick)
            host_settle(ctx, tick * HOST_TICK_NS, &all);
        assert_int_equal(all.count, 0);

        assert_status(LKSTATS_OK, room_first ? lkstats_signal_resolve_participant(signal, &ada)
                                             : lkstats_signal_resolve_room(signal, &lobby));
        host_settle(ctx, 20 * HOST_TICK_NS, &all);
        host_settle(ctx, 21 * HOST_TICK_NS, &all);
        assert_int_equal(all.count, 2);
        assert_int_equal(all.items[0].key.kind, LKSTATS_RECORD_JOINED);
        assert_is_of(&all.items[0], &lobby, &ada);
        assert_is_of(&all.items[1], &lobby, &ada);
        assert_traffic(all.items[1].window, 7, 1, 0, 0);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(the_first_resolution_counts) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &ada));
    assert_status(LKSTATS_ERESOLVED, host_resolve_participant(signal, "PA_second"));
    assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &lobby));
    assert_status(LKSTATS_ERESOLVED, host_resolve_room(signal, "RM_second"));
    assert_status(LKSTATS_ERESOLVED, host_resolve_participant(signal, "PA_third"));
    assert_status(LKSTATS_ERESOLVED, lkstats_signal_resolve_room(signal, &lobby));
    host_settle(ctx, 0, &all);
    assert_status(LKSTATS_ERESOLVED, host_resolve_room(signal, "RM_after_joined"));
    assert_status(LKSTATS_ERESOLVED, host_resolve_participant(signal, "PA_after_joined"));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 0));
    host_settle(ctx, HOST_TICK_NS, &all);

    assert_int_equal(all.count, 2);
    assert_is_of(&all.items[0], &lobby, &ada);
    assert_is_of(&all.items[1], &lobby, &ada);
    host_records_free(&all);
    host_done(ctx);
}

/* Each refusal is LKSTATS_EINVAL, and leaves that part unknown. */
static void refuse_malformed_rooms(lkstats_signal_t signal) {
    char text[LKSTATS_STRING_MAX + 1];
    memset(text, 'x', sizeof text);
    lkstats_room_t rooms[] = {lobby, lobby, lobby, lobby, lobby};
    rooms[0].sid = (lkstats_string_t){0};
    rooms[1].sid = (lkstats_string_t){text, sizeof text};
    rooms[2].name = (lkstats_string_t){text, sizeof text};
    rooms[3].name = host_string("\xff");
    rooms[4].struct_size = 4;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; ++i)
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(signal, &rooms[i]));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(signal, NULL));
}

static void refuse_malformed_participants(lkstats_signal_t signal) {
    char text[LKSTATS_STRING_MAX + 1];
    const int32_t many[LKSTATS_KIND_DETAILS_MAX + 1] = {0};
    memset(text, 'x', sizeof text);
    lkstats_participant_t participants[] = {ada, ada, ada, ada, ada, ada};
    participants[0].sid = (lkstats_string_t){0};
    participants[1].sid = (lkstats_string_t){text, sizeof text};
    participants[2].identity = host_string("\xed\xa0\x80");
    participants[3].kind_details = many;
    participants[3].kind_details_count = LKSTATS_KIND_DETAILS_MAX + 1;
    participants[4].kind_details = NULL;
    participants[5].struct_size = 4;
    for (size_t i = 0; i < sizeof participants / sizeof participants[0]; ++i)
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(signal, &participants[i]));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(signal, NULL));
}

STORY(a_resolution_without_a_sid_or_malformed_changes_nothing) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    refuse_malformed_rooms(signal);
    refuse_malformed_participants(signal);
    host_settle(ctx, HOST_TICK_NS, &all);
    assert_int_equal(all.count, 0);

    /* A second half that is refused leaves the first. */
    assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &lobby));
    refuse_malformed_participants(signal);
    assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &ada));
    host_settle(ctx, HOST_TICK_NS, &all);
    assert_int_equal(all.count, 1);
    assert_is_of(&all.items[0], &lobby, &ada);
    host_records_free(&all);
    host_done(ctx);
}

STORY(names_may_be_empty) {
    lkstats_t *const ctx = host_open();
    const lkstats_room_t room = {.struct_size = sizeof room, .sid = host_string("RM_only")};
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .sid = host_string("PA_only")};
    lkstats_signal_t signal = 0;
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, NULL, &signal));
    resolve(signal, &room, &participant);
    host_settle(ctx, 0, &all);
    assert_int_equal(all.count, 1);
    assert_is_of(&all.items[0], &room, &participant);
    assert_true(host_string_is(all.items[0].track_id, "TR_SGPA_only"));
    assert_int_equal(all.items[0].country.size, 0);
    assert_int_equal(all.items[0].tenant.size, 0);
    host_records_free(&all);
    host_done(ctx);
}

STORY(what_the_caller_does_to_its_memory_afterwards_does_not_matter) {
    lkstats_t *const ctx = host_open();
    char *const text = strdup("XX_copied");
    int32_t own[] = {7, 8};
    lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = host_string(text), .tenant = host_string(text)};
    lkstats_room_t room = {.struct_size = sizeof room, .sid = host_string(text), .name = host_string(text)};
    lkstats_participant_t participant = {.struct_size = sizeof participant,
                                         .kind_details = own,
                                         .kind_details_count = 2,
                                         .sid = host_string(text),
                                         .identity = host_string(text)};
    lkstats_signal_t signal = 0;
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    resolve(signal, &room, &participant);
    memset(text, '?', strlen(text));
    free(text);
    memset(own, 0xff, sizeof own);
    memset(&options, 0xff, sizeof options);
    memset(&room, 0xff, sizeof room);
    memset(&participant, 0xff, sizeof participant);

    host_settle(ctx, 0, &all);
    assert_int_equal(all.count, 1);
    const lkstats_record_t *const record = &all.items[0];
    assert_true(host_string_is(record->country, "XX_copied"));
    assert_true(host_string_is(record->tenant, "XX_copied"));
    assert_true(host_string_is(record->room_sid, "XX_copied"));
    assert_true(host_string_is(record->room_name, "XX_copied"));
    assert_true(host_string_is(record->participant_sid, "XX_copied"));
    assert_true(host_string_is(record->participant_identity, "XX_copied"));
    assert_true(host_string_is(record->track_id, "TR_SGXX_copied"));
    assert_int_equal(record->kind_details_count, 2);
    assert_int_equal(record->kind_details[0], 7);
    assert_int_equal(record->kind_details[1], 8);
    host_records_free(&all);
    host_done(ctx);
}

STORY(country_and_tenant_stay_and_all_else_is_each_epochs_own) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = host_string("NZ"), .tenant = host_string("acme")};
    const lkstats_room_t attic = {.struct_size = sizeof attic, .sid = host_string("RM_attic")};
    const lkstats_participant_t bob = {.struct_size = sizeof bob, .sid = host_string("PA_bob")};
    lkstats_signal_t signal = 0;
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    for (int i = 0; i < 6; ++i) {
        /* Of the second nothing of the first is left: no name, no kind, no details. */
        resolve(signal, i % 2 ? &attic : &lobby, i % 2 ? &bob : &ada);
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_settle(ctx, i * HOST_SECOND, &all);
    }

    assert_int_equal(all.count, 18);
    for (size_t i = 0; i < all.count; ++i) {
        const size_t epoch = i / 3;
        assert_int_equal(all.items[i].key.epoch, epoch + 1);
        assert_is_of(&all.items[i], epoch % 2 ? &attic : &lobby, epoch % 2 ? &bob : &ada);
        assert_true(host_string_is(all.items[i].country, "NZ"));
        assert_true(host_string_is(all.items[i].tenant, "acme"));
    }
    host_records_free(&all);
    host_done(ctx);
}

/* A text of the greatest length for each field, and every detail there may be. */
typedef struct longest {
    char text[6][LKSTATS_STRING_MAX];
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    lkstats_room_t room;
    lkstats_participant_t participant;
} longest_t;

static lkstats_string_t repeated(char *buffer, int letter) {
    memset(buffer, letter, LKSTATS_STRING_MAX);
    return (lkstats_string_t){buffer, LKSTATS_STRING_MAX};
}

static void make_longest(longest_t *of, int letter) {
    for (int32_t i = 0; i < LKSTATS_KIND_DETAILS_MAX; ++i)
        of->details[i] = i % 2 ? INT32_MAX - i - letter : INT32_MIN + i + letter;
    of->room = (lkstats_room_t){.struct_size = sizeof of->room,
                                .sid = repeated(of->text[0], letter),
                                .name = repeated(of->text[1], letter + 1),
                                .tenant = repeated(of->text[4], letter + 4)};
    of->participant = (lkstats_participant_t){.struct_size = sizeof of->participant,
                                              .kind = INT32_MIN + letter,
                                              .kind_details = of->details,
                                              .kind_details_count = LKSTATS_KIND_DETAILS_MAX,
                                              .sid = repeated(of->text[2], letter + 2),
                                              .identity = repeated(of->text[3], letter + 3),
                                              .tenant = repeated(of->text[5], letter + 5)};
}

static lkstats_signal_t longest_connection(lkstats_t *ctx, char *country, char *tenant) {
    const lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = repeated(country, 'c'), .tenant = repeated(tenant, 't')};
    lkstats_signal_t signal = 0;
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    return signal;
}

STORY(the_longest_identities_come_back_over_resets) {
    enum { EPOCHS = 300 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 4});
    char country[LKSTATS_STRING_MAX], tenant[LKSTATS_STRING_MAX];
    const lkstats_signal_t signal = longest_connection(ctx, country, tenant);

    /* Many of them: the memory of one epoch's names comes back with its left. */
    for (int i = 0; i < EPOCHS; ++i) {
        longest_t own;
        host_records_t all = {0};
        make_longest(&own, 'A' + i % 26);
        assert_status(LKSTATS_OK, i % 2 ? lkstats_signal_resolve_room(signal, &own.room)
                                        : lkstats_signal_resolve_participant(signal, &own.participant));
        assert_status(LKSTATS_OK, i % 2 ? lkstats_signal_resolve_participant(signal, &own.participant)
                                        : lkstats_signal_resolve_room(signal, &own.room));
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_settle(ctx, i * HOST_SECOND, &all);
        assert_int_equal(all.count, 3);
        for (size_t n = 0; n < all.count; ++n) {
            assert_is_of(&all.items[n], &own.room, &own.participant);
            assert_string(all.items[n].country, (lkstats_string_t){country, sizeof country});
            assert_string(all.items[n].tenant, own.participant.tenant);
        }
        host_records_free(&all);
    }
    host_done(ctx);
}

STORY(forgetting_long_identities_takes_no_memory) {
    enum { ROUNDS = 20000 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 4});
    char country[LKSTATS_STRING_MAX], tenant[LKSTATS_STRING_MAX];
    const lkstats_signal_t signal = longest_connection(ctx, country, tenant);
    longest_t forgotten, kept;
    host_records_t all = {0};
    make_longest(&forgotten, 'a');
    make_longest(&kept, 'k');
    for (int i = 0; i < ROUNDS; ++i) {
        assert_status(LKSTATS_OK, i % 2 ? lkstats_signal_resolve_room(signal, &forgotten.room)
                                        : lkstats_signal_resolve_participant(signal, &forgotten.participant));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }

    resolve(signal, &kept.room, &kept.participant);
    host_settle(ctx, 0, &all);
    assert_int_equal(all.count, 1);
    assert_is_of(&all.items[0], &kept.room, &kept.participant);
    assert_string(all.items[0].country, (lkstats_string_t){country, sizeof country});
    assert_string(all.items[0].tenant, kept.participant.tenant);
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_data_track_is_no_connection_and_stays_as_it_is) {
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_data");
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 3, 1));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(track, &lobby));
    assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(track, &ada));
    assert_status(LKSTATS_EINVAL, lkstats_signal_reset(track));
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 4, 1));
    host_settle(ctx, HOST_TICK_NS, &all);

    assert_int_equal(all.count, 1);
    const lkstats_record_t *const record = &all.items[0];
    assert_traffic(record->window, 7, 2, 0, 0);
    assert_int_equal(record->key.epoch, 1);
    assert_int_equal(record->key.kind, LKSTATS_RECORD_TRAFFIC);
    assert_int_equal(record->channel, LKSTATS_CHANNEL_DATA);
    assert_true(host_string_is(record->room_sid, "RM_lobby"));
    assert_true(host_string_is(record->participant_sid, "PA_data"));
    assert_true(host_string_is(record->track_id, "TR_DTPA_data"));
    host_records_free(&all);
    host_done(ctx);
}

STORY(a_handle_of_nobody_is_stale) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx), nobody[] = {0, signal + (UINT64_C(1) << 32)};
    for (int i = 0; i < 2; ++i) {
        assert_status(LKSTATS_ESTALE, lkstats_signal_resolve_room(nobody[i], &lobby));
        assert_status(LKSTATS_ESTALE, lkstats_signal_resolve_participant(nobody[i], &ada));
        assert_status(LKSTATS_ESTALE, lkstats_signal_reset(nobody[i]));
    }
    resolve(signal, &lobby, &ada);
    host_done(ctx);
}

STORY(connections_and_tracks_share_the_places) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 2});
    host_track(ctx, "PA_data");
    host_signal(ctx);
    lkstats_signal_t surplus = 1;
    assert_status(LKSTATS_EFULL, lkstats_signal_new(ctx, NULL, &surplus));
    assert_int_equal(surplus, 0);
    host_done(ctx);
}

STORY(every_call_that_counts_is_for_a_connection_too) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    lkstats_prefetch(signal);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 20, 3, 0));
    assert_status(LKSTATS_OK, lkstats_slab_add(&slab, signal, 300, 5, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 0, 0));
    assert_status(LKSTATS_EINVAL, lkstats_add_bytes(signal, UINT64_C(1) << 35, 1));
    const lkstats_totals_t totals = host_totals(signal);
    assert_traffic(totals.traffic, 301, 6, 20, 4);

    host_resolve(signal, "RM_counts", "PA_counts");
    host_settle(ctx, 0, &all);
    assert_status(LKSTATS_ETIMEDOUT, lkstats_track_flush(signal, 0));
    host_drain(ctx, &all);
    assert_status(LKSTATS_OK, lkstats_track_flush(signal, 0));
    const lkstats_traffic_t sum = host_sum(&all, signal);
    assert_traffic(sum, 301, 6, 20, 4);
    host_records_free(&all);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_identity_is_in_every_record),
        cmocka_unit_test(either_part_may_come_first_and_neither_is_enough),
        cmocka_unit_test(the_first_resolution_counts),
        cmocka_unit_test(a_resolution_without_a_sid_or_malformed_changes_nothing),
        cmocka_unit_test(names_may_be_empty),
        cmocka_unit_test(what_the_caller_does_to_its_memory_afterwards_does_not_matter),
        cmocka_unit_test(country_and_tenant_stay_and_all_else_is_each_epochs_own),
        cmocka_unit_test(the_longest_identities_come_back_over_resets),
        cmocka_unit_test(forgetting_long_identities_takes_no_memory),
        cmocka_unit_test(a_data_track_is_no_connection_and_stays_as_it_is),
        cmocka_unit_test(a_handle_of_nobody_is_stale),
        cmocka_unit_test(connections_and_tracks_share_the_places),
        cmocka_unit_test(every_call_that_counts_is_for_a_connection_too),
    };
    return cmocka_run_group_tests_name("signal_identity", tests, NULL, NULL);
}
