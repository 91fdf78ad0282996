/* SPDX-License-Identifier: Apache-2.0 */
/* A signal connection as somebody sees it who has nothing but the shared memory: link, record, the record
 * before, and whose each of them is. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "viewer.h"

#include "host.h"

enum { EPOCHS_MAX = 8 };

/* What another process sees of one connection. */
typedef struct sight {
    lkstats_slab_slot_t slot;
    lkstats_traffic_t counted;
    uint64_t count;
    viewer_epoch_t epochs[EPOCHS_MAX]; /* the newest first */
} sight_t;

static int look(long pid, lkstats_signal_t signal) {
    static sight_t sight;
    viewer_t viewer;
    viewer_start(&viewer, pid);
    const lkstats_slab_slot_t *const slot = viewer_slot(&viewer, signal);
    sight.slot = *slot;
    sight.counted = viewer_glance(slot);
    sight.count = viewer_epochs(&viewer, signal, sight.epochs, EPOCHS_MAX);
    viewer_stop(&viewer);
    return viewer_tell(&sight, sizeof sight);
}

static const sight_t *sight_of(lkstats_signal_t signal) {
    static sight_t sight;
    viewer_elsewhere(signal, &sight, sizeof sight);
    return &sight;
}

static bool is_known(const viewer_epoch_t *epoch, uint64_t bits) {
    const uint64_t both = LKSTATS_SLAB_ROOM_KNOWN | LKSTATS_SLAB_PARTICIPANT_KNOWN;
    return (epoch->record.control & both) == bits;
}

static bool is_pending(const viewer_epoch_t *epoch) {
    return viewer_has(&epoch->record, LKSTATS_SLAB_PENDING);
}

static void assert_is_of(const viewer_epoch_t *epoch, const char *room, const char *participant,
                         const char *track_id) {
    viewer_assert_connection(epoch, host_string(""), host_string("acme"));
    viewer_assert_room(epoch, host_string(room), host_string(room));
    viewer_assert_participant(epoch, host_string(participant), host_string(participant),
                              host_string(track_id));
}

/* Nothing frozen, nothing counted before it. */
static void assert_new(const viewer_epoch_t *epoch, uint32_t number) {
    assert_int_equal(epoch->record.epoch, number);
    assert_true(viewer_has(&epoch->record, LKSTATS_SLAB_FIRST));
    assert_int_equal(viewer_channel(&epoch->record), LKSTATS_CHANNEL_SIGNAL);
    assert_int_equal(viewer_sequence(&epoch->record), 0);
    assert_false(is_pending(epoch));
    assert_false(viewer_has(&epoch->record, LKSTATS_SLAB_UNATTRIBUTED));
}

/* ---- Whose it is -------------------------------------------------------------------------------- */

STORY(a_connection_counts_before_anybody_knows_whose_it_is) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 700, 3, 1));
    host_tick(ctx, 1);

    const sight_t *sight = sight_of(signal);
    assert_int_equal(sight->slot.state, LKSTATS_SLAB_LIVE + (signal & 0xffffff));
    assert_int_equal(sight->slot.epoch, 1);
    assert_int_equal(sight->count, 1);
    assert_int_equal(sight->epochs[0].record.slot, signal & 0xffffff);
    assert_int_equal(sight->epochs[0].record.tag, signal >> 32);
    assert_int_equal(sight->epochs[0].record.start.monotonic_ns, HOST_START_NS);
    assert_int_equal(sight->epochs[0].record.start.wall_ns, HOST_START_WALL_NS);
    assert_new(&sight->epochs[0], 1);
    assert_true(is_known(&sight->epochs[0], 0));
    viewer_assert_connection(&sight->epochs[0], host_string(""), host_string("acme"));
    assert_traffic(sight->epochs[0].record.base, 0, 0, 0, 0);
    assert_traffic(sight->counted, 700, 3, 0, 0);
    host_done(ctx);
}

STORY(each_part_is_known_once_it_is_written) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t one = host_signal(ctx), other = host_signal(ctx);

    assert_status(LKSTATS_OK, host_resolve_room(one, "RM_one"));
    host_tick(ctx, 1);
    const sight_t *sight = sight_of(one);
    assert_new(&sight->epochs[0], 1);
    assert_true(is_known(&sight->epochs[0], LKSTATS_SLAB_ROOM_KNOWN));
    viewer_assert_room(&sight->epochs[0], host_string("RM_one"), host_string("RM_one"));

    assert_status(LKSTATS_OK, host_resolve_participant(other, "PA_other"));
    host_tick(ctx, 2);
    sight = sight_of(other);
    assert_new(&sight->epochs[0], 1);
    assert_true(is_known(&sight->epochs[0], LKSTATS_SLAB_PARTICIPANT_KNOWN));
    viewer_assert_participant(&sight->epochs[0], host_string("PA_other"), host_string("PA_other"),
                              host_string("TR_SGPA_other"));

    assert_status(LKSTATS_OK, host_resolve_participant(one, "PA_one"));
    assert_status(LKSTATS_OK, host_resolve_room(other, "RM_other"));
    assert_is_of(&sight_of(one)->epochs[0], "RM_one", "PA_one", "TR_SGPA_one");
    assert_is_of(&sight_of(other)->epochs[0], "RM_other", "PA_other", "TR_SGPA_other");
    host_done(ctx);
}

/* Resolves with strings of that size, in one order or the other, and looks after each step. */
static void assert_readable(viewer_t *viewer, lkstats_signal_t signal, lkstats_string_t own, size_t size,
                            bool room_first) {
    static viewer_epoch_t epoch;
    char text[LKSTATS_STRING_MAX], track_id[LKSTATS_STRING_MAX + 5] = "TR_SG";
    memset(text, 'a' + (int)(size % 26), size);
    memcpy(track_id + 5, text, size);
    const lkstats_string_t string = {text, size}, id = {track_id, size + 5};
    const lkstats_room_t room = {.struct_size = sizeof room, .sid = string, .name = string};
    const int32_t details[] = {INT32_MIN, -1, INT32_MAX};
    const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                               .kind = -1,
                                               .kind_details = details,
                                               .kind_details_count = 3,
                                               .sid = string,
                                               .identity = string};
    for (int step = 0; step < 2; ++step) {
        if ((step == 0) == room_first)
            assert_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &room));
        else
            assert_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &participant));
        assert_int_equal(viewer_epochs(viewer, signal, &epoch, 1), 1);
        viewer_assert_connection(&epoch, own, own);
        if (step == 1 || room_first)
            viewer_assert_room(&epoch, string, string);
        if (step == 1 || !room_first)
            viewer_assert_participant(&epoch, string, string, id);
    }
}

STORY(a_viewer_reads_who_each_epoch_is_however_long_the_names) {
    static const size_t sizes_of_own[] = {0, 1, 60, 94, 95, 96, 97, LKSTATS_STRING_MAX};
    lkstats_t *const ctx = host_open();
    viewer_t viewer;
    host_records_t all = {0};
    char text[LKSTATS_STRING_MAX];
    int64_t tick = 0;
    memset(text, '#', sizeof text);
    viewer_start(&viewer, getpid());
    for (size_t i = 0; i < sizeof sizes_of_own / sizeof sizes_of_own[0]; ++i) {
        const lkstats_string_t own = {text, sizes_of_own[i]};
        const lkstats_signal_options_t options = {
            .struct_size = sizeof options, .country = own, .tenant = own};
        lkstats_signal_t signal = 0;
        assert_status(LKSTATS_OK, lkstats_signal_new(ctx, &options, &signal));
        for (size_t size = 1; size <= LKSTATS_STRING_MAX; size += 17) {
            assert_readable(&viewer, signal, own, size, size % 2 != 0);
            assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
            for (int answers = 0; answers < 2; ++answers) {
                host_tick(ctx, ++tick);
                host_drain(ctx, &all);
            }
        }
        assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    }
    host_records_free(&all);
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(a_reset_before_both_are_known_forgets_and_cuts_nothing) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    assert_status(LKSTATS_OK, lkstats_add_bytes(signal, 100, 0));
    assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_wrong"));
    const sight_t *sight = sight_of(signal);
    const uint32_t record = sight->slot.record;

    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    host_tick(ctx, 1);
    sight = sight_of(signal);
    assert_int_equal(sight->slot.record, record);
    assert_int_equal(sight->slot.epoch, 1);
    assert_int_equal(sight->count, 1);
    assert_new(&sight->epochs[0], 1);
    assert_true(is_known(&sight->epochs[0], 0));
    assert_traffic(sight->epochs[0].record.base, 0, 0, 0, 0);
    assert_int_equal(sight->epochs[0].record.start.monotonic_ns, HOST_START_NS);

    host_resolve(signal, "RM_right", "PA_right");
    sight = sight_of(signal);
    assert_int_equal(sight->slot.record, record);
    assert_is_of(&sight->epochs[0], "RM_right", "PA_right", "TR_SGPA_right");
    host_done(ctx);
}

/* Whoever looked at the name of a room in between tells by the count that it may be another's by now. */
STORY(a_name_that_was_forgotten_is_told_from_the_one_after) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    viewer_t viewer;
    static viewer_epoch_t before, after;
    viewer_start(&viewer, getpid());
    for (uint32_t times = 0; times < 10; ++times) {
        assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_one"));
        assert_int_equal(viewer_epochs(&viewer, signal, &before, 1), 1);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
        assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_two"));
        assert_int_equal(viewer_epochs(&viewer, signal, &after, 1), 1);

        assert_true(is_known(&before, LKSTATS_SLAB_ROOM_KNOWN) && is_known(&after, LKSTATS_SLAB_ROOM_KNOWN));
        assert_int_equal(viewer_forgotten(&before.record), 2 * times);
        assert_int_equal(viewer_forgotten(&after.record), 2 * times + 1);
        assert_new(&after, 1);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    viewer_stop(&viewer);
    host_done(ctx);
}

STORY(what_is_forgotten_takes_no_memory) {
    lkstats_t *const ctx = host_open_with((lkstats_options_t){.max_tracks = 1});
    const lkstats_signal_t signal = host_signal(ctx);
    viewer_t viewer;
    static viewer_epoch_t epoch;
    char sid[LKSTATS_STRING_MAX + 1] = {0};
    viewer_start(&viewer, getpid());
    for (int round = 0; round < 1000; ++round) {
        memset(sid, 'a' + round % 26, LKSTATS_STRING_MAX);
        assert_status(LKSTATS_OK, round % 2 != 0 ? host_resolve_room(signal, sid)
                                                 : host_resolve_participant(signal, sid));
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    host_resolve(signal, sid, "PA_last");
    assert_int_equal(viewer_epochs(&viewer, signal, &epoch, 1), 1);
    assert_is_of(&epoch, sid, "PA_last", "TR_SGPA_last");
    viewer_stop(&viewer);
    host_done(ctx);
}

/* ---- Reports ------------------------------------------------------------------------------------ */

/* The one freeze that is on its way, its records compared with what another process sees; acknowledged. */
static uint32_t assert_on_its_way(lkstats_t *ctx, lkstats_signal_t signal, uint32_t records) {
    const lkstats_batch_t batch = host_take(ctx);
    const sight_t *const sight = sight_of(signal);
    const lkstats_slab_record_t *const oldest = &sight->epochs[sight->count - 1].record;
    assert_true(sight->count > 0);
    assert_int_equal(batch.record_count, records);
    for (uint32_t i = 0; i < records; ++i)
        viewer_assert_report(oldest, &batch.records[i]);
    const uint32_t flags = viewer_pending(oldest)->flags;
    assert_status(LKSTATS_OK, lkstats_ack(&batch));
    return flags;
}

STORY(a_snapshot_says_whether_it_is_joined_or_left) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 5000, 7, 1));
    host_resolve(signal, "RM_a", "PA_a");

    /* Joined comes first, and alone. */
    host_tick(ctx, 1);
    const lkstats_slab_record_t *record = &sight_of(signal)->epochs[0].record;
    assert_traffic(viewer_pending(record)->traffic, 0, 0, 0, 0);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), LKSTATS_SLAB_JOINED);

    host_tick(ctx, 2);
    record = &sight_of(signal)->epochs[0].record;
    assert_true(viewer_acknowledged(record)->flags == LKSTATS_SLAB_JOINED);
    assert_traffic(viewer_pending(record)->traffic, 5000, 7, 0, 0);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), 0);

    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 60, 2, 0));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    host_tick(ctx, 3);
    record = &sight_of(signal)->epochs[0].record;
    assert_traffic(viewer_pending(record)->traffic, 5000, 7, 60, 2);
    assert_int_equal(assert_on_its_way(ctx, signal, 2), LKSTATS_SLAB_LEFT);

    const sight_t *const sight = sight_of(signal);
    assert_int_equal(sight->count, 0);
    assert_int_equal(sight->slot.record, 0);
    assert_int_equal(sight->slot.tag, signal >> 32);
    host_done(ctx);
}

STORY(who_leaves_in_silence_says_left_alone) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_resolve(signal, "RM_a", "PA_a");
    host_tick(ctx, 1);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), LKSTATS_SLAB_JOINED);
    host_tick(ctx, 2);
    assert_false(is_pending(&sight_of(signal)->epochs[0])); /* left needs an end */
    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    host_tick(ctx, 3);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), LKSTATS_SLAB_LEFT);
    host_done(ctx);
}

STORY(who_is_known_late_left_when_the_connection_stopped) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    lkstats_totals_t final = {.struct_size = sizeof final};
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 80, 2, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, &final));
    host_tick(ctx, 2);
    host_resolve(signal, "RM_late", "PA_late");
    host_tick(ctx, 3);
    const sight_t *const sight = sight_of(signal);
    viewer_assert_same(viewer_written(&sight->epochs[0].record), final.traffic);
    assert_memory_equal(&sight->epochs[0].record.end, &final.at, sizeof final.at);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), LKSTATS_SLAB_JOINED);
    host_tick(ctx, 4);
    assert_int_equal(assert_on_its_way(ctx, signal, 2), LKSTATS_SLAB_LEFT);
    assert_int_equal(sight_of(signal)->count, 0);
    host_done(ctx);
}

STORY(what_nobody_owns_is_marked) {
    enum { INTERVALS = 6 };
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    assert_status(LKSTATS_OK, host_resolve_room(signal, "RM_known"));
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 40, 2, 1));
    assert_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    for (int tick = 1; tick < INTERVALS; ++tick)
        host_tick(ctx, tick);
    const sight_t *sight = sight_of(signal);
    assert_int_equal(sight->slot.state, LKSTATS_SLAB_CLOSED + (signal & 0xffffff));
    assert_new(&sight->epochs[0], 1);

    host_tick(ctx, INTERVALS + 1);
    sight = sight_of(signal);
    assert_true(viewer_has(&sight->epochs[0].record, LKSTATS_SLAB_UNATTRIBUTED));
    assert_true(is_known(&sight->epochs[0], LKSTATS_SLAB_ROOM_KNOWN));
    assert_traffic(viewer_pending(&sight->epochs[0].record)->traffic, 40, 2, 0, 0);
    assert_int_equal(assert_on_its_way(ctx, signal, 1), 0);
    assert_int_equal(sight_of(signal)->count, 0);
    host_done(ctx);
}

/* ---- One epoch after the other ------------------------------------------------------------------ */

STORY(a_reset_moves_the_link_and_nothing_else_of_the_slot) {
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    host_resolve(signal, "RM_a", "PA_a");
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 900, 4, 1));
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 30, 1, 0));
    host_tick(ctx, 1);
    host_drain(ctx, &all); /* joined */
    const lkstats_slab_slot_t before = sight_of(signal)->slot;
    host_run(ctx, HOST_TICK_NS + HOST_SECOND / 2);
    const lkstats_totals_t totals = host_totals(signal);

    assert_status(LKSTATS_OK, lkstats_signal_reset(signal));

    const sight_t *const sight = sight_of(signal);
    assert_int_equal(sight->slot.state, before.state);
    assert_int_equal(sight->slot.tag, before.tag);
    assert_memory_equal(sight->slot.word, before.word, sizeof before.word);
    assert_memory_equal(sight->slot.carry, before.carry, sizeof before.carry);
    assert_int_equal(sight->slot.epoch, 2);
    assert_int_not_equal(sight->slot.record, before.record);

    assert_int_equal(sight->count, 2);
    const viewer_epoch_t *const new = &sight->epochs[0], *const old = &sight->epochs[1];
    assert_new(new, 2);
    assert_true(is_known(new, 0));
    assert_int_equal(new->record.previous, before.record);
    assert_int_equal(new->record.slot, signal & 0xffffff);
    assert_int_equal(new->record.tag, signal >> 32);
    viewer_assert_connection(new, host_string(""), host_string("acme"));
    assert_int_equal(old->record.epoch, 1);
    assert_int_equal(old->record.previous, 0);
    assert_is_of(old, "RM_a", "PA_a", "TR_SGPA_a");

    /* What the old one ends with is what the new one begins with. */
    assert_traffic(new->record.base, 900, 4, 30, 1);
    viewer_assert_same(viewer_written(&old->record), new->record.base);
    assert_memory_equal(&old->record.end, &totals.at, sizeof totals.at);
    assert_memory_equal(&new->record.start, &totals.at, sizeof totals.at);
    host_records_free(&all);
    host_done(ctx);
}

/* Nobody answers: each epoch stays, with its own bytes and its own people. */
STORY(a_stalled_consumer_keeps_the_whole_chain) {
    enum { ENDED = EPOCHS_MAX - 1 };
    static const char *const rooms[] = {"RM_1", "RM_2", "RM_3", "RM_4", "RM_5", "RM_6", "RM_7"};
    static const char *const people[] = {"PA_1", "PA_2", "PA_3", "PA_4", "PA_5", "PA_6", "PA_7"};
    static const char *const ids[] = {"TR_SGPA_1", "TR_SGPA_2", "TR_SGPA_3", "TR_SGPA_4",
                                      "TR_SGPA_5", "TR_SGPA_6", "TR_SGPA_7"};
    lkstats_t *const ctx = host_open();
    const lkstats_signal_t signal = host_signal(ctx);
    host_records_t all = {0};
    int64_t tick = 0;
    for (uint64_t i = 0; i < ENDED; ++i) {
        host_resolve(signal, rooms[i], people[i]);
        assert_status(LKSTATS_OK, lkstats_add_messages(signal, UINT64_C(1000) << i, 1 + i, i % 2 != 0));
        host_tick(ctx, ++tick);
        assert_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
    assert_status(LKSTATS_OK, lkstats_add_messages(signal, 7, 1, 1));
    host_tick(ctx, ++tick);

    const sight_t *sight = sight_of(signal);
    assert_int_equal(sight->count, ENDED + 1);
    viewer_assert_same(sight->counted, host_totals(signal).traffic);
    assert_new(&sight->epochs[0], ENDED + 1);
    const lkstats_traffic_t last = viewer_difference(sight->counted, sight->epochs[0].record.base);
    assert_traffic(last, 7, 1, 0, 0);
    for (uint32_t number = 1; number <= ENDED; ++number) {
        const viewer_epoch_t *const epoch = &sight->epochs[ENDED + 1 - number], *const next = epoch - 1;
        const uint64_t bytes = UINT64_C(500) << number, sent = number % 2 == 0;
        const lkstats_traffic_t own = viewer_difference(next->record.base, epoch->record.base);
        assert_int_equal(epoch->record.epoch, number);
        assert_traffic(own, sent * bytes, sent * number, !sent * bytes, !sent * number);
        assert_memory_equal(&next->record.start, &epoch->record.end, sizeof epoch->record.end);
        assert_is_of(epoch, rooms[number - 1], people[number - 1], ids[number - 1]);
        assert_int_equal(is_pending(epoch), number == 1); /* the oldest one only is on its way */
    }

    /* With the answers the chain goes, from its old end. */
    for (uint64_t count = ENDED + 1; count > 1; count = sight->count) {
        assert_true(tick < 100);
        host_tick(ctx, ++tick);
        host_drain(ctx, &all);
        sight = sight_of(signal);
        assert_in_range(sight->count, 1, count);
        assert_int_equal(sight->epochs[sight->count - 1].record.previous, 0);
        assert_int_equal(sight->epochs[0].record.epoch, ENDED + 1);
        for (uint64_t i = 1; i < sight->count; ++i)
            viewer_assert_same(viewer_written(&sight->epochs[i].record), sight->epochs[i - 1].record.base);
    }
    host_assert_gapless(&all, signal);
    for (uint32_t number = 1; number <= ENDED; ++number) {
        const lkstats_traffic_t reported = host_sum_of_epoch(&all, signal, number);
        assert_int_equal(reported.send_bytes + reported.recv_bytes, UINT64_C(500) << number);
        assert_int_equal(reported.send_messages + reported.recv_messages, number);
    }
    assert_int_equal(host_count_kind(&all, signal, LKSTATS_RECORD_LEFT), ENDED);
    host_records_free(&all);
    host_done(ctx);
}

/* ---- Beside the host ---------------------------------------------------------------------------- */

enum { SEEN_ENOUGH = 200 };

typedef struct onlooker {
    viewer_t viewer;
    lkstats_signal_t signal;
    _Atomic uint32_t seen; /* epochs */
    _Atomic bool over;
} onlooker_t;

/* The host counts as many bytes in an epoch as its number says, and names the room after it. */
static void *look_on(void *argument) {
    onlooker_t *const onlooker = argument;
    viewer_epoch_t *const epoch = malloc(sizeof *epoch);
    uint32_t newest = 0;
    require(epoch != NULL);
    while (!atomic_load(&onlooker->over)) {
        require(viewer_epochs(&onlooker->viewer, onlooker->signal, epoch, 1) == 1);
        const uint64_t number = epoch->record.epoch;
        require(epoch->record.slot == (onlooker->signal & 0xffffff));
        require(epoch->record.tag == onlooker->signal >> 32);
        require(epoch->record.base.send_bytes == number * (number - 1) / 2);
        require(epoch->record.base.send_messages == number - 1);
        require(number >= newest);
        if (viewer_has(&epoch->record, LKSTATS_SLAB_ROOM_KNOWN)) {
            char sid[32];
            snprintf(sid, sizeof sid, "RM_%llu", (unsigned long long)number);
            require(viewer_is_room(epoch, sid));
        }
        if (number > newest)
            atomic_fetch_add(&onlooker->seen, 1);
        newest = (uint32_t)number;
    }
    free(epoch);
    return NULL;
}

STORY(whoever_looks_during_resets_sees_whole_epochs) {
    lkstats_t *const ctx = host_open();
    onlooker_t onlooker = {.signal = host_signal(ctx)};
    pthread_t thread;
    viewer_start(&onlooker.viewer, getpid());
    assert_int_equal(pthread_create(&thread, NULL, look_on, &onlooker), 0);
    for (uint64_t number = 1; atomic_load(&onlooker.seen) < SEEN_ENOUGH; ++number) {
        char sid[32];
        host_records_t all = {0};
        snprintf(sid, sizeof sid, "RM_%llu", (unsigned long long)number);
        host_resolve(onlooker.signal, sid, "PA_moves");
        require_status(LKSTATS_OK, lkstats_add_bytes(onlooker.signal, number, 1));
        require_status(LKSTATS_OK, lkstats_signal_reset(onlooker.signal));
        for (int64_t answers = 0; answers < 2; ++answers) {
            host_run(ctx, (2 * (int64_t)number + answers) * (HOST_SECOND / 10));
            host_drain(ctx, &all);
        }
        host_records_free(&all);
    }
    atomic_store(&onlooker.over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    viewer_stop(&onlooker.viewer);
    host_done(ctx);
}

enum { KNOWN_ENOUGH = HOST_SANITIZED ? 20000 : 400000, SID_SIZE = 80 };

/* Each room has a name of one letter. */
static void *look_at_names(void *argument) {
    onlooker_t *const onlooker = argument;
    viewer_epoch_t *const epoch = malloc(sizeof *epoch);
    require(epoch != NULL);
    while (!atomic_load(&onlooker->over)) {
        require(viewer_epochs(&onlooker->viewer, onlooker->signal, epoch, 1) == 1);
        if (!viewer_has(&epoch->record, LKSTATS_SLAB_ROOM_KNOWN))
            continue;
        char sid[SID_SIZE + 1] = {0};
        memset(sid, epoch->room[epoch->record.room.size - 1], SID_SIZE);
        require(viewer_is_room(epoch, sid));
        atomic_fetch_add(&onlooker->seen, 1);
    }
    free(epoch);
    return NULL;
}

STORY(whoever_looks_while_names_are_forgotten_sees_whole_ones) {
    lkstats_t *const ctx = host_open();
    onlooker_t onlooker = {.signal = host_signal(ctx)};
    pthread_t thread;
    viewer_start(&onlooker.viewer, getpid());
    assert_int_equal(pthread_create(&thread, NULL, look_at_names, &onlooker), 0);
    for (int i = 0; atomic_load(&onlooker.seen) < KNOWN_ENOUGH; ++i) {
        char text[SID_SIZE];
        memset(text, 'a' + i % 2, sizeof text);
        const lkstats_string_t name = {text, sizeof text};
        const lkstats_room_t room = {.struct_size = sizeof room, .sid = name, .name = name};
        require_status(LKSTATS_OK, lkstats_signal_resolve_room(onlooker.signal, &room));
        require_status(LKSTATS_OK, lkstats_signal_reset(onlooker.signal));
    }
    atomic_store(&onlooker.over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    viewer_stop(&onlooker.viewer);
    host_done(ctx);
}

int main(int argc, char **argv) {
    if (argc == 3)
        return look(atol(argv[1]), strtoull(argv[2], NULL, 10));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_counts_before_anybody_knows_whose_it_is),
        cmocka_unit_test(each_part_is_known_once_it_is_written),
        cmocka_unit_test(a_viewer_reads_who_each_epoch_is_however_long_the_names),
        cmocka_unit_test(a_reset_before_both_are_known_forgets_and_cuts_nothing),
        cmocka_unit_test(a_name_that_was_forgotten_is_told_from_the_one_after),
        cmocka_unit_test(what_is_forgotten_takes_no_memory),
        cmocka_unit_test(a_snapshot_says_whether_it_is_joined_or_left),
        cmocka_unit_test(who_leaves_in_silence_says_left_alone),
        cmocka_unit_test(who_is_known_late_left_when_the_connection_stopped),
        cmocka_unit_test(what_nobody_owns_is_marked),
        cmocka_unit_test(a_reset_moves_the_link_and_nothing_else_of_the_slot),
        cmocka_unit_test(a_stalled_consumer_keeps_the_whole_chain),
        cmocka_unit_test(whoever_looks_during_resets_sees_whole_epochs),
        cmocka_unit_test(whoever_looks_while_names_are_forgotten_sees_whole_ones),
    };
    return cmocka_run_group_tests_name("shared_epochs", tests, NULL, NULL);
}
