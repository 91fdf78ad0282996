/* SPDX-License-Identifier: Apache-2.0 */
/* The host's threads: two that add, one that resets, one that resolves. */
#include "resets.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The threads' pace: adds of one adder for each reset, and how many resets they may be apart. */
enum { ADDS_A_RESET = 32, LAG = 64 };
enum { LOOKS = 4096, PATIENCE_S = 60 };
/* An adder that is ahead gets slower, and so stays within the bound also where nobody folds. It does not stop: a
 * reset waits that many looks for an add that is under way. */
enum { SLOW = 200, SLOW_ADDS = 64, COMPANY = 400 };

static int64_t seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* looks: below LOOKS how often, from then on since when. */
int resets_wait(play_t *play, uint64_t *looks, const char *what) {
    if (*looks < LOOKS)
        ++*looks;
    else if (*looks == LOOKS)
        *looks = LOOKS + 1 + (uint64_t)seconds();
    else
        resets_expect(play, (uint64_t)seconds() + LOOKS < *looks + PATIENCE_S, what);
    sched_yield();
    return atomic_load(&play->faults) == 0;
}

void resets_expect(play_t *play, int holds, const char *what) {
    if (!holds && atomic_fetch_add(&play->faults, 1) == 0)
        atomic_store(&play->fault, what);
}

int resets_room_pays(uint32_t epoch) { return epoch % 3 != 0; }
int resets_participant_pays(uint32_t epoch) { return epoch % 5 == 0; }

void resets_sid(char sid[SID_SIZE], const char *kind, const connection_t *connection, uint32_t epoch) {
    snprintf(sid, SID_SIZE, "%s_%u_%u", kind, connection->number, epoch);
}

uint64_t resets_mark(uint32_t epoch, int direction) {
    return 1 + (direction == SEND ? epoch % 1009 : epoch * 7 % 1013);
}

/* ---- Adding ---- */

/* What it says before and after brackets the instruction that counts. */
static void add(const adder_t *adder, connection_t *connection, int direction) {
    play_t *play = adder->play;
    adds_t *adds = &connection->adds[adder->number];
    const int32_t is_send = direction == SEND ? 1 - 8 * (int32_t)adder->number : 0;
    const uint64_t bytes = direction == SEND ? SEND_SIZE : RECV_SIZE;
    atomic_store(&adds->begun[direction], adds->begun[direction] + 1);
    const lkstats_status_t status =
        adder->number == 0 ? lkstats_add_bytes(connection->signal, bytes, is_send)
                           : lkstats_slab_add(&play->slab, connection->signal, bytes, 1, is_send);
    if (status == LKSTATS_OK)
        atomic_store_explicit(&adds->returned[direction], adds->returned[direction] + 1,
                              memory_order_release);
    else
        expect(play, atomic_load(&play->unpaced) && (status == LKSTATS_ECLOSED || status == LKSTATS_ESTALE));
}

static void slow_down(play_t *play, uint64_t i) {
    for (int look = 0; look < SLOW; look++)
        atomic_load(&play->resets_done);
    if (i % SLOW_ADDS == 0)
        sched_yield();
}

void *resets_add(void *argument) {
    const adder_t *adder = argument;
    play_t *play = adder->play;
    for (uint64_t i = 0; !atomic_load(&play->finished) && !atomic_load(&play->faults); i++) {
        const uint64_t turn = i + adder->number;
        add(adder, &play->connections[turn / 2 % play->connections_count], (int)(turn & 1));
        if (i > (atomic_load(&play->resets_done) + 1) * (uint64_t)ADDS_A_RESET)
            slow_down(play, i);
    }
    return NULL;
}

static uint64_t begun(const connection_t *connection, int direction) {
    uint64_t sum = 0;
    for (int i = 0; i < ADDERS; i++)
        sum += atomic_load(&connection->adds[i].begun[direction]);
    return sum;
}

static uint64_t returned(const connection_t *connection, int direction) {
    uint64_t sum = 0;
    for (int i = 0; i < ADDERS; i++)
        sum += atomic_load(&connection->adds[i].returned[direction]);
    return sum;
}

static uint64_t returned_at_all(const play_t *play) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < play->connections_count; i++)
        sum += returned(&play->connections[i], SEND) + returned(&play->connections[i], RECV);
    return sum;
}

static void wait_for_company(const connection_t *connection) {
    const uint64_t before = begun(connection, SEND) + begun(connection, RECV);
    for (int look = 0; look < COMPANY && begun(connection, SEND) + begun(connection, RECV) == before; look++)
        continue;
}

/* ---- Resolving ---- */

static lkstats_status_t resolve_room(const connection_t *connection, uint32_t epoch) {
    char sid[SID_SIZE];
    resets_sid(sid, "RM", connection, epoch);
    const lkstats_room_t room = {.struct_size = sizeof room,
                                 .sid = {sid, strlen(sid)},
                                 .name = {sid + 3, strlen(sid) - 3},
                                 .tenant = {sid, resets_room_pays(epoch) ? strlen(sid) : 0}};
    return lkstats_signal_resolve_room(connection->signal, &room);
}

static lkstats_status_t resolve_participant(const connection_t *connection, uint32_t epoch) {
    char sid[SID_SIZE];
    resets_sid(sid, "PA", connection, epoch);
    const int32_t details[] = {(int32_t)connection->number, (int32_t)epoch};
    const lkstats_participant_t participant = {
        .struct_size = sizeof participant,
        .kind = (int32_t)epoch,
        .kind_details = details,
        .kind_details_count = 2,
        .sid = {sid, strlen(sid)},
        .identity = {sid + 3, strlen(sid) - 3},
        .tenant = {sid, resets_participant_pays(epoch) ? strlen(sid) : 0}};
    return lkstats_signal_resolve_participant(connection->signal, &participant);
}

static void resolve(play_t *play, const connection_t *connection, uint32_t epoch) {
    if (epoch % 2)
        expect(play, resolve_room(connection, epoch) == LKSTATS_OK);
    expect(play, resolve_participant(connection, epoch) == LKSTATS_OK);
    if (epoch % 2 == 0)
        expect(play, resolve_room(connection, epoch) == LKSTATS_OK);
}

void *resets_resolve(void *argument) {
    play_t *play = argument;
    while (!atomic_load(&play->finished) && !atomic_load(&play->faults)) {
        for (uint32_t i = 0; i < play->connections_count; i++) {
            connection_t *connection = &play->connections[i];
            const uint32_t epoch = atomic_load(&connection->asked);
            if (epoch == atomic_load(&connection->resolved))
                continue;
            resolve(play, connection, epoch);
            atomic_store(&connection->resolved, epoch);
        }
        sched_yield();
    }
    return NULL;
}

static void have_resolved(play_t *play, connection_t *connection, uint32_t epoch) {
    if (!play->has_resolver) {
        resolve(play, connection, epoch);
        return;
    }
    atomic_store(&connection->asked, epoch);
    wait_until(play, atomic_load(&connection->resolved) == epoch);
}

/* ---- Resetting ---- */

static lkstats_traffic_t totals(play_t *play, const connection_t *connection) {
    lkstats_totals_t now = {.struct_size = sizeof now};
    expect(play, lkstats_track_totals(connection->signal, &now) == LKSTATS_OK);
    return now.traffic;
}

/* Refused: whatever was known is known, whatever was counted is counted. */
static void expect_nothing_changed(play_t *play, const connection_t *connection, uint32_t epoch,
                                   const lkstats_traffic_t *before) {
    const lkstats_traffic_t after = totals(play, connection);
    expect(play, after.send_bytes >= before->send_bytes && after.recv_bytes >= before->recv_bytes &&
                     after.send_messages >= before->send_messages &&
                     after.recv_messages >= before->recv_messages);
    expect(play, resolve_room(connection, epoch + 1) == LKSTATS_ERESOLVED);
    expect(play, resolve_participant(connection, epoch + 1) == LKSTATS_ERESOLVED);
}

static void mark(play_t *play, const connection_t *connection, uint32_t epoch, int direction) {
    expect(play, lkstats_add_messages(connection->signal, resets_mark(epoch, direction), 0,
                                      direction == SEND) == LKSTATS_OK);
}

static void reset(play_t *play, connection_t *connection, uint32_t epoch) {
    epoch_t *ending = &connection->epochs[epoch];
    lkstats_status_t status = LKSTATS_EFULL;
    while (status == LKSTATS_EFULL && !atomic_load(&play->faults)) {
        const lkstats_traffic_t before =
            play->habit == STALLS ? totals(play, connection) : (lkstats_traffic_t){0};
        const uint32_t acknowledged = atomic_load(&play->acknowledged);
        for (int i = 0; i < DIRECTIONS; i++)
            ending->least[i] = returned(connection, i);
        status = lkstats_signal_reset(connection->signal);
        for (int i = 0; i < DIRECTIONS; i++)
            ending->most[i] = begun(connection, i);
        if (status != LKSTATS_EFULL)
            continue;
        expect_nothing_changed(play, connection, epoch, &before);
        atomic_fetch_add(&play->refused, 1);
        wait_until(play, atomic_load(&play->acknowledged) != acknowledged);
    }
    expect(play, status == LKSTATS_OK);
}

/* The last epoch of each connection is left to the end: it is resolved, and nobody resets it. */
void *resets_reset(void *argument) {
    play_t *play = argument;
    const uint32_t epochs = play->resets + play->connections_count;
    for (uint32_t i = 0; i < epochs && !atomic_load(&play->faults); i++) {
        connection_t *connection = &play->connections[i % play->connections_count];
        const uint32_t epoch = i / play->connections_count + 1;
        mark(play, connection, epoch, SEND);
        have_resolved(play, connection, epoch);
        mark(play, connection, epoch, RECV);
        if (i >= play->resets)
            continue;
        wait_until(play, returned_at_all(play) + LAG * ADDERS * ADDS_A_RESET >=
                             (uint64_t)i * ADDERS * ADDS_A_RESET);
        if (play->habit == KEEPS_UP)
            wait_until(play, epoch <= atomic_load(&connection->left) + LAG);
        wait_for_company(connection);
        reset(play, connection, epoch);
        atomic_fetch_add(&play->resets_done, 1);
    }
    return NULL;
}
