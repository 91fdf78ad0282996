/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

/* The strings of a record, in the order of its declaration. */
enum { STRING_COUNT = 7 };

static lkstats_string_t *strings_of(lkstats_record_t *record) { return &record->country; }

/* Everything a record points to goes into one block, the kind details first: they need its alignment. */
static lkstats_record_t copy_of(const lkstats_record_t *from) {
    lkstats_record_t copy = *from;
    lkstats_string_t *const strings = strings_of(&copy);
    const size_t details = from->kind_details_count * sizeof *from->kind_details;
    size_t size = details + 1;
    for (int i = 0; i < STRING_COUNT; ++i)
        size += strings[i].size;

    char *const block = malloc(size);
    require(block != NULL);
    if (details != 0)
        memcpy(block, from->kind_details, details);
    copy.kind_details = (const int32_t *)(void *)block;
    char *next = block + details;
    for (int i = 0; i < STRING_COUNT; ++i) {
        if (strings[i].size != 0)
            memcpy(next, strings[i].data, strings[i].size);
        strings[i].data = next;
        next += strings[i].size;
    }
    return copy;
}

void host_records_free(host_records_t *all) {
    for (size_t i = 0; i < all->count; ++i)
        free((void *)(uintptr_t)all->items[i].kind_details);
    free(all->items);
    *all = (host_records_t){0};
}

void host_keep(host_records_t *all, const lkstats_batch_t *batch) {
    const char *record = (const char *)batch->records;
    for (uint32_t i = 0; i < batch->record_count; ++i, record += batch->record_size) {
        if (all->count == all->capacity) {
            all->capacity = all->capacity == 0 ? 64 : 2 * all->capacity;
            all->items = realloc(all->items, all->capacity * sizeof *all->items);
            require(all->items != NULL);
        }
        all->items[all->count++] = copy_of((const lkstats_record_t *)(const void *)record);
    }
}

lkstats_batch_t host_take(lkstats_t *ctx) {
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    require_status(LKSTATS_OK, lkstats_next(ctx, &batch));
    require(batch.record_count > 0 && batch.record_count <= LKSTATS_BATCH_RECORDS_MAX);
    require(batch.record_size >= sizeof(lkstats_record_t));
    return batch;
}

static void keep_in(void *all, const lkstats_batch_t *batch) { host_keep(all, batch); }

lkstats_status_t host_drain(lkstats_t *ctx, host_records_t *all) { return host_drain_to(ctx, keep_in, all); }

lkstats_status_t host_drain_to(lkstats_t *ctx, void (*keep)(void *to, const lkstats_batch_t *batch),
                               void *to) {
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        const lkstats_status_t status = lkstats_next(ctx, &batch);
        if (status == LKSTATS_EAGAIN || status == LKSTATS_EOF)
            return status;
        require_status(LKSTATS_OK, status);
        keep(to, &batch);
        require_status(LKSTATS_OK, lkstats_ack(&batch));
    }
}

void host_settle(lkstats_t *ctx, int64_t after_ns, host_records_t *all) {
    size_t before;
    do {
        before = all->count;
        host_run(ctx, after_ns);
        host_drain(ctx, all);
    } while (all->count != before);
}

void host_close(lkstats_t *ctx, host_records_t *all) {
    enum { ROUNDS = 10 };
    lkstats_status_t status = LKSTATS_ETIMEDOUT;
    for (int i = 0; i < ROUNDS && status == LKSTATS_ETIMEDOUT; ++i) {
        status = lkstats_close(ctx, 0, NULL);
        if (status == LKSTATS_ETIMEDOUT)
            host_drain(ctx, all);
    }
    require_status(LKSTATS_OK, status);
}

void host_done(lkstats_t *ctx) {
    host_records_t rest = {0};
    host_close(ctx, &rest);
    host_records_free(&rest);
}

const char *host_told(const host_records_t *all) {
    static char text[4096];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < all->count && at < sizeof text; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        char window[48];
        snprintf(window, sizeof window, "%llu+%llu", (unsigned long long)record->window.send_bytes,
                 (unsigned long long)record->window.recv_bytes);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%u.%u %s%s", i == 0 ? "" : ", ",
                               record->key.epoch, record->key.sequence,
                               record->key.kind == LKSTATS_RECORD_JOINED ? "joined"
                               : record->key.kind == LKSTATS_RECORD_LEFT ? "left"
                                                                         : window,
                               record->flags & LKSTATS_UNATTRIBUTED ? "?" : "");
    }
    return text;
}

bool host_is_of(const lkstats_record_t *record, lkstats_track_t track) {
    return record->key.slot == (uint32_t)(track & 0xffffff) && record->key.tag == (uint32_t)(track >> 32);
}

const lkstats_record_t *host_find(const host_records_t *all, lkstats_track_t track, uint32_t sequence) {
    for (size_t i = 0; i < all->count; ++i)
        if (host_is_of(&all->items[i], track) && all->items[i].key.sequence == sequence)
            return &all->items[i];
    return NULL;
}

size_t host_count(const host_records_t *all, lkstats_track_t track) {
    size_t count = 0;
    for (size_t i = 0; i < all->count; ++i)
        count += host_is_of(&all->items[i], track);
    return count;
}

size_t host_count_kind(const host_records_t *all, lkstats_track_t track, uint32_t kind) {
    size_t count = 0;
    for (size_t i = 0; i < all->count; ++i)
        count += host_is_of(&all->items[i], track) && all->items[i].key.kind == kind;
    return count;
}

static void add_to(lkstats_traffic_t *sum, const lkstats_traffic_t *window) {
    sum->send_bytes += window->send_bytes;
    sum->send_messages += window->send_messages;
    sum->recv_bytes += window->recv_bytes;
    sum->recv_messages += window->recv_messages;
}

lkstats_traffic_t host_sum(const host_records_t *all, lkstats_track_t track) {
    lkstats_traffic_t sum = {0};
    for (size_t i = 0; i < all->count; ++i)
        if (host_is_of(&all->items[i], track))
            add_to(&sum, &all->items[i].window);
    return sum;
}

lkstats_traffic_t host_sum_of_epoch(const host_records_t *all, lkstats_track_t track, uint32_t epoch) {
    lkstats_traffic_t sum = {0};
    for (size_t i = 0; i < all->count; ++i)
        if (host_is_of(&all->items[i], track) && all->items[i].key.epoch == epoch)
            add_to(&sum, &all->items[i].window);
    return sum;
}

bool host_same_content(const lkstats_record_t *one, const lkstats_record_t *other) {
    lkstats_record_t a = *one, b = *other;
    lkstats_string_t *const left = strings_of(&a), *const right = strings_of(&b);
    for (int i = 0; i < STRING_COUNT; ++i) {
        if (left[i].size != right[i].size ||
            (left[i].size != 0 && memcmp(left[i].data, right[i].data, left[i].size) != 0))
            return false;
        left[i] = right[i] = (lkstats_string_t){0};
    }
    if (a.kind_details_count != b.kind_details_count ||
        (a.kind_details_count != 0 &&
         memcmp(a.kind_details, b.kind_details, a.kind_details_count * sizeof *a.kind_details) != 0))
        return false;
    a.kind_details = b.kind_details = NULL;
    return memcmp(&a, &b, sizeof a) == 0;
}

/* How far the records of one epoch have come. */
typedef struct epoch {
    uint32_t number;
    uint32_t sequence;
    uint32_t kind;        /* of its last record, 0 before the first */
    lkstats_time_t reach; /* where its next window begins; after its left, its end */
    lkstats_traffic_t sum;
} epoch_t;

/* A left beside the last traffic has its sequence; every other record has the next one. */
static void assert_next_in_sequence(const epoch_t *epoch, const lkstats_record_t *record) {
    if (record->key.kind == LKSTATS_RECORD_LEFT && epoch->kind == LKSTATS_RECORD_TRAFFIC &&
        record->key.sequence == epoch->sequence)
        assert_memory_equal(&record->end, &epoch->reach, sizeof epoch->reach);
    else
        assert_int_equal(record->key.sequence, epoch->sequence + 1);
}

static void assert_kind_in_its_place(const epoch_t *epoch, const lkstats_record_t *record) {
    const bool unattributed = (record->flags & LKSTATS_UNATTRIBUTED) != 0;
    assert_int_not_equal(epoch->kind, LKSTATS_RECORD_LEFT);
    if (record->channel != LKSTATS_CHANNEL_SIGNAL || unattributed) {
        assert_int_equal(record->key.kind, LKSTATS_RECORD_TRAFFIC);
        return;
    }
    assert_int_equal(record->key.kind == LKSTATS_RECORD_JOINED, epoch->kind == 0);
    if (record->key.kind != LKSTATS_RECORD_TRAFFIC)
        assert_traffic(record->window, 0, 0, 0, 0);
}

void host_assert_gapless(const host_records_t *all, lkstats_track_t track) {
    epoch_t epoch = {.number = 1};
    bool begun = false;
    for (size_t i = 0; i < all->count; ++i) {
        const lkstats_record_t *const record = &all->items[i];
        if (!host_is_of(record, track))
            continue;
        if (record->key.epoch != epoch.number) {
            assert_int_equal(record->key.epoch, epoch.number + 1);
            assert_int_equal(epoch.kind, LKSTATS_RECORD_LEFT);
            epoch = (epoch_t){.number = record->key.epoch, .reach = epoch.reach};
        }
        assert_kind_in_its_place(&epoch, record);
        assert_next_in_sequence(&epoch, record);
        add_to(&epoch.sum, &record->window);
        assert_memory_equal(&record->running, &epoch.sum, sizeof epoch.sum);
        /* A left says when its epoch ended, and the next one begins there. */
        if (begun && record->key.kind != LKSTATS_RECORD_LEFT)
            assert_memory_equal(&record->start, &epoch.reach, sizeof epoch.reach);
        assert_true(record->end.monotonic_ns >= record->start.monotonic_ns);

        epoch.sequence = record->key.sequence;
        epoch.kind = record->key.kind;
        epoch.reach = epoch.kind == LKSTATS_RECORD_TRAFFIC ? record->end : record->start;
        begun = true;
    }
}
