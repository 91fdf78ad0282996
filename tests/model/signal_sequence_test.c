/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random sequences of calls on signal connections, each answer and each record held against a plain model: whose
 * an epoch is, what was counted in it, and in which order that is told. A seed is one context with many
 * sequences, since what a sequence leaves behind is the next one's start. With a seed as argument only that one
 * is run.
 */
#include "signal_model_calls.h"
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SEEDS = 600, SEQUENCES = 20 };

static const struct {
    void (*make)(world_t *);
    uint32_t weight;
} calls[] = {
    {call_new, 8},          {call_add, 30},      {call_resolve_room, 6}, {call_resolve_participant, 6},
    {call_resolve_both, 6}, {call_reset, 3},     {call_move, 8},         {call_totals, 3},
    {call_stop, 4},         {call_run_once, 12}, {call_flush, 2},        {call_track_flush, 4},
    {call_next, 12},        {call_ack, 10},      {call_nack, 3},         {call_redeliver, 1},
    {call_answer_twice, 1},
};
enum { CALLS = sizeof calls / sizeof *calls };

static world_t world;
static uint64_t only_seed;
static int has_only_seed;

static void open_context(void) {
    static const uint32_t intervals_ms[] = {100, 250, 1000, 5000, 60000};
    const uint32_t interval_ms = intervals_ms[below(5)];
    const uint32_t max_tracks = (uint32_t)(one_in(2) ? 6 + below(6) : 4096);
    const lkstats_options_t options = {.struct_size = sizeof options,
                                       .flags = LKSTATS_NO_THREAD,
                                       .report_interval_ms = interval_ms,
                                       .max_tracks = max_tracks};
    const lkstats_time_t now = {(int64_t)below(1000000000000), 1700000000000000000};
    story_says("open, %u ms, %u tracks", interval_ms, max_tracks);
    must_answer(lkstats_open(&options, &world.ctx), ANSWER(LKSTATS_OK));
    must_answer(lkstats_event_fd(world.ctx, &world.event_fd), ANSWER(LKSTATS_OK));
    must_answer(lkstats_run_once(world.ctx, now.monotonic_ns, now.wall_ns), ANSWER(LKSTATS_OK));
    model_open(&world.model, 1000000 * (int64_t)interval_ms, max_tracks, now);
}

/* Each sequence has a temper of its own: one hardly answers, another only moves from room to room. */
static void play_sequence(void) {
    uint64_t weights[CALLS], sum = 0;
    for (uint32_t i = 0; i < CALLS; i++)
        sum += weights[i] = calls[i].weight * below(4);
    for (uint64_t left = 30 + below(51); left > 0 && sum > 0; left--, story.call++) {
        uint64_t at = below(sum);
        uint32_t which = 0;
        while (at >= weights[which])
            at -= weights[which++];
        calls[which].make(&world);
    }
    if (one_in(20))
        call_move_often(&world);
    if (one_in(4))
        settle_by_flush(&world);
    if (one_in(4))
        settle_by_time(&world);
}

/* What is owed decides whether it can be over at once. */
static lkstats_status_t close_within(int64_t timeout_ms) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    model_close(&world.model);
    const int waits = timeout_ms != LKSTATS_ABANDON && model_owes_any(&world.model);
    story_says("close %lld", (long long)timeout_ms);
    const lkstats_status_t status = must_answer(lkstats_close(world.ctx, timeout_ms, &residue),
                                                ANSWER(waits ? LKSTATS_ETIMEDOUT : LKSTATS_OK));
    model_expect_residue(&world.model, &residue);
    return status;
}

static void play_while_closing(void) {
    static void (*const closing[])(world_t *) = {
        call_new,  call_add, call_resolve_both, call_reset, call_totals, call_stop,      call_run_once,
        call_next, call_ack, call_ack,          call_nack,  call_flush,  call_redeliver, call_track_flush};
    for (uint64_t left = below(20); left > 0; left--, story.call++)
        closing[below(sizeof closing / sizeof *closing)](&world);
}

static lkstats_status_t close_in_rounds(void) {
    lkstats_status_t status = close_within(0);
    for (uint64_t rounds = below(4); status == LKSTATS_ETIMEDOUT && rounds > 0; rounds--) {
        play_while_closing();
        status = close_within(0);
    }
    if (status == LKSTATS_OK || one_in(2))
        return status;
    call_redeliver(&world);
    drain(&world);
    must(!model_owes_any(&world.model), "everything was acknowledged, and something is owed");
    return close_within(0);
}

static void close_context(void) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    if (one_in(4) || close_in_rounds() != LKSTATS_OK)
        close_within(LKSTATS_ABANDON);
    must_answer(lkstats_next(world.ctx, &batch), ANSWER(LKSTATS_EOF));
}

static void play_seed(uint64_t seed) {
    story_begin(seed);
    open_context();
    for (; story.sequence < SEQUENCES; story.sequence++) {
        story.call = 0;
        play_sequence();
    }
    close_context();
}

static void every_byte_is_told_of_the_epoch_it_was_counted_in(void **state) {
    (void)state;
    world.slab.struct_size = sizeof world.slab;
    must_answer(lkstats_slab_attach(LKSTATS_SLAB_VERSION, &world.slab), ANSWER(LKSTATS_OK));
    for (uint64_t seed = 1; !has_only_seed && seed <= SEEDS; seed++)
        play_seed(seed);
    if (has_only_seed)
        play_seed(only_seed);
    model_free(&world.model);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_told_of_the_epoch_it_was_counted_in),
    };
    has_only_seed = count > 1;
    only_seed = has_only_seed ? strtoull(arguments[1], NULL, 0) : 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
