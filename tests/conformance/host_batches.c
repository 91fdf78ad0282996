/* SPDX-License-Identifier: Apache-2.0 */
/* Taking reports and answering them. A name that is no batch's answers LKSTATS_ESTALE. */
#include "host.h"
#include "transcript.h"

#include <inttypes.h>
#include <stdio.h>

static const struct named_batch *batch_word(struct host *host) {
    const struct named_batch *batch = names_batch(&host->names, script_word(host->script));
    script_end(host->script);
    return batch;
}

static const char *kind_name(uint32_t kind) {
    return kind == LKSTATS_RECORD_JOINED    ? "joined"
           : kind == LKSTATS_RECORD_TRAFFIC ? "traffic"
           : kind == LKSTATS_RECORD_LEFT    ? "left"
                                            : "unknown";
}

static void tell_named(const char *name, lkstats_string_t string) {
    printf(" %s=", name);
    tell_string(string.data, string.size);
}

static void tell_record(const lkstats_record_t *record) {
    printf("  record %s epoch=%" PRIu32 " sequence=%" PRIu32 " channel=%" PRId32 " flags=%d start=",
           kind_name(record->key.kind), record->key.epoch, record->key.sequence, record->channel,
           (record->flags & LKSTATS_UNATTRIBUTED) != 0);
    tell_time(&record->start);
    printf(" end=");
    tell_time(&record->end);
    printf(" window=");
    tell_traffic(&record->window);
    printf(" running=");
    tell_traffic(&record->running);
    tell_named("country", record->country);
    tell_named("room_sid", record->room_sid);
    tell_named("room_name", record->room_name);
    tell_named("participant_sid", record->participant_sid);
    tell_named("identity", record->participant_identity);
    tell_named("track_id", record->track_id);
    tell_named("tenant", record->tenant);
    printf(" kind=%" PRId32 " details=", record->participant_kind);
    tell_details(record->kind_details, record->kind_details_count);
    putchar('\n');
}

static void next(struct host *host) {
    const char *name = script_word(host->script);
    lkstats_batch_t batch = {.struct_size = sizeof batch};
    script_end(host->script);
    if (!answer(host, host->ctx ? host->lk->next(host->ctx, &batch) : LKSTATS_ESTALE)) {
        putchar('\n');
        return;
    }
    tell_named("node", batch.node);
    tell_named("key", batch.analytics_key);
    printf(" records=%" PRIu32 "\n", batch.record_count);
    for (uint32_t i = 0; i < batch.record_count; i++)
        tell_record(lkstats_batch_record(&batch, i));
    names_add_batch(&host->names, name, &batch);
}

static void stats(struct host *host) {
    const struct named_batch *batch = batch_word(host);
    const uint8_t *data = NULL;
    uint64_t size = 0;
    if (answer(host, batch ? host->lk->batch_analytics_stats(&batch->batch, &data, &size) : LKSTATS_ESTALE)) {
        putchar(' ');
        tell_stats(data, size);
    }
    putchar('\n');
}

static void ack(struct host *host) {
    const struct named_batch *batch = batch_word(host);
    answer_line(host, batch ? host->lk->ack(&batch->batch) : LKSTATS_ESTALE);
}

static void nack(struct host *host) {
    const struct named_batch *batch = batch_word(host);
    answer_line(host, batch ? host->lk->nack(&batch->batch) : LKSTATS_ESTALE);
}

const struct command batch_commands[] = {
    {"next", next}, {"stats", stats}, {"ack", ack}, {"nack", nack}, {NULL, NULL}};
