/* SPDX-License-Identifier: Apache-2.0 */
/* Who pays for a signal connection: the participant's tenant before the room's before the connection's, for each epoch
 * anew. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "payers.h"

static void settle_ticks(lkstats_t *ctx, int64_t first, int64_t last, host_records_t *all) {
    for (int64_t tick = first; tick <= last; ++tick)
        host_settle(ctx, tick * HOST_TICK_NS, all);
}

static void assert_all_paid_by(const host_records_t *all, size_t count, const char *payer) {
    assert_int_equal(all->count, count);
    for (size_t i = 0; i < all->count; ++i)
        if (!host_string_is(all->items[i].tenant, payer))
            fail_msg("record %zu: %.*s pays, not %s", i, (int)all->items[i].tenant.size,
                     all->items[i].tenant.data, payer);
}

STORY(the_nearest_one_that_is_said_pays) {
    for (unsigned said = 0; said <= PAYERS_ALL; ++said)
        for (int room_first = 0; room_first < 2; ++room_first) {
            lkstats_t *const ctx = host_open();
            const lkstats_signal_t signal = payers_signal(ctx, said);
            host_records_t all = {0};
            assert_status(LKSTATS_OK, room_first ? payers_resolve_room(signal, "RM", said)
                                                 : payers_resolve_participant(signal, "PA", said));
            assert_status(LKSTATS_OK, room_first ? payers_resolve_participant(signal, "PA", said)
                                                 : payers_resolve_room(signal, "RM", said));
            assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
            assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
            settle_ticks(ctx, 1, 2, &all);
            assert_all_paid_by(&all, 3, payers_nearest(said)); /* joined, traffic, left */
            host_records_free(&all);
            host_done(ctx);
        }
}

/* All ways of one epoch after all ways of another, on one handle. */
STORY(each_epoch_has_its_own) {
    enum { WAYS = PAYERS_ALL + 1 };
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
    host_records_t all = {0};
    for (unsigned epoch = 0; epoch < WAYS * WAYS; ++epoch) {
        const unsigned said = epoch % 2 ? epoch / 2 % WAYS : epoch / 2 / WAYS;
        assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", said));
        assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", said));
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_settle(ctx, epoch * HOST_SECOND, &all);
        assert_all_paid_by(&all, 3, payers_nearest(said | PAYERS_CONNECTION));
        assert_int_equal(all.items[0].key.epoch, epoch + 1);
        host_records_free(&all);
        all = (host_records_t){0};
    }
    host_done(ctx);
}

/* Neither a room nor a participant alone makes an epoch: a reset forgets whoever would have paid with it. */
STORY(a_reset_forgets_it_with_its_part) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM_forgotten", PAYERS_ALL));
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA_forgotten", PAYERS_ALL));
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", 0));
    assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", 0));
    settle_ticks(ctx, 1, 2, &all);
    assert_all_paid_by(&all, 2, "connection");
    host_records_free(&all);
    host_done(ctx);
}

STORY(the_first_resolution_says_who_pays) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", 0));
    assert_status(LKSTATS_ERESOLVED, payers_resolve_room(signal, "RM", PAYERS_ALL));
    assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", 0));
    assert_status(LKSTATS_ERESOLVED, payers_resolve_participant(signal, "PA", PAYERS_ALL));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    settle_ticks(ctx, 1, 2, &all);
    assert_all_paid_by(&all, 2, "connection");
    host_records_free(&all);
    host_done(ctx);
}

STORY(whoever_becomes_known_after_the_stop_pays) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 5, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    settle_ticks(ctx, 1, 5, &all);
    assert_int_equal(all.count, 0);
    assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", PAYERS_ROOM));
    assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", 0));
    settle_ticks(ctx, 5, 7, &all);
    assert_all_paid_by(&all, 3, "room");
    host_records_free(&all);
    host_done(ctx);
}

STORY(nobodys_traffic_is_paid_by_whoever_is_known) {
    static const struct {
        unsigned known; /* PAYERS_ROOM, PAYERS_PARTICIPANT */
        const char *payer;
    } cases[] = {{0, "connection"}, {PAYERS_ROOM, "room"}, {PAYERS_PARTICIPANT, "participant"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        lkstats_t *const ctx = host_open();
        const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
        host_records_t all = {0};
        if (cases[i].known == PAYERS_ROOM)
            assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", PAYERS_ALL));
        if (cases[i].known == PAYERS_PARTICIPANT)
            assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", PAYERS_ALL));
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 5, 0));
        assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
        settle_ticks(ctx, 1, 8, &all);
        assert_all_paid_by(&all, 1, cases[i].payer);
        assert_int_equal(all.items[0].flags, LKSTATS_UNATTRIBUTED);
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(a_refused_tenant_leaves_the_part_unknown) {
    char long_text[LKSTATS_STRING_MAX + 1];
    memset(long_text, 'x', sizeof long_text);
    const lkstats_string_t bad[] = {
        {long_text, sizeof long_text}, {"a\0b", 3}, {"\xff", 1}, {"\xe2\x82", 2}, {NULL, 1}};
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = payers_signal(ctx, PAYERS_CONNECTION);
    host_records_t all = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        const lkstats_room_t room = {
            .struct_size = sizeof room, .sid = host_string("RM_bad"), .tenant = bad[i]};
        const lkstats_participant_t participant = {
            .struct_size = sizeof participant, .sid = host_string("PA_bad"), .tenant = bad[i]};
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_room(signal, &room));
        assert_status(LKSTATS_EINVAL, lkstats_signal_resolve_participant(signal, &participant));
    }
    assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM_good", PAYERS_ROOM));
    assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA_good", 0));
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
    settle_ticks(ctx, 1, 2, &all);
    assert_all_paid_by(&all, 2, "room");
    assert_true(host_string_is(all.items[1].room_sid, "RM_good"));
    host_records_free(&all);
    host_done(ctx);
}

/* LiveKit's format has no field for it: what is sent to its peers is the same, whoever pays. */
STORY(a_stat_does_not_say_who_pays) {
    uint64_t sizes[2] = {0};
    for (int told = 0; told < 2; ++told) {
        lkstats_t *const ctx = host_open();
        const unsigned said = told ? PAYERS_ALL : 0;
        const lkstats_signal_t signal = payers_signal(ctx, said);
        const uint8_t *bytes = NULL;
        host_records_t all = {0};
        assert_status(LKSTATS_OK, payers_resolve_room(signal, "RM", said));
        assert_status(LKSTATS_OK, payers_resolve_participant(signal, "PA", said));
        host_settle(ctx, 0, &all);
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 1, 1));
        host_tick(ctx, 1);
        const lkstats_batch_t batch = host_take(ctx);
        assert_status(LKSTATS_OK, lkstats_batch_analytics_stats(&batch, &bytes, &sizes[told]));
        assert_non_null(memmem(bytes, sizes[told], "RM", 2));
        assert_null(memmem(bytes, sizes[told], "participant", strlen("participant")));
        assert_null(memmem(bytes, sizes[told], "room", strlen("room")));
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
        host_records_free(&all);
        host_done(ctx);
    }
    assert_int_not_equal(sizes[0], 0);
    assert_int_equal(sizes[0], sizes[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_one_that_is_said_pays),
        cmocka_unit_test(each_epoch_has_its_own),
        cmocka_unit_test(a_reset_forgets_it_with_its_part),
        cmocka_unit_test(the_first_resolution_says_who_pays),
        cmocka_unit_test(whoever_becomes_known_after_the_stop_pays),
        cmocka_unit_test(nobodys_traffic_is_paid_by_whoever_is_known),
        cmocka_unit_test(a_refused_tenant_leaves_the_part_unknown),
        cmocka_unit_test(a_stat_does_not_say_who_pays),
    };
    return cmocka_run_group_tests_name("signal_tenant", tests, NULL, NULL);
}
