/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer's thread: everything it is given has to be in its place, whatever it does with it. */
#include "hash.h"
#include "resets.h"

#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HELD = 6, FREEZE_RECORDS = 2 };
enum { STEP_NS = 7000000, START_NS = 1000000000 };

/* The records that one connection has in a batch: joined, traffic, left, or traffic and left. */
typedef struct freeze {
    uint32_t epoch;
    uint32_t sequence;
    uint32_t count;
    uint64_t hash;
    int left;
    lkstats_traffic_t window;
    lkstats_time_t reach; /* where the next window begins; after a left, the next epoch */
} freeze_t;

/* How far one connection's acknowledged records have come, and what is on its way. */
typedef struct progress {
    connection_t *connection;
    uint32_t epoch;
    uint32_t sequence;
    lkstats_time_t reach;
    int begun;
    int pending; /* known, and not acknowledged */
    int asked;   /* for its coming again */
    freeze_t freeze;
} progress_t;

typedef struct held {
    lkstats_batch_t batch;
    freeze_t freezes[SIGNALS_MAX]; /* by connection; count 0: none */
} held_t;

typedef struct consumer {
    play_t *play;
    uint64_t random;
    int64_t clock;
    progress_t progress[SIGNALS_MAX];
    held_t held[HELD];
    uint32_t held_count;
} consumer_t;

static uint64_t draw(uint64_t *random) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random >> 11;
}

/* ---- One record ---- */

static int is(lkstats_string_t found, const char *text) {
    return found.size == strlen(text) && memcmp(found.data, text, found.size) == 0;
}

static void expect_identity(play_t *play, const connection_t *connection, const lkstats_record_t *record) {
    char room[SID_SIZE], participant[SID_SIZE], track[SID_SIZE];
    const uint32_t epoch = record->key.epoch;
    resets_sid(room, "RM", connection, epoch);
    resets_sid(participant, "PA", connection, epoch);
    resets_sid(track, "TR_SGPA", connection, epoch);
    expect(play, is(record->room_sid, room));
    expect(play, is(record->room_name, room + 3));
    expect(play, is(record->participant_sid, participant));
    expect(play, is(record->participant_identity, participant + 3));
    expect(play, is(record->track_id, track));
    expect(play, is(record->tenant, resets_participant_pays(epoch) ? participant
                                    : resets_room_pays(epoch)      ? room
                                                                   : "acme"));
    expect(play, is(record->country, "NO"));
    expect(play, record->participant_kind == (int32_t)epoch && record->kind_details_count == 2);
    expect(play, record->kind_details[0] == (int32_t)connection->number);
    expect(play, record->kind_details[1] == (int32_t)epoch);
    expect(play, record->channel == LKSTATS_CHANNEL_SIGNAL && record->flags == 0);
}

static int same_traffic(const lkstats_traffic_t *a, const lkstats_traffic_t *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static void plus(lkstats_traffic_t *sum, const lkstats_traffic_t *more) {
    sum->send_bytes += more->send_bytes;
    sum->send_messages += more->send_messages;
    sum->recv_bytes += more->recv_bytes;
    sum->recv_messages += more->recv_messages;
}

static int same_time(const lkstats_time_t *a, const lkstats_time_t *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

/* ---- What comes ---- */

/* A record that was not there before follows what is acknowledged, or the one before it in its freeze. */
static void expect_next(play_t *play, const progress_t *progress, const freeze_t *before,
                        const lkstats_record_t *record) {
    const lkstats_traffic_t nothing = {0};
    const lkstats_key_t *key = &record->key;
    const int beside = before->count > 0;
    lkstats_traffic_t running = progress->connection->epochs[progress->epoch].reported;
    plus(&running, &before->window);
    plus(&running, &record->window);
    expect(play, key->epoch == progress->epoch);
    expect(play, key->sequence == progress->sequence + 1);
    expect(play, (key->kind == LKSTATS_RECORD_JOINED) == (key->sequence == 1));
    expect(play, key->kind == LKSTATS_RECORD_LEFT || !beside);
    expect(play, (key->kind == LKSTATS_RECORD_TRAFFIC) == !same_traffic(&record->window, &nothing));
    expect(play, same_traffic(&record->running, &running));
    expect(play, record->start.monotonic_ns <= record->end.monotonic_ns);
    if (key->kind == LKSTATS_RECORD_LEFT)
        expect(play, !beside || same_time(&record->end, &before->reach));
    else
        expect(play, !progress->begun || same_time(&record->start, &progress->reach));
    expect_identity(play, progress->connection, record);
}

static void account(play_t *play, progress_t *progress, freeze_t *freeze, const lkstats_record_t *record) {
    const int ends = record->key.kind == LKSTATS_RECORD_LEFT;
    expect(play, freeze->count < FREEZE_RECORDS);
    if (!progress->pending)
        expect_next(play, progress, freeze, record);
    freeze->epoch = record->key.epoch;
    freeze->sequence = record->key.sequence;
    freeze->hash = hash_record(freeze->count ? freeze->hash : HASH_START, record);
    freeze->count++;
    freeze->left |= ends;
    freeze->reach = record->key.kind == LKSTATS_RECORD_TRAFFIC ? record->end : record->start;
    plus(&freeze->window, &record->window);
}

static progress_t *whose(consumer_t *consumer, const lkstats_record_t *record) {
    const lkstats_signal_t signal = (uint64_t)record->key.tag << 32 | record->key.slot;
    const uint32_t count = consumer->play->connections_count;
    uint32_t which = 0;
    while (which < count && consumer->progress[which].connection->signal != signal)
        which++;
    expect(consumer->play, which < count);
    return &consumer->progress[which % count];
}

/* The same key again has to be asked for, and is the same to the byte; a new one comes after the
 * acknowledgement of the one before. */
static void meet(play_t *play, progress_t *progress, const freeze_t *freeze) {
    if (progress->pending) {
        expect(play, progress->asked);
        expect(play, progress->freeze.epoch == freeze->epoch);
        expect(play, progress->freeze.sequence == freeze->sequence);
        expect(play, progress->freeze.count == freeze->count && progress->freeze.hash == freeze->hash);
        atomic_fetch_add(&play->again, 1);
    }
    progress->pending = 1;
    progress->asked = 0;
    progress->freeze = *freeze;
}

static void look_at(consumer_t *consumer, held_t *held) {
    const lkstats_batch_t *batch = &held->batch;
    memset(held->freezes, 0, sizeof held->freezes);
    for (uint32_t i = 0; i < batch->record_count; i++) {
        const lkstats_record_t *record =
            (const void *)((const uint8_t *)batch->records + (uint64_t)i * batch->record_size);
        progress_t *progress = whose(consumer, record);
        account(consumer->play, progress, &held->freezes[progress->connection->number], record);
    }
    for (uint32_t i = 0; i < consumer->play->connections_count; i++)
        if (held->freezes[i].count)
            meet(consumer->play, &consumer->progress[i], &held->freezes[i]);
}

/* ---- What is answered ---- */

static progress_t *still_pending(consumer_t *consumer, const held_t *held, uint32_t which) {
    progress_t *progress = &consumer->progress[which];
    const freeze_t *freeze = &held->freezes[which];
    return freeze->count && progress->pending && progress->freeze.epoch == freeze->epoch &&
                   progress->freeze.sequence == freeze->sequence
               ? progress
               : NULL;
}

static void acknowledged(progress_t *progress) {
    connection_t *connection = progress->connection;
    const freeze_t *freeze = &progress->freeze;
    plus(&connection->epochs[progress->epoch].reported, &freeze->window);
    progress->pending = 0;
    progress->begun = 1;
    progress->reach = freeze->reach;
    progress->sequence = freeze->sequence;
    if (!freeze->left)
        return;
    atomic_store(&connection->left, progress->epoch);
    progress->epoch++;
    progress->sequence = 0;
}

static void answer(consumer_t *consumer, uint32_t index) {
    play_t *play = consumer->play;
    const held_t held = consumer->held[index];
    const int give_back =
        play->habit == CLUMSY && !atomic_load(&play->overdue) && draw(&consumer->random) % 4 == 0;
    for (uint32_t i = 0; i < play->connections_count; i++) {
        progress_t *progress = still_pending(consumer, &held, i);
        if (progress && give_back)
            progress->asked = 1;
        else if (progress)
            acknowledged(progress);
    }
    expect(play, (give_back ? lkstats_nack(&held.batch) : lkstats_ack(&held.batch)) == LKSTATS_OK);
    if (!give_back)
        atomic_fetch_add(&play->acknowledged, 1);
    consumer->held[index] = consumer->held[--consumer->held_count];
}

static void ask_again(consumer_t *consumer) {
    for (uint32_t i = 0; i < consumer->play->connections_count; i++)
        consumer->progress[i].asked = 1;
    expect(consumer->play, lkstats_redeliver(consumer->play->ctx) == LKSTATS_OK);
}

/* ---- The thread ---- */

static void run(consumer_t *consumer) {
    if (consumer->play->has_thread)
        return;
    consumer->clock += STEP_NS;
    const lkstats_status_t status = lkstats_run_once(consumer->play->ctx, consumer->clock, consumer->clock);
    expect(consumer->play, status == LKSTATS_OK || status == LKSTATS_ECLOSED);
}

/* Takes what there is; a clumsy one answers only what it has no more hands for. */
static lkstats_status_t take(consumer_t *consumer) {
    play_t *play = consumer->play;
    for (;;) {
        held_t *held = &consumer->held[consumer->held_count];
        held->batch = (lkstats_batch_t){.struct_size = sizeof held->batch};
        const lkstats_status_t status = lkstats_next(play->ctx, &held->batch);
        expect(play, status == LKSTATS_OK || status == LKSTATS_EAGAIN || status == LKSTATS_EOF);
        if (status != LKSTATS_OK || atomic_load(&play->faults))
            return status;
        look_at(consumer, held);
        consumer->held_count++;
        const int late = play->habit == CLUMSY && !atomic_load(&play->overdue);
        if (late && draw(&consumer->random) % 16 == 0)
            ask_again(consumer);
        while (consumer->held_count > (late ? HELD - 1 : 0))
            answer(consumer, (uint32_t)(draw(&consumer->random) % consumer->held_count));
    }
}

static void wait_for_more(const play_t *play, struct pollfd *waited) {
    if (play->has_thread)
        poll(waited, 1, 10);
    else
        sched_yield();
}

void *resets_consume(void *argument) {
    play_t *play = argument;
    consumer_t consumer = {.play = play, .random = 77, .clock = START_NS};
    struct pollfd waited = {.events = POLLIN};
    uint32_t refused = 0;
    int32_t fd;
    for (uint32_t i = 0; i < play->connections_count; i++)
        consumer.progress[i] = (progress_t){.connection = &play->connections[i], .epoch = 1};
    expect(play, lkstats_event_fd(play->ctx, &fd) == LKSTATS_OK);
    waited.fd = dup(fd); /* lkstats_close closes the library's */
    while (!atomic_load(&play->faults)) {
        if (play->habit == STALLS)
            wait_until(play, atomic_load(&play->refused) != refused || atomic_load(&play->overdue));
        refused = atomic_load(&play->refused);
        const int all = atomic_load(&play->overdue);
        run(&consumer);
        if (take(&consumer) == LKSTATS_EOF)
            break;
        if (consumer.held_count > 0)
            answer(&consumer, (uint32_t)(draw(&consumer.random) % consumer.held_count));
        else
            wait_for_more(play, &waited);
        atomic_store(&play->calm, all && consumer.held_count == 0);
    }
    close(waited.fd);
    return NULL;
}
