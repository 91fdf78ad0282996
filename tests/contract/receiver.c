/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include "receiver.h"

static struct timespec patience(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HOST_PATIENCE_MS / 1000;
    return until;
}

static void await_change(receiver_t *receiver, const struct timespec *until) {
    require(pthread_cond_timedwait(&receiver->changed, &receiver->lock, until) == 0);
}

static void require_a_batch(const lkstats_batch_t *batch) {
    require(batch != NULL && batch->struct_size >= sizeof *batch);
    require(batch->ctx != NULL && batch->id != 0 && batch->records != NULL);
    require(batch->record_count > 0 && batch->record_count <= LKSTATS_BATCH_RECORDS_MAX);
    require(batch->record_size >= sizeof(lkstats_record_t));
}

/* However long it was held, what the batch points to stays. */
static void hold(receiver_t *receiver, const lkstats_batch_t *batch) {
    const struct timespec until = patience();
    host_records_t now = {0};
    while (receiver->held)
        await_change(receiver, &until);
    host_keep(&now, batch);
    for (size_t i = 0; i < now.count; ++i)
        require(
            host_same_content(&now.items[i], &receiver->taken.items[receiver->taken.count - now.count + i]));
    host_records_free(&now);
}

static lkstats_status_t receive(uint64_t user_data, const lkstats_batch_t *batch) {
    receiver_t *const receiver = (receiver_t *)(uintptr_t)user_data;
    require_a_batch(batch);
    pthread_mutex_lock(&receiver->lock);
    require(!receiver->over);
    require(!receiver->running); /* one call at a time */
    receiver->running = true;
    receiver->calls += 1;
    receiver->thread = pthread_self();
    receiver->last = *batch;
    host_keep(&receiver->taken, batch);
    pthread_cond_broadcast(&receiver->changed);
    if (receiver->held)
        hold(receiver, batch);
    pthread_mutex_unlock(&receiver->lock);

    if (receiver->inside != NULL)
        receiver->inside(receiver, batch);

    pthread_mutex_lock(&receiver->lock);
    const lkstats_status_t answer = receiver->answer;
    if (answer == LKSTATS_OK)
        host_keep(&receiver->acknowledged, batch);
    receiver->running = false;
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
    return answer;
}

lkstats_t *receiver_open(receiver_t *receiver, lkstats_options_t options) {
    lkstats_t *ctx = NULL;
    require(pthread_mutex_init(&receiver->lock, NULL) == 0);
    require(pthread_cond_init(&receiver->changed, NULL) == 0);
    options.struct_size = sizeof options;
    options.on_batch = receive;
    options.user_data = (uint64_t)(uintptr_t)receiver;
    require_status(LKSTATS_OK, lkstats_open(&options, &ctx));
    if (options.flags & LKSTATS_NO_THREAD)
        host_run(ctx, 0);
    return ctx;
}

lkstats_t *receiver_open_virtual(receiver_t *receiver) {
    return receiver_open(receiver, (lkstats_options_t){.flags = LKSTATS_NO_THREAD});
}

lkstats_t *receiver_open_threaded(receiver_t *receiver, uint32_t report_interval_ms) {
    return receiver_open(receiver, (lkstats_options_t){.report_interval_ms = report_interval_ms});
}

void receiver_answers(receiver_t *receiver, lkstats_status_t answer) {
    pthread_mutex_lock(&receiver->lock);
    receiver->answer = answer;
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_release(receiver_t *receiver) {
    pthread_mutex_lock(&receiver->lock);
    receiver->held = false;
    pthread_cond_broadcast(&receiver->changed);
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_await_calls(receiver_t *receiver, size_t count) {
    const struct timespec until = patience();
    pthread_mutex_lock(&receiver->lock);
    while (receiver->calls < count)
        await_change(receiver, &until);
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_await_records(receiver_t *receiver, size_t count) {
    const struct timespec until = patience();
    pthread_mutex_lock(&receiver->lock);
    while (receiver->acknowledged.count < count)
        await_change(receiver, &until);
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_expects_no_more(receiver_t *receiver) {
    pthread_mutex_lock(&receiver->lock);
    require(!receiver->running);
    receiver->over = true;
    pthread_mutex_unlock(&receiver->lock);
}

void receiver_close(receiver_t *receiver, lkstats_t *ctx) {
    const lkstats_traffic_t nothing = {0};
    lkstats_residue_t residue = {.struct_size = sizeof residue, .tracks = 1};
    require_status(LKSTATS_OK, lkstats_close(ctx, HOST_PATIENCE_MS, &residue));
    receiver_expects_no_more(receiver);
    require(residue.tracks == 0 && memcmp(&residue.traffic, &nothing, sizeof nothing) == 0);
}

void receiver_free(receiver_t *receiver) {
    host_records_free(&receiver->taken);
    host_records_free(&receiver->acknowledged);
    pthread_cond_destroy(&receiver->changed);
    pthread_mutex_destroy(&receiver->lock);
}

lkstats_traffic_t receiver_total(const host_records_t *records) {
    lkstats_traffic_t total = {0};
    for (size_t i = 0; i < records->count; ++i) {
        const lkstats_traffic_t *const window = &records->items[i].window;
        total.send_bytes += window->send_bytes;
        total.send_messages += window->send_messages;
        total.recv_bytes += window->recv_bytes;
        total.recv_messages += window->recv_messages;
    }
    return total;
}

static int by_key(const void *one, const void *other) {
    const lkstats_record_t *const *const a = one, *const *const b = other;
    return memcmp(&(*a)->key, &(*b)->key, sizeof(*a)->key);
}

/* Calls visit for each two neighbours of the same key. */
static void each_pair(const host_records_t *records,
                      void (*visit)(const lkstats_record_t *, const lkstats_record_t *)) {
    if (records->count < 2)
        return;
    const lkstats_record_t **const sorted = malloc(records->count * sizeof *sorted);
    require(sorted != NULL);
    for (size_t i = 0; i < records->count; ++i)
        sorted[i] = &records->items[i];
    qsort(sorted, records->count, sizeof *sorted, by_key);
    for (size_t i = 1; i < records->count; ++i)
        if (by_key(&sorted[i - 1], &sorted[i]) == 0)
            visit(sorted[i - 1], sorted[i]);
    free(sorted);
}

static void refuse_pair(const lkstats_record_t *one, const lkstats_record_t *other) {
    fail_msg("slot %u, epoch %u, sequence %u, kind %u comes twice", one->key.slot, one->key.epoch,
             other->key.sequence, other->key.kind);
}

static void compare_pair(const lkstats_record_t *one, const lkstats_record_t *other) {
    assert_true(host_same_content(one, other));
}

void receiver_assert_once(const host_records_t *records) { each_pair(records, refuse_pair); }

void receiver_assert_unchanged(const host_records_t *records) { each_pair(records, compare_pair); }
