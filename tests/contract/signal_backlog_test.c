/* SPDX-License-Identifier: Apache-2.0 */
/* A consumer that stands still while connections are reset on and on: epochs queue up in memory, that memory
 * has an end, and it comes back. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"

enum { FEW_TRACKS = 4, EPOCHS_MAX = 200000, ROOM_FOR_NOISE = 256 * 1024 };

static int64_t resident_bytes(void) {
    long size = 0, resident = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

/* A connection, and what was counted in each of its epochs. */
typedef struct connection {
    lkstats_signal_t signal;
    uint32_t epoch;
    uint64_t received[EPOCHS_MAX + 1];
} connection_t;

static connection_t *connection_of(lkstats_t *ctx) {
    connection_t *const of = calloc(1, sizeof *of);
    assert_non_null(of);
    of->signal = host_signal(ctx);
    of->epoch = 1;
    host_resolve(of->signal, "RM_one", "PA_one");
    return of;
}

static void count(connection_t *of, uint64_t bytes) {
    assert_status(LKSTATS_OK, lkstats_add_bytes(of->signal, bytes, 0));
    of->received[of->epoch] += bytes;
}

/* A room move; false: there is no memory for one more epoch. */
static bool move(connection_t *of) {
    const lkstats_status_t status = lkstats_signal_reset(of->signal);
    assert_status_in(LKSTATS_OK, LKSTATS_EFULL, status);
    if (status != LKSTATS_OK)
        return false;
    assert_in_range(++of->epoch, 1, EPOCHS_MAX);
    host_resolve(of->signal, "RM_one", "PA_one");
    return true;
}

/* ---- The longest names -------------------------------------------------------------------------- */

static lkstats_string_t longest(void) {
    static char text[LKSTATS_STRING_MAX];
    memset(text, 'x', sizeof text);
    return (lkstats_string_t){text, sizeof text};
}

static const int32_t details[LKSTATS_KIND_DETAILS_MAX] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                                          -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

static lkstats_track_t longest_track(lkstats_t *ctx) {
    const lkstats_string_t text = longest();
    const lkstats_track_options_t options = {.struct_size = sizeof options,
                                             .participant_kind = -1,
                                             .kind_details = details,
                                             .kind_details_count = LKSTATS_KIND_DETAILS_MAX,
                                             .country = text,
                                             .room_sid = text,
                                             .room_name = text,
                                             .participant_sid = text,
                                             .participant_identity = text,
                                             .tenant = text};
    lkstats_track_t track = 0;
    assert_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
    return track;
}

static lkstats_signal_t longest_signal(lkstats_t *ctx) {
    const lkstats_signal_options_t options = {
        .struct_size = sizeof options, .country = longest(), .tenant = longest()};
    lkstats_signal_t signal = 0;
    assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
    return signal;
}

static void resolve_longest(lkstats_signal_t signal) {
    const lkstats_string_t text = longest();
    const lkstats_room_t room = {.struct_size = sizeof room, .sid = text, .name = text};
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .kind = -1,
                                               .kind_details = details,
                                               .kind_details_count = LKSTATS_KIND_DETAILS_MAX,
                                               .sid = text,
                                               .identity = text};
    assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &room));
    assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &participant));
}

/* Different figures in each epoch, so that a byte in the wrong one shows. */
static void move_until_full(connection_t *of) {
    do
        count(of, 1000 + of->epoch);
    while (move(of));
}

static uint64_t counted(const connection_t *of) {
    uint64_t sum = 0;
    for (uint32_t epoch = 1; epoch <= of->epoch; ++epoch)
        sum += of->received[epoch];
    return sum;
}

/* Of every epoch each record once and in order, and its bytes to the unit. */
static void assert_all_is_told(const host_records_t *all, const connection_t *of) {
    uint32_t over = 0;
    host_assert_gapless(all, of->signal);
    for (size_t i = 0; i < all->count; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        if (!host_is_of(record, of->signal) || record->key.kind != LKSTATS_RECORD_LEFT)
            continue;
        assert_int_equal(record->key.epoch, ++over);
        assert_int_equal(record->running.recv_bytes, of->received[over]);
    }
    assert_int_equal(over, of->epoch - 1);
    const lkstats_traffic_t present = host_sum_of_epoch(all, of->signal, of->epoch);
    assert_int_equal(present.recv_bytes, of->received[of->epoch]);
}

STORY(a_reset_without_memory_changes_nothing) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    connection_t *const of = connection_of(ctx);
    host_records_t all = {0};

    /* Given a consumer that stands still until there is no memory for one more epoch, */
    move_until_full(of);
    assert_true(of->epoch > FEW_TRACKS);

    /* when it is tried again and again, */
    for (int tick = 1; tick <= 10; ++tick) {
        assert_status(LKSTATS_EFULL, lkstats_signal_reset(of->signal));
        assert_status(LKSTATS_ERESOLVED, host_resolve_room(of->signal, "RM_other"));
        assert_status(LKSTATS_ERESOLVED, host_resolve_participant(of->signal, "PA_other"));
        count(of, 7);
        host_tick(ctx, tick);
        const lkstats_totals_t totals = host_totals(of->signal);
        assert_traffic(totals.traffic, 0, 0, counted(of), of->epoch + (uint64_t)tick);
    }

    /* then all is told as if it had not been, and the present epoch goes on. */
    const uint32_t present = of->epoch;
    host_settle(ctx, 10 * HOST_TICK_NS, &all);
    host_settle(ctx, 11 * HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    count(of, 1);
    assert_true(move(of));
    assert_int_equal(of->epoch, present + 1);
    host_settle(ctx, 12 * HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

STORY(each_left_that_is_acknowledged_makes_room_for_one_more) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    connection_t *const of = connection_of(ctx);
    host_records_t all = {0};
    move_until_full(of);
    for (uint32_t epoch = 1; epoch <= 50; ++epoch) {
        for (int step = 0; step < 2; ++step) { /* joined; traffic and left */
            assert_status(LKSTATS_EFULL, lkstats_signal_reset(of->signal));
            host_run(ctx, epoch);
            const lkstats_batch_t batch = host_take(ctx);
            host_keep(&all, &batch);
            assert_status(LKSTATS_OK, lkstats_ack(&batch));
        }
        assert_int_equal(all.items[all.count - 1].key.epoch, epoch);
        assert_int_equal(all.items[all.count - 1].key.kind, LKSTATS_RECORD_LEFT);
        host_run(ctx, epoch);
        assert_true(move(of));
        count(of, epoch);
    }
    host_settle(ctx, 1 * HOST_TICK_NS, &all);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

STORY(whoever_has_a_place_has_it_for_the_longest_names) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    const lkstats_signal_t signal = longest_signal(ctx), plain = host_signal(ctx);
    connection_t *const of = connection_of(ctx);
    host_records_t all = {0};
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 7, 1));
    move_until_full(of);

    resolve_longest(signal);
    resolve_longest(plain);
    assert_status(LKSTATS_EFULL, lkstats_signal_reset(signal)); /* it has none for one more epoch */
    host_settle(ctx, 0, &all);
    host_settle(ctx, HOST_TICK_NS, &all);
    host_assert_gapless(&all, signal);
    assert_int_equal(host_count(&all, signal), 2);
    const lkstats_record_t *const traffic = host_find(&all, signal, 2);
    assert_traffic(traffic->running, 7, 1, 0, 0);
    assert_int_equal(traffic->room_sid.size, LKSTATS_STRING_MAX);
    assert_int_equal(traffic->participant_identity.size, LKSTATS_STRING_MAX);
    assert_memory_equal(traffic->participant_identity.data, longest().data, LKSTATS_STRING_MAX);
    assert_int_equal(host_count_kind(&all, plain, LKSTATS_RECORD_JOINED), 1);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

STORY(a_backlog_takes_nobodys_place) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    connection_t *const of = connection_of(ctx);
    host_records_t all = {0};
    move_until_full(of);
    longest_track(ctx);
    resolve_longest(longest_signal(ctx));
    longest_track(ctx);
    host_settle(ctx, 0, &all);
    host_settle(ctx, HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

/* Nor with what a track has given up that was short, when the next one is not. */
STORY(a_backlog_takes_no_place_that_comes_free_either) {
    enum { TRACKS = 2, ROUNDS = 5 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = TRACKS});
    connection_t *const of = connection_of(ctx);
    lkstats_track_t other = host_track(ctx, "PA");
    host_records_t all = {0};
    int64_t tick = 0;
    for (int round = 0; round < ROUNDS; ++round) {
        move_until_full(of);
        assert_status(LKSTATS_OK, lkstats_track_stop(other, NULL)); /* of which nothing is owed */
        for (int rest = 0; rest < 5; ++rest)
            host_tick(ctx, ++tick);
        other = round % 2 == 0 ? longest_track(ctx) : host_track(ctx, "PA");
        assert_status(LKSTATS_EFULL, lkstats_signal_reset(of->signal));
    }
    host_settle(ctx, ++tick * HOST_TICK_NS, &all);
    host_settle(ctx, ++tick * HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

STORY(with_the_longest_names_everybody_moves_while_the_old_left_is_owed) {
    enum { TRACKS_MOST = 3, MOVES = 20 };
    for (uint32_t tracks = 1; tracks <= TRACKS_MOST; ++tracks) {
        lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = tracks});
        lkstats_signal_t signals[TRACKS_MOST];
        host_records_t all = {0};
        for (uint32_t i = 0; i < tracks; ++i) {
            signals[i] = longest_signal(ctx);
            resolve_longest(signals[i]);
        }
        for (int64_t move = 0; move < MOVES; ++move) {
            for (uint32_t i = 0; i < tracks; ++i) {
                assert_status(LKSTATS_OK, lkstats_add_bytes(signals[i], 10, 0));
                assert_status(LKSTATS_OK, lkstats_signal_reset(signals[i]));
                resolve_longest(signals[i]);
            }
            host_settle(ctx, move * HOST_SECOND, &all);
        }
        for (uint32_t i = 0; i < tracks; ++i) {
            host_assert_gapless(&all, signals[i]);
            assert_int_equal(host_count_kind(&all, signals[i], LKSTATS_RECORD_LEFT), MOVES);
        }
        host_records_free(&all);
        host_done(ctx);
    }
}

STORY(a_backlog_of_one_holds_up_no_report_of_others) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    connection_t *const of = connection_of(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_data");
    const lkstats_signal_t other = host_signal(ctx);
    host_records_t all = {0};
    move_until_full(of);
    host_run(ctx, 0);
    const lkstats_batch_t stalled = host_take(ctx);

    host_resolve(other, "RM_other", "PA_other");
    assert_status(LKSTATS_OK, lkstats_add_bytes(track, 7, 1));
    assert_status(LKSTATS_OK, lkstats_add_bytes(other, 8, 1));
    host_settle(ctx, 0, &all);
    host_settle(ctx, HOST_TICK_NS, &all);
    const lkstats_traffic_t sums[] = {host_sum(&all, track), host_sum(&all, other)};
    assert_traffic(sums[0], 7, 1, 0, 0);
    assert_traffic(sums[1], 8, 1, 0, 0);
    assert_int_equal(host_count(&all, of->signal), 0);

    host_keep(&all, &stalled);
    assert_status(LKSTATS_OK, lkstats_ack(&stalled));
    host_settle(ctx, HOST_TICK_NS, &all);
    host_settle(ctx, 2 * HOST_TICK_NS, &all);
    assert_all_is_told(&all, of);
    host_records_free(&all);
    free(of);
    host_done(ctx);
}

STORY(thousands_of_resets_during_a_stall_are_all_there_afterwards) {
    enum { RESETS = HOST_SANITIZED ? 2000 : 20000, CONNECTIONS = 3 };
    lkstats_t *const ctx = host_open();
    connection_t *of[CONNECTIONS];
    host_records_t all = {0};
    for (int i = 0; i < CONNECTIONS; ++i)
        of[i] = connection_of(ctx);
    for (uint64_t i = 0; i < RESETS; ++i)
        for (uint64_t n = 0; n < CONNECTIONS; ++n) {
            count(of[n], 1 + 1000 * n + i);
            assert_true(move(of[n]));
            if (i % 100 == 0)
                host_run(ctx, (int64_t)i * HOST_SECOND);
        }

    /* Given back, forgotten and answered late in between. */
    const int64_t end = (int64_t)RESETS * HOST_SECOND;
    for (int i = 0;; ++i) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        host_run(ctx, end);
        if (lkstats_next(ctx, &batch) == LKSTATS_EAGAIN)
            break;
        if (i % 7 == 3) {
            assert_status(LKSTATS_OK, lkstats_nack(&batch));
            continue;
        }
        const lkstats_batch_t late = batch;
        if (i % 7 == 5) {
            assert_status(LKSTATS_OK, lkstats_redeliver(ctx));
            batch = host_take(ctx);
        }
        host_keep(&all, &batch);
        assert_status(LKSTATS_OK, lkstats_ack(&batch));
        if (i % 7 == 5)
            assert_status(LKSTATS_OK, lkstats_ack(&late));
    }
    for (int i = 0; i < CONNECTIONS; ++i) {
        assert_int_equal(of[i]->epoch, RESETS + 1);
        assert_all_is_told(&all, of[i]);
        free(of[i]);
    }
    host_records_free(&all);
    host_done(ctx);
}

STORY(resets_cost_no_memory_while_the_consumer_keeps_up) {
    enum { RESETS = HOST_SANITIZED ? 10000 : 100000, SETTLED = 1000 };
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = FEW_TRACKS});
    const lkstats_signal_t signal = host_signal(ctx);
    size_t heap = 0;
    int64_t resident = 0;
    for (uint32_t epoch = 1; epoch <= RESETS; ++epoch) {
        host_records_t all = {0};
        host_resolve(signal, "RM_one", epoch % 2 ? "PA_odd" : "PA_even");
        assert_status(LKSTATS_OK, lkstats_add_bytes(signal, epoch, 0));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        host_settle(ctx, epoch, &all);
        assert_int_equal(all.count, 3);
        for (uint32_t i = 0; i < 3; ++i) {
            static const uint32_t kinds[] = {LKSTATS_RECORD_JOINED, LKSTATS_RECORD_TRAFFIC,
                                             LKSTATS_RECORD_LEFT};
            assert_int_equal(all.items[i].key.epoch, epoch);
            assert_int_equal(all.items[i].key.kind, kinds[i]);
            assert_int_equal(all.items[i].running.recv_bytes, i == 0 ? 0 : epoch);
            assert_true(host_string_is(all.items[i].participant_sid, epoch % 2 ? "PA_odd" : "PA_even"));
        }
        host_records_free(&all);
        if (epoch == SETTLED) {
            heap = mallinfo2().uordblks;
            resident = resident_bytes();
        }
    }
    assert_true(mallinfo2().uordblks <= heap + ROOM_FOR_NOISE);
    if (!HOST_SANITIZED)
        assert_true(resident_bytes() <= resident + ROOM_FOR_NOISE);
    const lkstats_totals_t totals = host_totals(signal);
    assert_traffic(totals.traffic, 0, 0, (uint64_t)RESETS * (RESETS + 1) / 2, RESETS);
    host_done(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_without_memory_changes_nothing),
        cmocka_unit_test(each_left_that_is_acknowledged_makes_room_for_one_more),
        cmocka_unit_test(whoever_has_a_place_has_it_for_the_longest_names),
        cmocka_unit_test(a_backlog_takes_nobodys_place),
        cmocka_unit_test(a_backlog_takes_no_place_that_comes_free_either),
        cmocka_unit_test(with_the_longest_names_everybody_moves_while_the_old_left_is_owed),
        cmocka_unit_test(a_backlog_of_one_holds_up_no_report_of_others),
        cmocka_unit_test(thousands_of_resets_during_a_stall_are_all_there_afterwards),
        cmocka_unit_test(resets_cost_no_memory_while_the_consumer_keeps_up),
    };
    return cmocka_run_group_tests_name("signal_backlog", tests, NULL, NULL);
}
