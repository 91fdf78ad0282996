/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fixed amount of work on a context with its own thread: adders, a maker of tracks, and a consumer that
 * gives back, forgets and answers late. How far they get beside each other is the scheduler's affair; what
 * comes out has to be what the adders counted, track by track.
 */
#include "lkstats.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The sizes keep all of the work together below 2^36 bytes: within the bound, however long a fold takes. */
enum { ADDERS = 3, ADDS = 1500000, TRACKS = 300, TRACKS_LIVE = 8, BYTES_MAX = 2048, HELD = 6 };
/* The threads' pace: how many adds of one adder a track sees made. */
enum { ADDS_A_TRACK = ADDS / TRACKS };

typedef struct shared {
    lkstats_t *ctx;
    _Atomic lkstats_track_t tracks[TRACKS];
    atomic_uint made, adds, rounds, faults;
    atomic_int overdue; /* the work is done: everything taken is acknowledged at once */
    atomic_int calm;    /* and nothing is out any more, so that no batch outlives the context */
} shared_t;

typedef struct adder {
    shared_t *shared;
    uint64_t random;
    lkstats_traffic_t counted[TRACKS];
} adder_t;

typedef struct consumer {
    shared_t *shared;
    uint64_t random;
    lkstats_batch_t held[HELD];
    uint32_t held_count;
    uint32_t sequence[TRACKS];
    lkstats_traffic_t reported[TRACKS];
} consumer_t;

static uint64_t draw(uint64_t *random) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random >> 11;
}

/* Assertions longjmp, which only the main thread may. */
static void expect(shared_t *shared, int condition) {
    if (!condition)
        atomic_fetch_add(&shared->faults, 1);
}

static void *add(void *argument) {
    adder_t *adder = argument;
    shared_t *shared = adder->shared;
    for (uint32_t i = 0; i < ADDS; i++) {
        uint32_t made;
        while ((made = atomic_load(&shared->made)) <= i / ADDS_A_TRACK)
            sched_yield();
        const uint32_t back = (uint32_t)(draw(&adder->random) % (TRACKS_LIVE + 2));
        const uint64_t bytes = draw(&adder->random) % BYTES_MAX;
        const int32_t is_send = (int32_t)(draw(&adder->random) & 1);
        const uint32_t which = made > back ? made - 1 - back : 0;
        const lkstats_status_t status =
            lkstats_add_bytes(atomic_load(&shared->tracks[which]), bytes, is_send);
        lkstats_traffic_t *counted = &adder->counted[which];
        if (status == LKSTATS_OK) {
            *(is_send ? &counted->send_bytes : &counted->recv_bytes) += bytes;
            *(is_send ? &counted->send_messages : &counted->recv_messages) += 1;
        }
        expect(shared, status == LKSTATS_OK || status == LKSTATS_ECLOSED || status == LKSTATS_ESTALE);
        atomic_fetch_add(&shared->adds, 1);
    }
    return NULL;
}

static void make_track(shared_t *shared, uint32_t which) {
    char id[5] = {'T', 'R', (char)('0' + which / 100), (char)('0' + which / 10 % 10),
                  (char)('0' + which % 10)};
    const lkstats_track_options_t options = {.struct_size = sizeof options, .track_id = {id, sizeof id}};
    lkstats_track_t track;
    expect(shared, lkstats_track_new(shared->ctx, &options, &track) == LKSTATS_OK);
    atomic_store(&shared->tracks[which], track);
    atomic_store(&shared->made, which + 1);
}

/* Freezes what there is, and lets the consumer have a look at it. */
static void flush(shared_t *shared) {
    const uint32_t round = atomic_load(&shared->rounds);
    const lkstats_status_t status = lkstats_flush(shared->ctx, 0);
    expect(shared, status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT);
    while (atomic_load(&shared->rounds) == round)
        sched_yield();
}

static void *make_and_stop(void *argument) {
    shared_t *shared = argument;
    for (uint32_t which = 0; which < TRACKS; which++) {
        while (atomic_load(&shared->adds) / (ADDERS * ADDS_A_TRACK) < which)
            sched_yield();
        make_track(shared, which);
        if (which >= TRACKS_LIVE)
            expect(shared,
                   lkstats_track_stop(atomic_load(&shared->tracks[which - TRACKS_LIVE]), NULL) == LKSTATS_OK);
        if (which % 4 == 3)
            flush(shared);
    }
    return NULL;
}

static void account(consumer_t *consumer, const lkstats_record_t *record) {
    const char *id = record->track_id.data;
    const uint32_t which =
        (uint32_t)(id[2] - '0') * 100 + (uint32_t)(id[3] - '0') * 10 + (uint32_t)(id[4] - '0');
    lkstats_traffic_t *sum = &consumer->reported[which];
    if (record->key.sequence <= consumer->sequence[which]) /* acknowledged in another batch */
        return;
    expect(consumer->shared, record->key.sequence == ++consumer->sequence[which]);
    sum->send_bytes += record->window.send_bytes;
    sum->send_messages += record->window.send_messages;
    sum->recv_bytes += record->window.recv_bytes;
    sum->recv_messages += record->window.recv_messages;
    expect(consumer->shared, memcmp(sum, &record->running, sizeof *sum) == 0);
}

static void answer(consumer_t *consumer, uint32_t index) {
    const lkstats_batch_t batch = consumer->held[index];
    const int give_back = !atomic_load(&consumer->shared->overdue) && draw(&consumer->random) % 4 == 0;
    for (uint32_t i = 0; !give_back && i < batch.record_count; i++)
        account(consumer, (const void *)((const uint8_t *)batch.records + (uint64_t)i * batch.record_size));
    expect(consumer->shared, (give_back ? lkstats_nack(&batch) : lkstats_ack(&batch)) == LKSTATS_OK);
    consumer->held[index] = consumer->held[--consumer->held_count];
}

static void *consume(void *argument) {
    consumer_t *consumer = argument;
    shared_t *shared = consumer->shared;
    struct pollfd waited = {.events = POLLIN};
    int32_t fd;
    expect(shared, lkstats_event_fd(shared->ctx, &fd) == LKSTATS_OK);
    waited.fd = dup(fd); /* lkstats_close closes the library's */
    for (;;) {
        lkstats_batch_t *batch = &consumer->held[consumer->held_count];
        batch->struct_size = sizeof *batch;
        const lkstats_status_t status = lkstats_next(shared->ctx, batch);
        consumer->held_count += status == LKSTATS_OK;
        if (status == LKSTATS_EOF)
            break;
        expect(shared, status == LKSTATS_OK || status == LKSTATS_EAGAIN);
        const int all = atomic_load(&shared->overdue);
        if (!all && draw(&consumer->random) % 16 == 0)
            expect(shared, lkstats_redeliver(shared->ctx) == LKSTATS_OK);
        while (consumer->held_count == HELD || (all && consumer->held_count > 0))
            answer(consumer, (uint32_t)(draw(&consumer->random) % consumer->held_count));
        atomic_store(&shared->calm, all);
        atomic_fetch_add(&shared->rounds, 1);
        if (status == LKSTATS_EAGAIN)
            poll(&waited, 1, 10);
    }
    close(waited.fd);
    return NULL;
}

static void expect_every_byte(const adder_t *adders, const consumer_t *consumer) {
    for (uint32_t which = 0; which < TRACKS; which++) {
        const lkstats_traffic_t *reported = &consumer->reported[which];
        lkstats_traffic_t counted = {0};
        for (int i = 0; i < ADDERS; i++) {
            counted.send_bytes += adders[i].counted[which].send_bytes;
            counted.send_messages += adders[i].counted[which].send_messages;
            counted.recv_bytes += adders[i].counted[which].recv_bytes;
            counted.recv_messages += adders[i].counted[which].recv_messages;
        }
        assert_int_equal(reported->send_bytes, counted.send_bytes);
        assert_int_equal(reported->send_messages, counted.send_messages);
        assert_int_equal(reported->recv_bytes, counted.recv_bytes);
        assert_int_equal(reported->recv_messages, counted.recv_messages);
    }
}

static void threads_never_lose_a_byte(void **state) {
    (void)state;
    static shared_t shared;
    static adder_t adders[ADDERS];
    static consumer_t consumer = {.shared = &shared, .random = 99};
    const lkstats_options_t options = {
        .struct_size = sizeof options, .report_interval_ms = 100, .max_tracks = TRACKS};
    lkstats_residue_t residue = {.struct_size = sizeof residue};
    pthread_t adding[ADDERS], making, consuming;

    assert_int_equal(lkstats_open(&options, &shared.ctx), LKSTATS_OK);
    assert_int_equal(pthread_create(&consuming, NULL, consume, &consumer), 0);
    assert_int_equal(pthread_create(&making, NULL, make_and_stop, &shared), 0);
    for (int i = 0; i < ADDERS; i++) {
        adders[i] = (adder_t){.shared = &shared, .random = (uint64_t)i + 1};
        assert_int_equal(pthread_create(&adding[i], NULL, add, &adders[i]), 0);
    }
    for (int i = 0; i < ADDERS; i++)
        pthread_join(adding[i], NULL);
    pthread_join(making, NULL);

    atomic_store(&shared.overdue, 1);
    while (!atomic_load(&shared.calm))
        sched_yield();
    assert_int_equal(lkstats_close(shared.ctx, 20000, &residue), LKSTATS_OK);
    assert_int_equal(residue.tracks, 0);
    pthread_join(consuming, NULL);
    assert_int_equal(atomic_load(&shared.faults), 0);
    expect_every_byte(adders, &consumer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_never_lose_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
