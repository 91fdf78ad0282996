/* SPDX-License-Identifier: Apache-2.0 */
/* The windows of a track while other threads make, add, stop and flush: they lie end to end, and none runs
 * backwards. */
#include <stdatomic.h>
#include <stdlib.h>

#include "consumer.h"

enum { MAKERS = 3, ROUNDS = 15000, LASTING = 4 };

typedef struct maker {
    pthread_t thread;
    lkstats_t *ctx;
    const lkstats_track_t *lasting;
    atomic_int *makers; /* still at work */
} maker_t;

/* Tracks that live for one message each, between messages and flushes on those that last. */
static void *make_add_stop_and_flush(void *argument) {
    const maker_t *const maker = argument;
    for (uint64_t i = 0; i < ROUNDS; ++i) {
        const lkstats_track_t lasting = maker->lasting[i % LASTING];
        const lkstats_track_t brief = host_track(maker->ctx, "PA_brief");
        require_status(LKSTATS_OK, lkstats_add_bytes(brief, 10, 1));
        require_status(LKSTATS_OK, lkstats_add_bytes(lasting, 1, 0));
        if (i % 16 == 0) {
            const lkstats_status_t status = lkstats_track_flush(i % 32 ? lasting : brief, 0);
            require(status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT);
        }
        require_status(LKSTATS_OK, lkstats_track_stop(brief, NULL));
    }
    atomic_fetch_sub(maker->makers, 1);
    return NULL;
}

static void *flush_until_they_are_done(void *argument) {
    const maker_t *const flusher = argument;
    while (atomic_load(flusher->makers) != 0) {
        const lkstats_status_t status = lkstats_flush(flusher->ctx, 0);
        require(status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT);
    }
    return NULL;
}

static int by_track_and_sequence(const void *one, const void *other) {
    const lkstats_key_t *const a = &((const lkstats_record_t *)one)->key;
    const lkstats_key_t *const b = &((const lkstats_record_t *)other)->key;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    if (a->tag != b->tag)
        return a->tag < b->tag ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static void assert_end_to_end(host_records_t *all) {
    const lkstats_record_t *before = NULL;
    qsort(all->items, all->count, sizeof *all->items, by_track_and_sequence);
    for (size_t i = 0; i < all->count; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        assert_true(record->end.monotonic_ns >= record->start.monotonic_ns);
        if (record->key.sequence > 1) {
            assert_non_null(before);
            assert_int_equal(record->key.slot, before->key.slot);
            assert_int_equal(record->key.tag, before->key.tag);
            assert_int_equal(record->key.sequence, before->key.sequence + 1);
            assert_memory_equal(&record->start, &before->end, sizeof record->start);
        }
        before = record;
    }
}

STORY(windows_lie_end_to_end_and_none_runs_backwards) {
    lkstats_t *const ctx = host_open_threaded(LKSTATS_REPORT_INTERVAL_MIN_MS);
    lkstats_track_t lasting[LASTING];
    maker_t makers[MAKERS + 1];
    consumer_t consumer;
    atomic_int at_work = MAKERS;
    for (int i = 0; i < LASTING; ++i)
        lasting[i] = host_track(ctx, "PA_lasting");
    consumer_start(&consumer, ctx);
    for (int i = 0; i <= MAKERS; ++i) {
        makers[i] = (maker_t){.ctx = ctx, .lasting = lasting, .makers = &at_work};
        assert_int_equal(pthread_create(&makers[i].thread, NULL,
                                        i < MAKERS ? make_add_stop_and_flush : flush_until_they_are_done,
                                        &makers[i]),
                         0);
    }

    for (int i = 0; i <= MAKERS; ++i)
        assert_int_equal(pthread_join(makers[i].thread, NULL), 0);
    assert_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, NULL));
    consumer_join(&consumer);

    lkstats_traffic_t received = {0};
    for (int i = 0; i < LASTING; ++i) {
        host_assert_gapless(&consumer.kept, lasting[i]);
        received.recv_messages += host_sum(&consumer.kept, lasting[i]).recv_messages;
    }
    assert_int_equal(received.recv_messages, MAKERS * ROUNDS);
    assert_end_to_end(&consumer.kept);
    consumer_free(&consumer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_lie_end_to_end_and_none_runs_backwards),
    };
    return cmocka_run_group_tests_name("windows", tests, NULL, NULL);
}
