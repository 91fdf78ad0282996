/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#include "ledger.h"

enum { STRING_COUNT = 7 };

void *shared_memory(size_t size) {
    void *const memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED);
    return memory;
}

ledger_t *ledger_make(void) {
    ledger_t *const ledger = shared_memory(sizeof *ledger);
    ledger->all.items = ledger->records;
    ledger->all.capacity = LEDGER_RECORDS;
    return ledger;
}

static const void *put(ledger_t *ledger, const void *bytes, size_t size) {
    char *const at = ledger->bytes + ledger->used;
    require(size <= LEDGER_BYTES - ledger->used);
    if (size != 0)
        memcpy(at, bytes, size);
    ledger->used += (size + 7) / 8 * 8;
    return at;
}

void ledger_keep(ledger_t *ledger, const lkstats_batch_t *batch) {
    for (uint32_t i = 0; i < batch->record_count; ++i) {
        require(ledger->all.count < LEDGER_RECORDS);
        lkstats_record_t *const copy = &ledger->records[ledger->all.count];
        *copy = *lkstats_batch_record(batch, i);
        copy->kind_details =
            put(ledger, copy->kind_details, copy->kind_details_count * sizeof *copy->kind_details);
        lkstats_string_t *const strings = &copy->country;
        for (int s = 0; s < STRING_COUNT; ++s)
            strings[s].data = put(ledger, strings[s].data, strings[s].size);
        ++ledger->all.count; /* a kill before leaves it out */
    }
}

lkstats_batch_t ledger_take(ledger_t *ledger, lkstats_t *ctx) {
    const lkstats_batch_t batch = host_take(ctx);
    ledger_keep(ledger, &batch);
    return batch;
}

void ledger_drain(ledger_t *ledger, lkstats_t *ctx) {
    for (;;) {
        lkstats_batch_t batch = {.struct_size = sizeof batch};
        const lkstats_status_t status = lkstats_next(ctx, &batch);
        if (status == LKSTATS_EAGAIN || status == LKSTATS_EOF)
            return;
        require_status(LKSTATS_OK, status);
        ledger_keep(ledger, &batch);
        require_status(LKSTATS_OK, lkstats_ack(&batch));
    }
}

/* ---- Lists -------------------------------------------------------------------------------------- */

static void append(host_records_t *to, lkstats_record_t *record) {
    const lkstats_batch_t batch = {.record_count = 1, .record_size = sizeof *record, .records = record};
    host_keep(to, &batch);
}

void records_append(host_records_t *to, const host_records_t *from) {
    for (size_t i = 0; i < from->count; ++i)
        append(to, &from->items[i]);
}

host_records_t records_of(const host_records_t *all, const uint8_t *context) {
    host_records_t found = {0};
    for (size_t i = 0; i < all->count; ++i)
        if (memcmp(all->items[i].key.context, context, sizeof all->items[i].key.context) == 0)
            append(&found, &all->items[i]);
    return found;
}

/* In the order of their slots, each slot's in the order in which they came. */
static const lkstats_record_t **by_slot(const host_records_t *all) {
    const lkstats_record_t **const sorted = malloc((all->count + 1) * sizeof *sorted);
    require(sorted != NULL);
    for (size_t i = 0; i < all->count; ++i) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1]->key.slot > all->items[i].key.slot; --at)
            sorted[at] = sorted[at - 1];
        sorted[at] = &all->items[i];
    }
    return sorted;
}

static lkstats_record_t of_any_track(const lkstats_record_t *record) {
    lkstats_record_t copy = *record;
    memset(copy.key.context, 0, sizeof copy.key.context);
    copy.key.slot = copy.key.tag = 0;
    return copy;
}

void assert_alike(const host_records_t *one, const host_records_t *other) {
    assert_int_equal(one->count, other->count);
    const lkstats_record_t **const left = by_slot(one), **const right = by_slot(other);
    for (size_t i = 0; i < one->count; ++i) {
        const lkstats_record_t a = of_any_track(left[i]), b = of_any_track(right[i]);
        if (!host_same_content(&a, &b))
            fail_msg("%u.%u of kind %u, %lld to %lld ns, is not %u.%u of kind %u, %lld to %lld ns",
                     a.key.epoch, a.key.sequence, a.key.kind, (long long)a.start.monotonic_ns,
                     (long long)a.end.monotonic_ns, b.key.epoch, b.key.sequence, b.key.kind,
                     (long long)b.start.monotonic_ns, (long long)b.end.monotonic_ns);
    }
    free(left);
    free(right);
}

void assert_each_once(const host_records_t *all) {
    for (size_t i = 0; i < all->count; ++i)
        for (size_t j = i + 1; j < all->count; ++j)
            assert_memory_not_equal(&all->items[i].key, &all->items[j].key, sizeof all->items[i].key);
}
