/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal connections that are reset a hundred thousand times while other threads add on them. How the threads
 * get on beside each other is the scheduler's affair; each byte and message is in exactly one epoch, in the
 * one it was counted in, and nothing else is.
 */
#include "resets.h"

#include <sched.h>
#include <stdlib.h>

#include "host.h"

enum { RESETS = HOST_SANITIZED ? 3000 : 100000 };
/* So few that memory for epochs is over after some thousands of resets; sanitized, some hundreds. */
enum { MAX_TRACKS = HOST_SANITIZED ? 64 : 512 };

/* ---- When ---- */

static void open_play(play_t *play) {
    lkstats_options_t options = {
        .struct_size = sizeof options, .report_interval_ms = 100, .max_tracks = MAX_TRACKS};
    const lkstats_signal_options_t from = {
        .struct_size = sizeof from, .country = host_string("NO"), .tenant = host_string("acme")};
    options.flags = play->has_thread ? 0 : LKSTATS_NO_THREAD;
    play->slab.struct_size = sizeof play->slab;
    assert_status(LKSTATS_OK, lkstats_slab_attach(LKSTATS_SLAB_VERSION, &play->slab));
    assert_status(LKSTATS_OK, lkstats_open(&options, &play->ctx));
    for (uint32_t i = 0; i < play->connections_count; i++) {
        connection_t *const connection = &play->connections[i];
        connection->number = i;
        connection->epochs = calloc(play->resets / play->connections_count + 3, sizeof *connection->epochs);
        assert_non_null(connection->epochs);
        assert_status(LKSTATS_OK, lkstats_signal_new(play->ctx, &from, &connection->signal));
    }
}

static void close_play(play_t *play) {
    for (uint32_t i = 0; i < play->connections_count; i++)
        free(play->connections[i].epochs);
}

static void stop_while_they_add(play_t *play, lkstats_traffic_t *final) {
    atomic_store(&play->unpaced, 1);
    for (uint32_t i = 0; i < play->connections_count; i++) {
        lkstats_totals_t totals = {.struct_size = sizeof totals};
        expect(play, lkstats_track_stop(play->connections[i].signal, &totals) == LKSTATS_OK);
        final[i] = totals.traffic;
    }
    atomic_store(&play->finished, 1);
}

static void close_context(play_t *play) {
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    atomic_store(&play->overdue, 1);
    wait_until(play, atomic_load(&play->calm));
    if (atomic_load(&play->faults) == 0)
        expect(play, lkstats_close(play->ctx, HOST_PATIENCE_MS, &residue) == LKSTATS_OK);
    else
        lkstats_close(play->ctx, LKSTATS_ABANDON, NULL);
    expect(play, residue.tracks == 0);
}

static void play_it(play_t *play, lkstats_traffic_t *final) {
    pthread_t adding[ADDERS], resetting, resolving, consuming;
    adder_t adders[ADDERS];
    assert_int_equal(pthread_create(&consuming, NULL, resets_consume, play), 0);
    assert_int_equal(pthread_create(&resolving, NULL, resets_resolve, play), 0);
    for (uint32_t i = 0; i < ADDERS; i++) {
        adders[i] = (adder_t){play, i};
        assert_int_equal(pthread_create(&adding[i], NULL, resets_add, &adders[i]), 0);
    }
    assert_int_equal(pthread_create(&resetting, NULL, resets_reset, play), 0);
    pthread_join(resetting, NULL);
    stop_while_they_add(play, final);
    for (int i = 0; i < ADDERS; i++)
        pthread_join(adding[i], NULL);
    pthread_join(resolving, NULL);
    close_context(play);
    pthread_join(consuming, NULL);
}

/* ---- Then ---- */

static uint64_t returned(const connection_t *connection, int direction) {
    uint64_t sum = 0;
    for (int i = 0; i < ADDERS; i++)
        sum += atomic_load(&connection->adds[i].returned[direction]);
    return sum;
}

/* So far: messages of this epoch and those before. */
static void assert_adds_in_their_epoch(const epoch_t *epoch, uint32_t number, uint64_t *so_far) {
    const lkstats_traffic_t *const in = &epoch->reported;
    assert_int_equal(in->send_bytes, SEND_SIZE * in->send_messages + resets_mark(number, SEND));
    assert_int_equal(in->recv_bytes, RECV_SIZE * in->recv_messages + resets_mark(number, RECV));
    so_far[SEND] += in->send_messages;
    so_far[RECV] += in->recv_messages;
}

static void assert_between_its_resets(const epoch_t *epoch, const uint64_t *so_far) {
    for (int i = 0; i < DIRECTIONS; i++)
        assert_in_range(so_far[i], epoch->least[i], epoch->most[i]);
}

static void assert_each_add_once(const play_t *play, const connection_t *connection,
                                 const lkstats_traffic_t *final) {
    const uint32_t resets =
        (play->resets + play->connections_count - 1 - connection->number) / play->connections_count;
    uint64_t so_far[DIRECTIONS] = {0}, marks[DIRECTIONS] = {0};
    for (uint32_t number = 1; number <= resets + 1; number++) {
        const epoch_t *const epoch = &connection->epochs[number];
        assert_adds_in_their_epoch(epoch, number, so_far);
        if (number <= resets)
            assert_between_its_resets(epoch, so_far);
        for (int i = 0; i < DIRECTIONS; i++)
            marks[i] += resets_mark(number, i);
    }
    assert_int_equal(atomic_load(&connection->left), resets + 1);
    assert_int_equal(so_far[SEND], returned(connection, SEND));
    assert_int_equal(so_far[RECV], returned(connection, RECV));
    assert_traffic(*final, SEND_SIZE * so_far[SEND] + marks[SEND], so_far[SEND],
                   RECV_SIZE * so_far[RECV] + marks[RECV], so_far[RECV]);
}

static void every_add_is_in_its_epoch(play_t *play) {
    lkstats_traffic_t final[SIGNALS_MAX] = {{0}};
    play->resets = RESETS;
    open_play(play);
    play_it(play, final);
    if (atomic_load(&play->faults))
        fail_msg("%u faults, the first: %s", atomic_load(&play->faults), atomic_load(&play->fault));
    for (uint32_t i = 0; i < play->connections_count; i++)
        assert_each_add_once(play, &play->connections[i], &final[i]);
    close_play(play);
}

/* ---- Given ---- */

STORY(every_byte_is_in_one_epoch_beside_a_consumer_that_keeps_up) {
    static play_t play = {.habit = KEEPS_UP, .connections_count = 1, .has_thread = 1};
    every_add_is_in_its_epoch(&play);
    assert_int_equal(atomic_load(&play.refused), 0);
    assert_int_equal(atomic_load(&play.again), 0);
}

STORY(a_stalled_consumer_gets_each_epoch_and_a_refused_reset_changes_nothing) {
    static play_t play = {.habit = STALLS, .connections_count = 1};
    every_add_is_in_its_epoch(&play);
    assert_true(atomic_load(&play.refused) > 0);
}

STORY(batches_given_back_and_answered_late_move_no_byte_to_another_epoch) {
    static play_t play = {.habit = CLUMSY, .connections_count = 3, .has_thread = 1, .has_resolver = 1};
    every_add_is_in_its_epoch(&play);
    assert_true(atomic_load(&play.again) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_in_one_epoch_beside_a_consumer_that_keeps_up),
        cmocka_unit_test(a_stalled_consumer_gets_each_epoch_and_a_refused_reset_changes_nothing),
        cmocka_unit_test(batches_given_back_and_answered_late_move_no_byte_to_another_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
