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
    *state = witness;
    return 0;
}

int witness_verdict(void **state) {
    witness_t *const witness = *state;
    host_records_t all = {0};

    const lkstats_totals_t before = host_totals(witness->track);
    assert_traffic(before.traffic, 100, 1, 14, 2);
    assert_status(LKSTATS_EAGAIN, host_drain(witness->ctx, &all));

    assert_status(LKSTATS_OK, lkstats_add_bytes(witness->track, 1, 1));
    host_tick(witness->ctx, 1);
    assert_status(LKSTATS_EAGAIN, host_drain(witness->ctx, &all));
    assert_int_equal(all.count, 1);
    assert_true(host_is_of(&all.items[0], witness->track));
    assert_int_equal(all.items[0].key.sequence, 1);
    assert_traffic(all.items[0].window, 101, 2, 14, 2);

    host_close(witness->ctx, &all);
    assert_int_equal(all.count, 1);
    host_records_free(&all);
    free(witness);
    return 0;
}
