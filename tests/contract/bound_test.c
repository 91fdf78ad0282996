/* SPDX-License-Identifier: Apache-2.0 */
/* Past the bound of lkstats_add_messages: what is wrong for a while, and that it comes right. */
#include "lkstats_slab.h"

#include "host.h"

static const uint64_t most_bytes = (UINT64_C(1) << (LKSTATS_SLAB_BYTE_BITS - 1)) - 1; /* of one add */

static lkstats_slab_slot_t *slot_of(const lkstats_slab_t *slab, lkstats_track_t track) {
    return slab->anchor->slots + (track & ((1u << LKSTATS_SLAB_INDEX_BITS) - 1));
}

/* lkstats_slab_add up to where it would post the carry of the bytes: a thread that is not run for a while. */
static void add_without_its_carry(lkstats_slab_slot_t *slot, int direction) {
    const uint64_t increment = (UINT64_C(1) << (LKSTATS_SLAB_BYTE_BITS + 1)) + (most_bytes << 1);
    const uint64_t top = UINT64_C(1) << LKSTATS_SLAB_BYTE_BITS;
    const uint64_t old = __atomic_fetch_add(&slot->word[direction], increment, __ATOMIC_RELAXED);
    assert_true((old & top) != 0 && ((old + increment) & top) == 0);
}

static void post_the_carry(lkstats_slab_slot_t *slot, int direction) {
    __atomic_fetch_add(&slot->carry[direction], 1, __ATOMIC_RELEASE);
}

/* Bytes and messages of the direction that was added on; nothing in the other. */
static void split(const lkstats_traffic_t *traffic, int direction, uint64_t *bytes, uint64_t *messages) {
    const bool sent = direction == LKSTATS_SLAB_SEND;
    *bytes = sent ? traffic->send_bytes : traffic->recv_bytes;
    *messages = sent ? traffic->send_messages : traffic->recv_messages;
    assert_int_equal(sent ? traffic->recv_bytes : traffic->send_bytes, 0);
    assert_int_equal(sent ? traffic->recv_messages : traffic->send_messages, 0);
}

/* Three adds of the most bytes each: to the byte, and one message may be too many. */
static void assert_made_up(const lkstats_traffic_t *traffic, int direction) {
    uint64_t bytes, messages;
    split(traffic, direction, &bytes, &messages);
    assert_int_equal(bytes, 3 * most_bytes);
    assert_in_range(messages, 3, 4);
}

static void assert_nothing_taken_back(const host_records_t *all, int direction) {
    uint64_t before = 0, messages_before = 0;
    for (size_t i = 0; i < all->count; ++i) {
        uint64_t bytes, messages;
        split(&all->items[i].running, direction, &bytes, &messages);
        assert_in_range(bytes, before, 3 * most_bytes);
        assert_in_range(messages, messages_before, 4);
        before = bytes;
        messages_before = messages;
    }
}

static void past_the_bound(int direction, int late_ticks) {
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    lkstats_totals_t totals = {.struct_size = sizeof totals};
    host_records_t all = {0};
    int tick = 0;
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_flood");
    lkstats_slab_slot_t *const slot = slot_of(&slab, track);
    for (int i = 0; i < 2; ++i)
        assert_status(LKSTATS_OK,
                      lkstats_slab_add(&slab, track, most_bytes, 1, direction == LKSTATS_SLAB_SEND));

    add_without_its_carry(slot, direction);
    for (int i = 0; i < late_ticks; ++i) {
        host_tick(ctx, ++tick);
        host_drain(ctx, &all);
    }
    post_the_carry(slot, direction);
    totals = host_totals(track);
    assert_made_up(&totals.traffic, direction);
    host_tick(ctx, ++tick);
    host_drain(ctx, &all);

    assert_status(LKSTATS_OK, lkstats_track_stop(track, &totals));
    assert_made_up(&totals.traffic, direction);
    host_tick(ctx, ++tick);
    host_drain(ctx, &all);
    assert_nothing_taken_back(&all, direction);
    host_assert_gapless(&all, track);
    const lkstats_traffic_t sum = host_sum(&all, track);
    assert_made_up(&sum, direction);
    assert_status(LKSTATS_OK, lkstats_close(ctx, 0, &residue));
    assert_int_equal(residue.tracks, 0);
    assert_traffic(residue.traffic, 0, 0, 0, 0);
    host_records_free(&all);
}

STORY(past_the_bound_nothing_is_taken_back_and_everything_is_reported) {
    for (int late_ticks = 0; late_ticks < 4; ++late_ticks) {
        past_the_bound(LKSTATS_SLAB_SEND, late_ticks);
        past_the_bound(LKSTATS_SLAB_RECV, late_ticks);
    }
}

/* What a report had one message too many is made up for by the next ones: a freeze in between, which has nothing
 * but the late bytes or the other direction, must not carry the mistake on. */
static void lives_on(bool flush_between) {
    lkstats_slab_t slab = {.struct_size = sizeof slab};
    host_records_t all = {0};
    int tick = 0;
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab));
    lkstats_t *const ctx = host_open();
    const lkstats_track_t track = host_track(ctx, "PA_flood");
    for (int i = 0; i < 2; ++i)
        assert_status(LKSTATS_OK, lkstats_slab_add(&slab, track, most_bytes, 1, 1));
    add_without_its_carry(slot_of(&slab, track), LKSTATS_SLAB_SEND);
    host_tick(ctx, ++tick);
    host_drain(ctx, &all);
    assert_int_equal(all.items[0].running.send_messages, 4);
    post_the_carry(slot_of(&slab, track), LKSTATS_SLAB_SEND);

    if (flush_between)
        assert_status(LKSTATS_ETIMEDOUT, lkstats_flush(ctx, 0));
    else
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 1, 0));
    host_tick(ctx, ++tick);
    host_drain(ctx, &all);
    for (int i = 0; i < 2; ++i) {
        assert_status(LKSTATS_OK, lkstats_add_bytes(track, 10, 1));
        host_tick(ctx, ++tick);
        host_drain(ctx, &all);
    }
    const lkstats_totals_t totals = host_totals(track);
    const lkstats_traffic_t sum = host_sum(&all, track);
    assert_traffic(totals.traffic, 3 * most_bytes + 20, 5, flush_between ? 0 : 1, flush_between ? 0 : 1);
    assert_traffic(sum, 3 * most_bytes + 20, 5, flush_between ? 0 : 1, flush_between ? 0 : 1);
    host_assert_gapless(&all, track);
    host_done(ctx);
    host_records_free(&all);
}

STORY(past_the_bound_a_message_too_many_is_made_up_for) {
    lives_on(true);
    lives_on(false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past_the_bound_nothing_is_taken_back_and_everything_is_reported),
        cmocka_unit_test(past_the_bound_a_message_too_many_is_made_up_for),
    };
    return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
