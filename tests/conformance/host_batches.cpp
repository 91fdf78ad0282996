// SPDX-License-Identifier: Apache-2.0
// Taking reports and answering them.
#include "host.hpp"
#include "transcript.h"

#include <cinttypes>

using lkstats::Batch;

namespace {

const char *kind_name(uint32_t kind) {
    switch (kind) {
    case LKSTATS_RECORD_JOINED:
        return "joined";
    case LKSTATS_RECORD_TRAFFIC:
        return "traffic";
    case LKSTATS_RECORD_LEFT:
        return "left";
    default:
        return "unknown";
    }
}

void tell_named(const char *name, std::string_view string) {
    std::printf(" %s=", name);
    tell_string(string.data(), string.size());
}

void tell_record(const lkstats::Record &record) {
    std::printf("  record %s epoch=%" PRIu32 " sequence=%" PRIu32 " channel=%" PRId32 " flags=%d start=",
                kind_name(record.key.kind), record.key.epoch, record.key.sequence, record.channel,
                (record.flags & LKSTATS_UNATTRIBUTED) != 0);
    tell_time(&record.start);
    std::printf(" end=");
    tell_time(&record.end);
    std::printf(" window=");
    tell_traffic(&record.window);
    std::printf(" running=");
    tell_traffic(&record.running);
    tell_named("country", lkstats::view(record.country));
    tell_named("room_sid", lkstats::view(record.room_sid));
    tell_named("room_name", lkstats::view(record.room_name));
    tell_named("participant_sid", lkstats::view(record.participant_sid));
    tell_named("identity", lkstats::view(record.participant_identity));
    tell_named("track_id", lkstats::view(record.track_id));
    tell_named("tenant", lkstats::view(record.tenant));
    std::printf(" kind=%" PRId32 " details=", record.participant_kind);
    tell_details(record.kind_details, record.kind_details_count);
    std::putchar('\n');
}

} // namespace

void Host::next() {
    const std::string name = word();
    end();
    Batch batch = context_ ? context_->next() : Batch();
    if (answer(batch.status())) {
        tell_named("node", batch.node());
        tell_named("key", batch.analytics_key());
        std::printf(" records=%zu", batch.size());
    }
    std::putchar('\n');
    for (const lkstats::Record &record : batch)
        tell_record(record);
    if (batch)
        batches_.insert_or_assign(name, std::move(batch));
}

void Host::stats() {
    const std::string name = word();
    std::string_view bytes;
    end();
    if (answer(of_batch(name, [&](const Batch &batch) { return batch.analytics_stats(bytes); }))) {
        std::putchar(' ');
        tell_stats(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
    }
    std::putchar('\n');
}

void Host::ack() {
    const std::string name = word();
    end();
    answer_line(of_batch(name, [](Batch &batch) { return batch.ack(); }));
}

void Host::nack() {
    const std::string name = word();
    end();
    answer_line(of_batch(name, [](Batch &batch) { return batch.nack(); }));
}
