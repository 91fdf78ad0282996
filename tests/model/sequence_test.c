/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random sequences of calls, each answer and each record held against a plain model. A seed is two
 * contexts, one after the other, with many sequences each, since what a sequence leaves behind is the next
 * one's start. With a seed as argument only that one is run.
 */
#include "story.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SEEDS = 200, CONTEXTS = 2, SEQUENCES = 25 };

static const struct {
    void (*make)(world_t *);
    uint32_t weight;
} calls[] = {
    {call_track_new, 8},
    {call_track_new_invalid, 1},
    {call_add, 30},
    {call_add_refused, 1},
    {call_totals, 4},
    {call_stop, 6},
    {call_on_no_track, 1},
    {call_run_once, 14},
    {call_run_backwards, 1},
    {call_track_flush, 3},
    {call_flush, 2},
    {call_next, 12},
    {call_ack, 10},
    {call_nack, 3},
    {call_answer_twice, 1},
    {call_answer_forged, 1},
    {call_redeliver, 1},
    {call_flush_invalid, 1},
    {call_analytics_stats, 2},
};
enum { CALLS = sizeof calls / sizeof *calls };

static world_t world;
static uint64_t only_seed;
static int has_only_seed;

/* Each sequence has a temper of its own: one hardly answers, another only counts. */
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
    if (one_in(3))
        settle_everything(&world);
}

static void play_seed(uint64_t seed) {
    story_begin(seed);
    world.bygone_count = 0;
    for (int context = 0; context < CONTEXTS; context++) {
        world_open(&world);
        for (int i = 0; i < SEQUENCES; i++, story.sequence++) {
            story.call = 0;
            play_sequence();
        }
        world_close(&world);
    }
}

static void every_sequence_of_calls_agrees_with_a_plain_model(void **state) {
    (void)state;
    world.slab.struct_size = sizeof world.slab;
    must_answer(lkstats_slab_attach(LKSTATS_SLAB_VERSION, &world.slab), ANSWER(LKSTATS_OK));
    world_meet_stranger(&world);
    for (uint64_t seed = 1; !has_only_seed && seed <= SEEDS; seed++)
        play_seed(seed);
    if (has_only_seed)
        play_seed(only_seed);
    world_leave_stranger(&world);
    model_free(&world.model);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_of_calls_agrees_with_a_plain_model),
    };
    has_only_seed = count > 1;
    only_seed = has_only_seed ? strtoull(arguments[1], NULL, 0) : 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
