/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "lives.h"

static void add(lkstats_track_t track, uint64_t sent, uint64_t received) {
    if (sent != 0)
        require_status(LKSTATS_OK, lkstats_add_bytes(track, sent, 1));
    if (received != 0)
        require_status(LKSTATS_OK, lkstats_add_bytes(track, received, 0));
}

/* Runs, and delivers what is there. */
static void report(lkstats_t *ctx, void *ledger, int64_t ticks) {
    host_tick(ctx, ticks);
    ledger_drain(ledger, ctx);
}

/* ---- Data tracks -------------------------------------------------------------------------------- */

static void of_nothing(lkstats_t *ctx, void *ledger) { report(ctx, ledger, 1); }

static void that_reported_nothing_yet(lkstats_t *ctx, void *ledger) {
    (void)ledger;
    add(host_track(ctx, "PA_new"), 5, 70);
}

static void with_windows_in_every_state(lkstats_t *ctx, void *ledger) {
    const lkstats_track_t reported = host_track(ctx, "PA_reported"), frozen = host_track(ctx, "PA_frozen"),
                          more = host_track(ctx, "PA_more"), idle = host_track(ctx, "PA_idle");
    add(reported, 1, 2);
    add(more, 5, 6);
    add(idle, 7, 8);
    report(ctx, ledger, 1);
    add(reported, 11, 12);
    report(ctx, ledger, 2);
    add(frozen, 3, 4);
    add(more, 15, 0);
    host_tick(ctx, 3);
    add(more, 0, 16); /* behind a report that waits */
    add(reported, 21, 0);
    host_run(ctx, 3 * HOST_TICK_NS + HOST_SECOND);
    add(reported, 0, 22); /* after the last fold */
}

static void with_batches_out(lkstats_t *ctx, void *ledger) {
    const lkstats_track_t track = host_track(ctx, "PA_out"), other = host_track(ctx, "PA_back");
    add(track, 1, 0);
    report(ctx, ledger, 1);
    add(track, 2, 0);
    host_tick(ctx, 2);
    host_take(ctx);
    add(other, 3, 0);
    host_tick(ctx, 3);
    const lkstats_batch_t back = host_take(ctx);
    require_status(LKSTATS_OK, lkstats_nack(&back));
    add(track, 4, 0);
}

static void with_stopped_tracks(lkstats_t *ctx, void *ledger) {
    const lkstats_track_t idle = host_track(ctx, "PA_idle"), owing = host_track(ctx, "PA_owing"),
                          frozen = host_track(ctx, "PA_frozen"), over = host_track(ctx, "PA_over"),
                          untouched = host_track(ctx, "PA_untouched");
    add(idle, 1, 0);
    add(over, 9, 0);
    report(ctx, ledger, 1);
    add(frozen, 2, 3);
    require_status(LKSTATS_OK, lkstats_track_stop(frozen, NULL));
    require_status(LKSTATS_OK, lkstats_track_stop(over, NULL));
    require_status(LKSTATS_OK, lkstats_track_stop(untouched, NULL));
    host_tick(ctx, 2);
    add(owing, 4, 5);
    require_status(LKSTATS_OK, lkstats_track_stop(owing, NULL)); /* and nobody has seen to it */
    require_status(LKSTATS_ECLOSED, lkstats_add_bytes(owing, 1000, 1));
    require_status(LKSTATS_OK, lkstats_track_stop(idle, NULL));
}

/* The words went round, bytes and messages, between folds and since the last one. */
void life_of_much_traffic(lkstats_t *ctx, void *ledger) {
    const uint64_t bytes = (UINT64_C(1) << 35) - 1, messages = (UINT64_C(1) << 26) - 1;
    const lkstats_track_t track = host_track(ctx, "PA_much"), small = host_track(ctx, "PA_little_more");
    for (int i = 1; i <= LIFE_ROUNDS; ++i) {
        require_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, i % 2));
        require_status(LKSTATS_OK, lkstats_add_messages(small, 1000, i == 7 ? messages : 1, 1));
        host_run(ctx, i * HOST_SECOND);
        if (i == LIFE_ROUNDS / 2)
            ledger_drain(ledger, ctx);
    }
    require_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, 1));
    require_status(LKSTATS_OK, lkstats_add_messages(track, bytes, messages, 0));
}

static lkstats_string_t of_size(uint64_t size, char letter) {
    static char texts[8][LKSTATS_STRING_MAX];
    static int next;
    char *const text = texts[next++ % 8];
    memset(text, letter, size);
    return (lkstats_string_t){text, size};
}

static void with_long_identities(lkstats_t *ctx, void *ledger) {
    static const uint64_t sizes[] = {0, 1, 20, 30, 40, 100, 150, 200, 250, 256};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    for (int i = 0; i < LKSTATS_KIND_DETAILS_MAX; ++i)
        details[i] = i % 2 ? -i : INT32_MAX - i;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        lkstats_track_options_t options = {.struct_size = sizeof options,
                                           .channel = LKSTATS_CHANNEL_DATA_TRACK,
                                           .participant_kind = -1 - (int32_t)i,
                                           .kind_details = details,
                                           .kind_details_count = (uint32_t)(i % 3) * 16,
                                           .country = of_size(sizes[i], 'c'),
                                           .room_sid = of_size(sizes[i], 'r'),
                                           .room_name = of_size(sizes[i], 'n'),
                                           .participant_sid = of_size(sizes[i], 'p'),
                                           .participant_identity = of_size(sizes[i], 'i'),
                                           .track_id = of_size(sizes[i], 't'),
                                           .tenant = of_size(sizes[i], 'a')};
        lkstats_track_t track = 0;
        require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        add(track, i + 1, 0);
    }
    report(ctx, ledger, 1);
    add(host_track(ctx, "PA_short"), 1, 1);
    for (uint64_t size = 150; size < 155; ++size) {
        lkstats_track_options_t options = host_track_options("PA_edge");
        lkstats_track_t track = 0;
        options.room_name = of_size(size, 'e');
        require_status(LKSTATS_OK, lkstats_track_new(ctx, &options, &track));
        add(track, size, 0);
    }
}

/* ---- Signal connections ------------------------------------------------------------------------- */

static void with_signals_in_every_state(lkstats_t *ctx, void *ledger) {
    const lkstats_signal_t nobodys = host_signal(ctx), room = host_signal(ctx),
                           participant = host_signal(ctx), forgotten = host_signal(ctx),
                           joined = host_signal(ctx), fresh = host_signal(ctx), silent = host_signal(ctx),
                           left = host_signal(ctx), waits = host_signal(ctx), late = host_signal(ctx),
                           untouched = host_signal(ctx);
    (void)untouched;
    host_resolve(joined, "RM_joined", "PA_joined");
    host_resolve(left, "RM_left", "PA_left");
    host_resolve(silent, "RM_silent", "PA_silent");
    add(joined, 1, 2);
    add(left, 3, 4);
    report(ctx, ledger, 1);
    report(ctx, ledger, 2);
    add(nobodys, 5, 6);
    add(room, 7, 8);
    require_status(LKSTATS_OK, host_resolve_room(room, "RM_room"));
    add(participant, 9, 10);
    require_status(LKSTATS_OK, host_resolve_participant(participant, "PA_participant"));
    require_status(LKSTATS_OK, host_resolve_room(forgotten, "RM_forgotten"));
    add(forgotten, 11, 12);
    require_status(LKSTATS_OK, lkstats_signal_reset(forgotten));
    add(joined, 13, 0);
    require_status(LKSTATS_OK, lkstats_track_stop(left, NULL));
    add(waits, 0, 14);
    require_status(LKSTATS_OK, lkstats_track_stop(waits, NULL));
    add(late, 15, 0);
    require_status(LKSTATS_OK, lkstats_track_stop(late, NULL));
    host_tick(ctx, 3);
    host_resolve(late, "RM_late", "PA_late");
    host_resolve(fresh, "RM_fresh", "PA_fresh");
    add(fresh, 16, 17);
    host_run(ctx, 3 * HOST_TICK_NS + HOST_SECOND);
}

static void unattributed_before(lkstats_t *ctx, void *ledger) {
    const lkstats_signal_t signal = host_signal(ctx);
    add(signal, 5, 0);
    require_status(LKSTATS_OK, host_resolve_room(signal, "RM_known"));
    require_status(LKSTATS_OK, lkstats_track_stop(signal, NULL));
    report(ctx, ledger, 1);
    host_tick(ctx, 8);
}

static void in_many_rooms(lkstats_t *ctx, void *ledger) {
    const lkstats_signal_t signal = host_signal(ctx);
    char room[32];
    add(signal, 1, 1);
    for (int i = 0; i < 5; ++i) {
        snprintf(room, sizeof room, "RM_%d", i);
        host_resolve(signal, room, "PA_mover");
        add(signal, 10 + (uint64_t)i, 0);
        if (i < 2)
            report(ctx, ledger, i + 1);
        require_status(LKSTATS_OK, lkstats_signal_reset(signal));
        add(signal, 0, 100 + (uint64_t)i);
    }
    add(signal, 1000, 0); /* of nobody yet */
    host_run(ctx, 3 * HOST_TICK_NS);
}

static void resolved_at_length(lkstats_t *ctx, void *ledger) {
    static int32_t details[LKSTATS_KIND_DETAILS_MAX] = {-1, 2, -3};
    const lkstats_signal_t signal = host_signal(ctx);
    for (int i = 0; i < 3; ++i) {
        const lkstats_room_t room = {
            .struct_size = sizeof room, .sid = of_size(256, 'R'), .name = of_size(200, (char)('a' + i))};
        const lkstats_participant_t participant = {.struct_size = sizeof participant,
                                                   .kind = i,
                                                   .kind_details = details,
                                                   .kind_details_count = LKSTATS_KIND_DETAILS_MAX,
                                                   .sid = of_size(256, 'P'),
                                                   .identity = of_size(256, (char)('k' + i))};
        add(signal, 1 + (uint64_t)i, 0);
        require_status(LKSTATS_OK, lkstats_signal_resolve_participant(signal, &participant));
        require_status(LKSTATS_OK, lkstats_signal_resolve_room(signal, &room));
        if (i == 0)
            report(ctx, ledger, 1);
        if (i < 2)
            require_status(LKSTATS_OK, lkstats_signal_reset(signal));
    }
}

void life_of_many_epochs(lkstats_t *ctx, void *ledger) {
    const lkstats_signal_t signal = host_signal(ctx);
    const lkstats_track_t track = host_track(ctx, "PA_beside");
    (void)ledger;
    add(track, 500, 600);
    host_resolve(signal, "RM_one", "PA_one");
    add(signal, 1, 2);
    require_status(LKSTATS_OK, lkstats_signal_reset(signal));
    host_resolve(signal, "RM_two", "PA_two");
    add(signal, 3, 4);
    host_tick(ctx, 1);
    require_status(LKSTATS_OK, lkstats_signal_reset(signal));
    add(signal, 5, 6);
    add(track, 700, 0);
    host_run(ctx, HOST_TICK_NS + HOST_SECOND);
}

const life_of_a_host_t lives[] = {
    {"of nothing", of_nothing, 0, ""},
    {"that reported nothing yet", that_reported_nothing_yet, 0, "1.1 5+70"},
    {"with windows in every state", with_windows_in_every_state, 4, "1.3 21+22, 1.1 3+4, 1.2 15+0, 1.3 0+16"},
    {"with batches out", with_batches_out, 1, "1.2 2+0, 1.1 3+0, 1.3 4+0"},
    {"with stopped tracks", with_stopped_tracks, 2, "1.1 4+5, 1.1 2+3"},
    {"of much traffic", life_of_much_traffic, 2,
     "1.2 343597383670+343597383670, 1.2 20000+0, 1.3 309237645303+343597383670, 1.3 15000+0"},
    {"with long identities", with_long_identities, 10,
     "1.1 1+1, 1.1 150+0, 1.1 151+0, 1.1 152+0, 1.1 153+0, 1.1 154+0"},
    {"with signals in every state", with_signals_in_every_state, 5,
     "1.1 5+6?, 1.1 7+8?, 1.1 9+10?, 1.1 11+12?, 1.2 left, 1.1 0+14?, 1.3 13+0, 1.1 joined, 1.3 left, "
     "1.1 joined, 1.4 left, 1.2 16+17, 1.2 left, 1.2 15+0, 1.2 left"},
    {"unattributed before", unattributed_before, 0, "1.1 5+0?"},
    {"in many rooms", in_many_rooms, 4,
     "2.2 11+100, 2.2 left, 3.1 joined, 3.2 12+101, 3.2 left, 4.1 joined, 4.2 13+102, 4.2 left, 5.1 joined, "
     "5.2 14+103, 5.2 left, 6.1 1000+104?"},
    {"resolved at length", resolved_at_length, 1,
     "1.2 1+0, 1.2 left, 2.1 joined, 2.2 2+0, 2.2 left, 3.1 joined, 3.2 3+0, 3.2 left"},
    {"of many epochs", life_of_many_epochs, 0,
     "1.1 joined, 1.1 500+600, 1.2 1+2, 1.2 left, 1.2 700+0, 2.1 joined, 2.2 3+4, 2.2 left, 3.1 5+6?"},
};
const size_t lives_count = sizeof lives / sizeof *lives;
