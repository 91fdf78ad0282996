/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "witness.h"

int witness_setup(void **state) {
    witness_t *const witness = malloc(sizeof *witness);
    require(witness != NULL);
    witness->ctx = host_open();
    witness->track = host_track(witness->ctx, "PA_witness");
    require_status(LKSTATS_OK, lkstats_add_bytes(witness->track, 100, 1));
    require_status(LKSTATS_OK, lkstats_add_messages(witness->track, 14, 2, 0));
    witness->signal = host_signal(witness->ctx);
    require_status(LKSTATS_OK, lkstats_add_messages(witness->signal, 300, 5, 0));
    *state = witness;
    return 0;
}

static void assert_track(const witness_t *witness, const host_records_t *all) {
    assert_int_equal(host_count(all, witness->track), 1);
    const lkstats_record_t *const record = host_find(all, witness->track, 1);
    assert_non_null(record);
    assert_traffic(record->window, 101, 2, 14, 2);
}

/* One epoch, all of its traffic, of whoever was said when it was over. */
static void assert_signal(const witness_t *witness, const host_records_t *all) {
    host_assert_gapless(all, witness->signal);
    assert_int_equal(host_count_kind(all, witness->signal, LKSTATS_RECORD_JOINED), 1);
    assert_int_equal(host_count_kind(all, witness->signal, LKSTATS_RECORD_TRAFFIC), 1);
    assert_int_equal(host_count_kind(all, witness->signal, LKSTATS_RECORD_LEFT), 1);
    const lkstats_traffic_t sum = host_sum_of_epoch(all, witness->signal, 1);
    assert_traffic(sum, 0, 0, 300, 5);
    for (size_t i = 0; i < all->count; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        if (!host_is_of(record, witness->signal))
            continue;
        assert_true(host_string_is(record->country, ""));
        assert_true(host_string_is(record->tenant, "acme"));
        assert_true(host_string_is(record->room_sid, "RM_witness"));
        assert_true(host_string_is(record->room_name, "RM_witness"));
        assert_true(host_string_is(record->participant_sid, "PA_witness"));
        assert_true(host_string_is(record->participant_identity, "PA_witness"));
        assert_true(host_string_is(record->track_id, "TR_SGPA_witness"));
        assert_int_equal(record->participant_kind, 0);
        assert_int_equal(record->kind_details_count, 0);
        assert_int_equal(record->flags, 0);
    }
}

int witness_verdict(void **state) {
    witness_t *const witness = *state;
    host_records_t all = {0};

    const lkstats_totals_t before = host_totals(witness->track);
    assert_traffic(before.traffic, 100, 1, 14, 2);
    const lkstats_totals_t signal_before = host_totals(witness->signal);
    assert_traffic(signal_before.traffic, 0, 0, 300, 5);
    assert_status(LKSTATS_EAGAIN, host_drain(witness->ctx, &all));
    assert_int_equal(all.count, 0);

    assert_status(LKSTATS_OK, lkstats_add_bytes(witness->track, 1, 1));
    host_tick(witness->ctx, 1);
    assert_status(LKSTATS_EAGAIN, host_drain(witness->ctx, &all));
    assert_int_equal(all.count, 1);
    assert_track(witness, &all);

    assert_status(LKSTATS_OK, host_resolve_room(witness->signal, "RM_witness"));
    assert_status(LKSTATS_OK, host_resolve_participant(witness->signal, "PA_witness"));
    host_close(witness->ctx, &all);
    assert_track(witness, &all);
    assert_signal(witness, &all);
    assert_int_equal(all.count, 1 + host_count(&all, witness->signal));
    host_records_free(&all);
    free(witness);
    return 0;
}
