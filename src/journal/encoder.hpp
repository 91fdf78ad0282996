// SPDX-License-Identifier: Apache-2.0
// Makes frames out of records, and remembers what whoever reads the segment up to here knows.
#pragma once

#include "journal/chain.hpp"

#include <array>
#include <unordered_map>

namespace lkstats::journal {

class Encoder {
  public:
    // For a new segment, of that context.
    void begin(const uint8_t (&own)[16], const lkstats_time_t &created);
    // One frame with all of the records. Either keep or drop follows. May throw std::bad_alloc; then it is dropped.
    std::span<const uint8_t> encode(std::span<const lkstats_record_t> records, const Origin &origin);
    void keep();
    // Readers will not find it: as if it had never been made.
    void drop();

  private:
    using Context = std::array<uint8_t, 16>;
    // Of a handle's epoch.
    struct Key {
        uint32_t origin, slot, tag, epoch;
        bool operator==(const Key &) const = default;
    };
    struct Hash {
        size_t operator()(const Key &key) const;
    };
    struct Known {
        uint32_t number = 0, first = 0;
        Chain chain;
    };
    struct Change {
        Key key;
        Known *known;
        Chain before;
        bool added;
    };

    void put_frame(std::span<const lkstats_record_t> records, const Origin &origin);
    uint32_t number_of(const Origin &origin);
    void put_record(const lkstats_record_t &record, uint32_t origin);

    Instant created_;
    std::vector<Context> origins_; // in the order of their numbers, the segment's own first
    std::unordered_map<Key, Known, Hash> tracks_;

    // Of the frame that is neither kept nor dropped.
    Out out_;
    Place place_;
    std::vector<Change> changes_;
    size_t origins_before_ = 0;
};

} // namespace lkstats::journal
