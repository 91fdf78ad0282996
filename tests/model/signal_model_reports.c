/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer's side of the model: what a batch may hold, and what an answer does. */
#include "hash.h"
#include "signal_model.h"
#include "story.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

static const lkstats_record_t *record_of(const lkstats_batch_t *batch, uint32_t index) {
    const void *at = (const uint8_t *)batch->records + (uint64_t)index * batch->record_size;
    return at;
}

static handle_t *find(model_t *model, lkstats_track_t is) {
    for (int i = 0; i < HANDLES; i++)
        if (is != 0 && model->handles[i].is == is)
            return &model->handles[i];
    return NULL;
}

static epoch_t *reported(const handle_t *handle) { return &handle->epochs[handle->oldest]; }

/* ---- What may come ---- */

uint32_t model_may_next(const model_t *model) {
    int surely = 0, maybe = 0;
    if (model->closing && !model_owes_any(model))
        return ANSWER(LKSTATS_EOF);
    for (int i = 0; i < HANDLES; i++) {
        const handle_t *handle = &model->handles[i];
        if (!handle->is)
            continue;
        surely |=
            handle->freeze.known ? handle->freeze.queued == QUEUED_YES : model_surely_waits(model, handle);
        maybe |= handle->freeze.known ? handle->freeze.queued == QUEUED_MAYBE : model_owes(model, handle);
    }
    if (surely)
        return ANSWER(LKSTATS_OK);
    return ANSWER(LKSTATS_EAGAIN) | (maybe ? ANSWER(LKSTATS_OK) : 0);
}

void model_nothing_to_take(model_t *model) {
    for (int i = 0; i < HANDLES; i++)
        model->handles[i].freeze.queued = QUEUED_NO;
}

/* ---- One record ---- */

static void expect_key(model_t *model, const lkstats_key_t *key) {
    if (!model->uuid_known)
        memcpy(model->uuid, key->context, sizeof model->uuid);
    model->uuid_known = 1;
    must(memcmp(key->context, model->uuid, sizeof model->uuid) == 0, "a key has another context's uuid");
    must(key->reserved == 0, "a key's reserved is %u", key->reserved);
}

/* The epoch was just that at some instant, and the record says that it was this one. */
static void expect_moment(const model_t *model, const epoch_t *epoch, const lkstats_traffic_t *running,
                          lkstats_time_t at) {
    must(at.monotonic_ns <= model->now.monotonic_ns, "a record is of %lld ns, which is to come",
         (long long)at.monotonic_ns);
    for (size_t i = 0; i < epoch->moments_count; i++) {
        const int over = i + 1 < epoch->moments_count && epoch->moments[i + 1].since < at.monotonic_ns;
        if (traffic_equal(&epoch->moments[i].counted, running) &&
            epoch->moments[i].since <= at.monotonic_ns && !over)
            return;
    }
    must(0, "epoch %u never was what its record of %lld ns says: %llu bytes sent, %llu received",
         epoch->number, (long long)at.monotonic_ns, (ull)running->send_bytes, (ull)running->recv_bytes);
}

static void expect_traffic(const model_t *model, const handle_t *handle, const lkstats_record_t *record) {
    const epoch_t *epoch = reported(handle);
    const lkstats_traffic_t window = traffic_minus(&record->running, &epoch->acknowledged), nothing = {0};
    must(traffic_at_least(&record->running, &epoch->acknowledged), "running totals went back");
    must(traffic_equal(&window, &record->window), "a window is not running minus acknowledged");
    must(!traffic_equal(&window, &nothing), "%llx was reported, but has not moved", (ull)handle->is);
    must(time_equal(&record->start, &epoch->reach), "a window of %llx starts at %lld, not at %lld",
         (ull)handle->is, (long long)record->start.monotonic_ns, (long long)epoch->reach.monotonic_ns);
    expect_moment(model, epoch, &record->running, record->end);
    must(!(record->flags & LKSTATS_UNATTRIBUTED) || traffic_equal(&record->running, &epoch->counted),
         "unattributed traffic came in parts");
}

static void expect_event(const model_t *model, const handle_t *handle, const lkstats_record_t *record,
                         const lkstats_traffic_t *running, const lkstats_time_t *start) {
    const lkstats_traffic_t nothing = {0};
    must(traffic_equal(&record->window, &nothing), "an event of %llx has traffic", (ull)handle->is);
    must(traffic_equal(&record->running, running), "an event of %llx has other running totals",
         (ull)handle->is);
    must(time_equal(&record->start, start), "an event of %llx starts at %lld, not at %lld", (ull)handle->is,
         (long long)record->start.monotonic_ns, (long long)start->monotonic_ns);
    must(record->end.monotonic_ns <= model->now.monotonic_ns, "an event is to come");
}

static void expect_joined(const model_t *model, const handle_t *handle, const lkstats_record_t *record) {
    const epoch_t *epoch = reported(handle);
    const lkstats_traffic_t nothing = {0};
    must(!epoch->joined && record->key.sequence == 1, "epoch %u has a second joined", epoch->number);
    must(record->end.monotonic_ns >= epoch->resolved_at, "it was seen that both are known before they were");
    expect_event(model, handle, record, &nothing, &epoch->start);
}

/* before: the traffic beside it. */
static void expect_left(const model_t *model, const handle_t *handle, const lkstats_record_t *record,
                        const freeze_t *before) {
    const epoch_t *epoch = reported(handle);
    const lkstats_traffic_t *said = before->count ? &before->running : &epoch->acknowledged;
    must(epoch->ended, "%llx said left while epoch %u goes on", (ull)handle->is, epoch->number);
    must(traffic_equal(said, &epoch->counted), "%llx said left before all traffic of epoch %u",
         (ull)handle->is, epoch->number);
    expect_event(model, handle, record, &epoch->counted, &epoch->end);
}

static void expect_identity(const model_t *model, const handle_t *handle, const lkstats_record_t *record) {
    const epoch_t *epoch = reported(handle);
    must(record->flags == (epoch->resolved ? 0 : LKSTATS_UNATTRIBUTED), "%llx, epoch %u has flags %u",
         (ull)handle->is, epoch->number, record->flags);
    must(epoch->resolved || model_given_up(model, handle), "%llx was given up before its time",
         (ull)handle->is);
    whose_expect(&epoch->whose, record);
}

static void expect_new(const model_t *model, const handle_t *handle, const lkstats_record_t *record,
                       const freeze_t *before) {
    const epoch_t *epoch = reported(handle);
    must(record->start.monotonic_ns <= record->end.monotonic_ns, "a window ends before it starts");
    expect_identity(model, handle, record);
    must(epoch->joined || record->key.kind == LKSTATS_RECORD_JOINED || !handle->signal || !epoch->resolved,
         "%llx, epoch %u has a record of kind %u before its joined", (ull)handle->is, epoch->number,
         record->key.kind);
    must(before->count == 0 || record->key.kind == LKSTATS_RECORD_LEFT, "two windows with one sequence");
    must(record->key.kind == LKSTATS_RECORD_TRAFFIC || (handle->signal && epoch->resolved),
         "%llx, epoch %u has a record of kind %u", (ull)handle->is, epoch->number, record->key.kind);
    if (record->key.kind == LKSTATS_RECORD_TRAFFIC)
        expect_traffic(model, handle, record);
    else if (record->key.kind == LKSTATS_RECORD_JOINED)
        expect_joined(model, handle, record);
    else
        expect_left(model, handle, record, before);
}

/* ---- One freeze: all records of a sequence, which stand beside each other ---- */

static void account(freeze_t *freeze, const lkstats_record_t *record) {
    freeze->sequence = record->key.sequence;
    freeze->hash = hash_record(freeze->count ? freeze->hash : HASH_START, record);
    freeze->count++;
    freeze->joined |= record->key.kind == LKSTATS_RECORD_JOINED;
    freeze->left |= record->key.kind == LKSTATS_RECORD_LEFT;
    freeze->running = record->running;
    if (record->key.kind == LKSTATS_RECORD_TRAFFIC)
        freeze->reach = record->end;
}

static void meet_new(const model_t *model, handle_t *handle, const freeze_t *freeze) {
    for (int i = 0; i < HANDLES; i++)
        must(!model->handles[i].freeze.known || !model->handles[i].freeze.given_back,
             "a new report came before %llx, which was given back", (ull)model->handles[i].is);
    handle->freeze = *freeze;
    handle->freeze.known = 1;
}

static void meet_again(handle_t *handle, const freeze_t *freeze) {
    freeze_t *known = &handle->freeze;
    must(known->count == freeze->count && known->hash == freeze->hash,
         "the content of %llx, epoch %u, sequence %u changed", (ull)handle->is, reported(handle)->number,
         known->sequence);
    must(known->queued != QUEUED_NO,
         "%llx, epoch %u, sequence %u was delivered twice, and nobody asked for it", (ull)handle->is,
         reported(handle)->number, known->sequence);
    known->queued = QUEUED_NO;
    known->given_back = 0;
}

/* Hands back the index after it. */
static uint32_t deliver(model_t *model, const lkstats_batch_t *batch, uint32_t index, entry_t *entry) {
    const lkstats_key_t first = record_of(batch, index)->key;
    handle_t *handle = find(model, (uint64_t)first.tag << 32 | first.slot);
    must(handle != NULL && model_owes(model, handle), "a record of %x%08x, which owes nothing", first.tag,
         first.slot);
    const epoch_t *epoch = reported(handle);
    freeze_t freeze = {.reach = epoch->reach};
    must(first.epoch == epoch->number, "%llx has a record of epoch %u, and %u is not over", (ull)handle->is,
         first.epoch, epoch->number);
    must(first.sequence == epoch->sequence + 1, "%llx, epoch %u has sequence %u after %u", (ull)handle->is,
         first.epoch, first.sequence, epoch->sequence);
    for (; index < batch->record_count; index++) {
        const lkstats_record_t *record = record_of(batch, index);
        const lkstats_key_t *key = &record->key;
        if (key->slot != first.slot || key->tag != first.tag || key->epoch != first.epoch ||
            key->sequence != first.sequence)
            break;
        expect_key(model, key);
        if (!handle->freeze.known)
            expect_new(model, handle, record, &freeze);
        account(&freeze, record);
    }
    if (handle->freeze.known)
        meet_again(handle, &freeze);
    else
        meet_new(model, handle, &freeze);
    *entry = (entry_t){handle->is, first.epoch, first.sequence, freeze.count, freeze.hash};
    return index;
}

/* ---- Batches ---- */

batch_t *model_batch_place(model_t *model) {
    for (int i = 0; i < BATCHES; i++)
        if (model->batches[i].given.id == 0)
            return &model->batches[i];
    return NULL;
}

batch_t *model_some_batch(model_t *model) {
    uint32_t out = 0;
    for (int i = 0; i < BATCHES; i++)
        out += model->batches[i].given.id != 0;
    uint64_t nth = below(out);
    for (int i = 0; out && i < BATCHES; i++)
        if (model->batches[i].given.id != 0 && nth-- == 0)
            return &model->batches[i];
    return NULL;
}

void model_deliver(model_t *model, batch_t *place, const lkstats_batch_t *batch) {
    must(batch->id != 0 && batch->record_count >= 1 && batch->record_count <= 2 * HANDLES,
         "batch %llu has %u records", (ull)batch->id, batch->record_count);
    must(batch->record_size >= sizeof(lkstats_record_t), "records are %u bytes", batch->record_size);
    for (uint32_t i = 0; i < model->ids_count; i++)
        must(model->ids[i] != batch->id, "two batches have the id %llu", (ull)batch->id);
    must(model->ids_count < BATCH_IDS, "more batches than the model keeps ids for");
    model->ids[model->ids_count++] = batch->id;
    place->given = *batch;
    place->entries_count = 0;
    for (uint32_t i = 0; i < batch->record_count;) {
        must(place->entries_count < HANDLES, "a batch has a handle twice");
        i = deliver(model, batch, i, &place->entries[place->entries_count++]);
    }
}

void model_expect_unchanged(const batch_t *batch) {
    uint32_t index = 0;
    for (uint32_t i = 0; i < batch->entries_count; i++) {
        uint64_t hash = HASH_START;
        for (uint32_t left = batch->entries[i].count; left > 0; left--)
            hash = hash_record(hash, record_of(&batch->given, index++));
        must(hash == batch->entries[i].hash, "a batch changed while it was out");
    }
}

/* ---- What is answered ---- */

static handle_t *handle_behind(model_t *model, const entry_t *entry) {
    handle_t *handle = find(model, entry->handle);
    return handle && handle->freeze.known && reported(handle)->number == entry->epoch &&
                   handle->freeze.sequence == entry->sequence
               ? handle
               : NULL;
}

static void acknowledged(handle_t *handle) {
    epoch_t *epoch = reported(handle);
    const freeze_t *freeze = &handle->freeze;
    epoch->sequence = freeze->sequence;
    epoch->acknowledged = freeze->running;
    epoch->reach = freeze->reach;
    epoch->joined |= freeze->joined;
    epoch->left |= freeze->left;
    handle->freeze = (freeze_t){0};
    if (!epoch->left || handle->oldest + 1 == handle->epochs_count)
        return;
    free(epoch->moments);
    epoch->moments = NULL;
    handle->oldest++;
}

void model_ack(model_t *model, batch_t *batch) {
    for (uint32_t i = 0; i < batch->entries_count; i++) {
        handle_t *handle = handle_behind(model, &batch->entries[i]);
        if (handle)
            acknowledged(handle);
    }
    batch->given.id = 0;
}

static int elsewhere(const model_t *model, const batch_t *batch, const entry_t *entry) {
    for (int b = 0; b < BATCHES; b++) {
        const batch_t *other = &model->batches[b];
        for (uint32_t i = 0; other != batch && other->given.id && i < other->entries_count; i++)
            if (other->entries[i].handle == entry->handle && other->entries[i].epoch == entry->epoch &&
                other->entries[i].sequence == entry->sequence)
                return 1;
    }
    return 0;
}

void model_nack(model_t *model, batch_t *batch) {
    for (uint32_t i = 0; i < batch->entries_count; i++) {
        handle_t *handle = handle_behind(model, &batch->entries[i]);
        if (!handle || handle->freeze.queued == QUEUED_YES)
            continue;
        /* After a redelivery the records may be in a second batch, and whether they then come a third time
         * is not said. */
        const int once = !elsewhere(model, batch, &batch->entries[i]);
        handle->freeze.queued = once ? QUEUED_YES : QUEUED_MAYBE;
        handle->freeze.given_back = once;
    }
    batch->given.id = 0;
}

void model_redeliver(model_t *model) {
    for (int i = 0; i < HANDLES; i++) {
        freeze_t *freeze = &model->handles[i].freeze;
        freeze->given_back = 0;
        if (freeze->known)
            freeze->queued = QUEUED_YES;
    }
}
