/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer's side of the model: what a batch may hold, and what an answer does. */
#include "hash.h"
#include "model.h"
#include "stats.h"
#include "story.h"

#include <string.h>

static int time_equal(const lkstats_time_t *a, const lkstats_time_t *b) {
    return a->monotonic_ns == b->monotonic_ns && a->wall_ns == b->wall_ns;
}

static const lkstats_record_t *record_of(const lkstats_batch_t *batch, uint32_t index) {
    const void *at = (const uint8_t *)batch->records + (uint64_t)index * batch->record_size;
    return at;
}

/* ---- What may come ---- */

uint32_t model_may_next(const model_t *model) {
    int surely = 0, maybe = 0, owed = 0;
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        const model_track_t *track = &model->tracks[i];
        owed |= model_owes(track);
        surely |= track->report.known ? track->report.queued == QUEUED_YES : track->frozen;
        maybe |= track->report.known ? track->report.queued == QUEUED_MAYBE : track->freezes_count > 0;
    }
    if (model->closing && !owed)
        return ANSWER(LKSTATS_EOF);
    if (surely)
        return ANSWER(LKSTATS_OK);
    return ANSWER(LKSTATS_EAGAIN) | (maybe ? ANSWER(LKSTATS_OK) : 0);
}

void model_nothing_to_take(model_t *model) {
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        model->tracks[i].freezes_count = 0;
        model->tracks[i].report.queued = QUEUED_NO;
    }
}

/* ---- What comes ---- */

static void expect_key(model_t *model, const lkstats_key_t *key) {
    if (!model->uuid_known)
        memcpy(model->uuid, key->context, sizeof model->uuid);
    model->uuid_known = 1;
    must(memcmp(key->context, model->uuid, sizeof model->uuid) == 0, "a key has another context's uuid");
    must(key->epoch == 1 && key->kind == LKSTATS_RECORD_TRAFFIC && key->reserved == 0,
         "a key has epoch %u, kind %u, reserved %u", key->epoch, key->kind, key->reserved);
}

static const model_freeze_t *freeze_behind(const model_track_t *track, const lkstats_record_t *record) {
    for (size_t i = 0; i < track->freezes_count; i++) {
        const model_freeze_t *freeze = &track->freezes[i];
        if (traffic_equal(&freeze->totals, &record->running) &&
            (time_equal(&freeze->at, &record->end) ||
             (freeze->final && time_equal(&track->stopped_at, &record->end))))
            return freeze;
    }
    return NULL;
}

/* A track's turn comes once an interval. New slots at the end may shift the turns of a pass. */
static void expect_once_an_interval(const model_t *model, const model_track_t *track,
                                    const model_freeze_t *freeze) {
    const model_freeze_t *last = &track->last;
    if (track->sequence == 0 || !freeze->regular || !last->regular || freeze->flushes != last->flushes ||
        model->top_slot_since + model->interval > last->before || track->state != MODEL_LIVE)
        return;
    must(freeze->at.monotonic_ns - last->before >= model->interval, "%llx was frozen twice within %lld ns",
         (unsigned long long)track->handle, (long long)(freeze->at.monotonic_ns - last->before));
}

static void expect_window(const model_track_t *track, const lkstats_record_t *record) {
    const lkstats_traffic_t window = traffic_minus(&record->running, &track->acknowledged);
    const lkstats_traffic_t nothing = {0};
    must(traffic_equal(&window, &record->window), "the window of %llx is not running minus acknowledged",
         (unsigned long long)track->handle);
    must(!traffic_equal(&window, &nothing), "%llx was reported, but has not moved",
         (unsigned long long)track->handle);
    must(time_equal(&record->start, &track->acknowledged_end), "a window of %llx starts at %lld, not at %lld",
         (unsigned long long)track->handle, (long long)record->start.monotonic_ns,
         (long long)track->acknowledged_end.monotonic_ns);
    must(record->start.monotonic_ns <= record->end.monotonic_ns, "a window ends before it starts");
}

static void first_delivery(model_t *model, model_track_t *track, const lkstats_record_t *record) {
    must(record->key.sequence == track->sequence + 1, "%llx has sequence %u after %u",
         (unsigned long long)track->handle, record->key.sequence, track->sequence);
    const model_freeze_t *freeze = freeze_behind(track, record);
    must(freeze != NULL, "%llx never was what its record of %lld ns says: %llu bytes sent, %llu received",
         (unsigned long long)track->handle, (long long)record->end.monotonic_ns,
         (unsigned long long)record->running.send_bytes, (unsigned long long)record->running.recv_bytes);
    expect_window(track, record);
    expect_once_an_interval(model, track, freeze);
    identity_expect(&track->who, record);
    for (uint32_t i = 0; i < model->tracks_count; i++)
        must(!model->tracks[i].report.known || !model->tracks[i].report.given_back,
             "a new report came before %llx, which was given back",
             (unsigned long long)model->tracks[i].handle);
    track->report = (model_report_t){.known = 1,
                                     .running = record->running,
                                     .end = record->end,
                                     .freeze = *freeze,
                                     .hash = hash_record(HASH_START, record)};
    track->freezes_count = 0;
    track->frozen = 0;
}

static void next_delivery(model_track_t *track, const lkstats_record_t *record) {
    must(record->key.sequence == track->sequence + 1, "%llx has sequence %u after %u and while %u is out",
         (unsigned long long)track->handle, record->key.sequence, track->sequence, track->sequence + 1);
    must(track->report.hash == hash_record(HASH_START, record), "the content of %llx, sequence %u changed",
         (unsigned long long)track->handle, record->key.sequence);
    must(track->report.queued != QUEUED_NO, "%llx, sequence %u was delivered twice, and nobody asked for it",
         (unsigned long long)track->handle, record->key.sequence);
    track->report.queued = QUEUED_NO;
    track->report.given_back = 0;
}

static model_entry_t deliver_record(model_t *model, const lkstats_record_t *record) {
    const lkstats_track_t handle = (uint64_t)record->key.tag << 32 | record->key.slot;
    model_track_t *track = model_find(model, handle);
    expect_key(model, &record->key);
    must(track != NULL && model_owes(track), "a report of %llx, which owes nothing",
         (unsigned long long)handle);
    if (track->report.known)
        next_delivery(track, record);
    else
        first_delivery(model, track, record);
    return (model_entry_t){handle, record->key.sequence, track->report.hash};
}

static void expect_new_id(model_t *model, uint64_t id) {
    must(id != 0, "a batch has no id");
    for (uint32_t i = 0; i < model->ids_count; i++)
        must(model->ids[i] != id, "two batches have the id %llu", (unsigned long long)id);
    must(model->ids_count < MODEL_BATCH_IDS, "more batches than the model keeps ids for");
    model->ids[model->ids_count++] = id;
}

model_batch_t *model_batch_place(model_t *model) {
    for (uint32_t i = 0; i < MODEL_BATCHES; i++)
        if (model->batches[i].given.id == 0)
            return &model->batches[i];
    return NULL;
}

uint32_t model_batches_out(const model_t *model) {
    uint32_t out = 0;
    for (uint32_t i = 0; i < MODEL_BATCHES; i++)
        out += model->batches[i].given.id != 0;
    return out;
}

void model_deliver(model_t *model, model_batch_t *place, const lkstats_batch_t *batch) {
    expect_new_id(model, batch->id);
    must(batch->record_count >= 1 && batch->record_count <= model->max_tracks, "a batch has %u records",
         batch->record_count);
    must(batch->record_size >= sizeof(lkstats_record_t), "records are %u bytes", batch->record_size);
    place->given = *batch;
    for (uint32_t i = 0; i < batch->record_count; i++)
        place->entries[i] = deliver_record(model, record_of(batch, i));
}

void model_expect_unchanged(const model_batch_t *batch) {
    for (uint32_t i = 0; i < batch->given.record_count; i++)
        must(hash_record(HASH_START, record_of(&batch->given, i)) == batch->entries[i].hash,
             "a batch changed while it was out");
}

static model_track_t *track_behind(model_t *model, const model_entry_t *entry) {
    model_track_t *track = model_find(model, entry->handle);
    return track && track->report.known && track->sequence + 1 == entry->sequence ? track : NULL;
}

void model_expect_stats(model_t *model, const model_batch_t *batch, const uint8_t *data, uint64_t size) {
    stats_cursor_t stats = {data, data + size};
    model_expect_unchanged(batch);
    for (uint32_t i = 0; i < batch->given.record_count; i++) {
        model_track_t *track = track_behind(model, &batch->entries[i]);
        const uint64_t hash = stats_expect(&stats, record_of(&batch->given, i));
        must(!track || track->report.stats_hash == 0 || track->report.stats_hash == hash,
             "the stats of one record are not the same bytes each time");
        if (track)
            track->report.stats_hash = hash;
    }
    must(stats.at == stats.end, "there are more stats than the records have");
}

/* ---- What is answered ---- */

void model_ack(model_t *model, model_batch_t *batch) {
    for (uint32_t i = 0; i < batch->given.record_count; i++) {
        model_track_t *track = track_behind(model, &batch->entries[i]);
        if (track)
            model_acknowledged(model, track);
    }
    batch->given.id = 0;
}

static int elsewhere(const model_t *model, const model_batch_t *batch, const model_entry_t *entry) {
    for (uint32_t b = 0; b < MODEL_BATCHES; b++) {
        const model_batch_t *other = &model->batches[b];
        for (uint32_t i = 0; other != batch && other->given.id && i < other->given.record_count; i++)
            if (other->entries[i].handle == entry->handle && other->entries[i].sequence == entry->sequence)
                return 1;
    }
    return 0;
}

void model_nack(model_t *model, model_batch_t *batch) {
    for (uint32_t i = 0; i < batch->given.record_count; i++) {
        const model_entry_t *entry = &batch->entries[i];
        model_track_t *track = track_behind(model, entry);
        if (!track || track->report.queued == QUEUED_YES)
            continue;
        /* After a redelivery the report may be in a second batch, and whether it then comes a third time
         * is not said. */
        const int once = !elsewhere(model, batch, entry);
        track->report.queued = once ? QUEUED_YES : QUEUED_MAYBE;
        track->report.given_back = once;
    }
    batch->given.id = 0;
}

void model_redeliver(model_t *model) {
    for (uint32_t i = 0; i < model->tracks_count; i++) {
        model_report_t *report = &model->tracks[i].report;
        report->given_back = 0;
        if (report->known)
            report->queued = QUEUED_YES;
    }
}
