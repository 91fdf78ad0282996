// SPDX-License-Identifier: Apache-2.0
#include "report/batch.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::report {

namespace {

// A stat without what is constant: times, figures, id and lengths take 103 bytes at most.
constexpr size_t stat_rest = 128;
constexpr uint64_t packets_max = (uint64_t{1} << 31) - 1;

size_t bound(const lkstats_traffic_t &window, size_t constant) {
    const auto stats = [](uint64_t bytes, uint64_t messages) {
        return 1 + messages / packets_max + (bytes >> 63);
    };
    return (stats(window.send_bytes, window.send_messages) + stats(window.recv_bytes, window.recv_messages)) *
           (constant + stat_rest);
}

void forget_identity(lkstats_record_t &record) {
    record.country = record.room_sid = record.room_name = record.participant_sid =
        record.participant_identity = record.track_id = record.tenant = {};
    record.kind_details = nullptr;
    record.kind_details_count = 0;
    record.participant_kind = 0;
}

} // namespace

void Batch::begin(uint32_t most) {
    most_ = most;
    count_ = 0;
    stats_bound_ = 0;
    items_.clear();
    stats_.clear();
    items_.reserve(most);
    if (records_.size() < most)
        records_.resize(most);
    stats_.reserve(most);
    block_ = used_ = 0;
    encoded_size_ = 0;
}

// Blocks never move: records point into them.
uint8_t *Batch::text(size_t size) {
    constexpr size_t typical = 192, block_max = size_t{256} * 1024;
    for (; block_ < blocks_.size(); ++block_, used_ = 0)
        if (blocks_[block_].size - used_ >= size) {
            used_ += size;
            return blocks_[block_].bytes.get() + used_ - size;
        }
    const size_t fresh = std::max(size, std::min(block_max, (most_ - items_.size()) * typical));
    blocks_.push_back({std::make_unique_for_overwrite<uint8_t[]>(fresh), fresh});
    used_ = size;
    return blocks_[block_].bytes.get();
}

Batch::Stat Batch::add_identity(track::Table &table, uint32_t record_index, lkstats_record_t &out) {
    const slab::Record record = table.record(record_index);
    const lkstats_slab_record_t &from = record.raw();
    const size_t size = track::stream_size(from);
    uint8_t *bytes = text(track::load_size(size));
    track::load(table.records(), record_index, size, bytes);
    const lkstats_slab_part_t unknown = {};
    const lkstats_slab_part_t room = record.knows(LKSTATS_SLAB_ROOM_KNOWN) ? from.room : unknown;
    const lkstats_slab_part_t participant =
        record.knows(LKSTATS_SLAB_PARTICIPANT_KNOWN) ? from.participant : unknown;
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    if (!wire::decode_connection(track::part_of(from.connection, bytes), out) ||
        !wire::decode_room(track::part_of(room, bytes), out) ||
        !wire::decode_participant(track::part_of(participant, bytes), out, details)) {
        forget_identity(out); // traffic is reported whatever became of its name
        return {};
    }
    if (out.kind_details_count != 0) {
        const size_t space = out.kind_details_count * sizeof(int32_t);
        auto *kept = text(space + alignof(int32_t));
        kept += -reinterpret_cast<uintptr_t>(kept) % alignof(int32_t);
        std::memcpy(kept, details, space);
        out.kind_details = reinterpret_cast<const int32_t *>(kept);
    }
    return {bytes, room.at, room.stat_size, participant.at, participant.stat_size};
}

wire::Report Batch::report(size_t number) const {
    const Stat &stat = stats_[number];
    return {records_[number],
            {stat.bytes + stat.room_at, stat.room_size},
            {stat.bytes + stat.participant_at, stat.participant_size}};
}

bool Batch::add(track::Table &table, uint32_t index, uint32_t record_index, const uint8_t (&context)[16],
                const wire::Origin &origin) {
    const slab::Record record = table.record(record_index);
    const lkstats_slab_record_t &from = record.raw();
    const lkstats_slab_snapshot_t &snapshot = record.snapshot();
    const lkstats_traffic_t window = snapshot.traffic - record.acknowledged();
    const bool joined = (snapshot.flags & LKSTATS_SLAB_JOINED) != 0;
    const bool left = (snapshot.flags & LKSTATS_SLAB_LEFT) != 0;
    const bool both = left && !(window == lkstats_traffic_t{});

    const size_t constant =
        origin.analytics_key.size() + origin.node.size() + from.room.stat_size + from.participant.stat_size;
    const size_t grown = stats_bound_ + bound(window, constant);
    const size_t count = count_ + (both ? 2 : 1);
    if (items_.size() == most_ || count > LKSTATS_BATCH_RECORDS_MAX ||
        (grown > LKSTATS_BATCH_BYTES_MAX && !items_.empty()))
        return false;
    if (records_.size() < count)
        records_.resize(count);
    stats_.reserve(count);

    // One that is left from an earlier batch is written over field by field: cheaper than a new one.
    lkstats_record_t &out = records_[count_];
    std::memcpy(out.key.context, context, sizeof out.key.context);
    out.key.slot = from.slot; // not index: a dead context's are packed
    out.key.tag = from.tag;
    out.key.epoch = from.epoch;
    out.key.sequence = snapshot.sequence;
    out.key.kind = joined          ? LKSTATS_RECORD_JOINED
                   : left && !both ? LKSTATS_RECORD_LEFT
                                   : LKSTATS_RECORD_TRAFFIC;
    out.key.reserved = 0;
    out.start = left && !both ? snapshot.at : record.window_start();
    out.end = snapshot.at;
    out.window = window;
    out.running = snapshot.traffic - record.base();
    out.channel = record.channel();
    out.flags = record.unattributed() ? LKSTATS_UNATTRIBUTED : 0;
    forget_identity(out);
    stats_.push_back(add_identity(table, record_index, out));
    if (both) {
        lkstats_record_t &last = records_[count_ + 1] = out;
        last.key.kind = LKSTATS_RECORD_LEFT;
        last.start = snapshot.at;
        last.window = {};
        stats_.push_back(stats_.back());
    }
    items_.push_back({index, from.tag, from.epoch, snapshot.sequence});
    count_ = count;
    stats_bound_ = grown;
    return true;
}

std::span<const uint8_t> Batch::analytics_stats(const wire::Origin &origin) {
    if (encoded_size_ == 0) {
        size_t size = 0;
        for (size_t i = 0; i < count_; ++i)
            size += wire::stats_size(origin, report(i));
        if (encoded_ == nullptr || encoded_capacity_ < size) {
            encoded_ = std::make_unique_for_overwrite<uint8_t[]>(size + 1); // joined and left have no stats
            encoded_capacity_ = size;
        }
        encoded_size_ = size;
        uint8_t *to = encoded_.get();
        for (size_t i = 0; i < count_; ++i)
            to = wire::write_stats(origin, report(i), to);
    }
    return {encoded_.get(), encoded_size_};
}

} // namespace lkstats::report
