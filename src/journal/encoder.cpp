// SPDX-License-Identifier: Apache-2.0
#include "journal/encoder.hpp"

#include "journal/crc32c.hpp"
#include "journal/little.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::journal {

size_t Encoder::Hash::operator()(const Key &key) const {
    const uint64_t handle = (uint64_t{key.tag} << 32 | key.slot) * 0x9e3779b97f4a7c15;
    const uint64_t epoch = (uint64_t{key.origin} << 32 | key.epoch) * 0xc2b2ae3d27d4eb4f;
    return handle ^ handle >> 32 ^ epoch ^ epoch >> 32;
}

void Encoder::begin(const uint8_t (&own)[16], const lkstats_time_t &created) {
    created_ = Instant(created);
    tracks_.clear();
    origins_.assign(1, std::to_array(own));
    keep();
}

std::span<const uint8_t> Encoder::encode(std::span<const lkstats_record_t> records, const Origin &origin) {
    try {
        put_frame(records, origin);
    } catch (...) {
        drop();
        throw;
    }
    return out_.bytes();
}

void Encoder::put_frame(std::span<const lkstats_record_t> records, const Origin &origin) {
    // So that what is changed can always be noted.
    changes_.reserve(records.size());
    const lkstats_journal_frame_t nothing = {};
    out_.clear();
    out_.bytes({reinterpret_cast<const uint8_t *>(&nothing), sizeof nothing});
    place_ = {0, created_};
    const uint32_t from = number_of(origin);
    for (const lkstats_record_t &record : records)
        put_record(record, from);

    const auto bytes = out_.bytes();
    lkstats_journal_frame_t frame = {little(static_cast<uint32_t>(bytes.size() - sizeof frame)), 0};
    std::memcpy(bytes.data(), &frame, sizeof frame);
    const uint32_t size_sum = crc32c(bytes.first(sizeof frame.size));
    frame.checksum = little(crc32c(bytes.subspan(sizeof frame), size_sum));
    std::memcpy(bytes.data(), &frame, sizeof frame);
}

uint32_t Encoder::number_of(const Origin &origin) {
    const Context context = std::to_array(origin.context);
    const auto at = std::ranges::find(origins_, context);
    const auto number = static_cast<uint32_t>(at - origins_.begin());
    if (at == origins_.end()) {
        origins_.push_back(context);
        put_origin(out_, number, origin);
    }
    return number;
}

void Encoder::put_record(const lkstats_record_t &record, uint32_t origin) {
    const lkstats_key_t &key = record.key;
    const Key name = {origin, key.slot, key.tag, key.epoch};
    const auto [at, added] = tracks_.try_emplace(name);
    Known &known = at->second;
    changes_.push_back({name, &known, known.chain, added});
    if (added) {
        known = {static_cast<uint32_t>(tracks_.size() - 1), key.sequence, {}};
        put_track(out_, {known.number, origin, known.first}, record, place_);
    }
    Window window = {.number = known.number,
                     .sequence = key.sequence - known.first,
                     .kind = key.kind,
                     .same_sequence = false,
                     .whole = false,
                     .start = record.start,
                     .end = record.end,
                     .window = record.window,
                     .running = record.running};
    window.same_sequence = key.kind == LKSTATS_RECORD_LEFT && known.chain.is_at(window.sequence);
    window.whole = !known.chain.implies(window);
    put_window(out_, window, place_);
    known.chain.add(window, false, false);
}

void Encoder::keep() {
    changes_.clear();
    origins_before_ = origins_.size();
}

void Encoder::drop() {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
        if (change->added)
            tracks_.erase(change->key);
        else
            change->known->chain = change->before;
    }
    origins_.resize(origins_before_);
    changes_.clear();
}

} // namespace lkstats::journal
