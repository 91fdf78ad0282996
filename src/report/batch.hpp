// SPDX-License-Identifier: Apache-2.0
// Reports that went out together: copies, so that nothing a consumer holds depends on the shared memory.
#pragma once

#include "track/table.hpp"
#include "wire/stat.hpp"

#include <memory>
#include <vector>

namespace lkstats::report {

// Names a pending report: what an answer is matched by.
struct Item {
    uint32_t slot;
    uint32_t tag;
    uint32_t epoch;
    uint32_t sequence;
};

class Batch {
  public:
    // Empties it, for so many freezes; its memory is kept. May throw std::bad_alloc.
    void begin(uint32_t most);
    void name(uint64_t id) { id_ = id; }
    // Copies what is pending in an epoch record of a slot, whose cold lock is held: one record, or two where traffic
    // and left come together. False: the batch is full, nothing was copied. May throw std::bad_alloc, before
    // anything was copied.
    bool add(track::Table &table, uint32_t index, uint32_t record_index, const uint8_t (&context)[16],
             const wire::Origin &origin);

    // Somebody else reads it for as long as they like: it is not written to again.
    void lend() { lent_ = true; }
    bool lent() const { return lent_; }

    uint64_t id() const { return id_; }
    const std::vector<Item> &items() const { return items_; }
    std::span<const lkstats_record_t> records() const { return std::span(records_).first(count_); }
    // One livekit.AnalyticsStats, made at the first call. May throw std::bad_alloc.
    std::span<const uint8_t> analytics_stats(const wire::Origin &origin);

  private:
    // What of a record's identity goes into its stats, within the bytes that its strings point into.
    struct Stat {
        const uint8_t *bytes;
        uint16_t room_at, room_size;
        uint16_t participant_at, participant_size;
    };
    wire::Report report(size_t number) const;
    struct Block {
        std::unique_ptr<uint8_t[]> bytes;
        size_t size;
    };
    uint8_t *text(size_t size);
    Stat add_identity(track::Table &table, uint32_t record_index, lkstats_record_t &out);

    uint64_t id_ = 0;
    bool lent_ = false;
    size_t most_ = 0;
    size_t stats_bound_ = 0;
    std::vector<Item> items_;
    size_t count_ = 0;
    std::vector<lkstats_record_t> records_; // the first count_ of them count
    std::vector<Stat> stats_;               // of each
    std::vector<Block> blocks_;
    size_t block_ = 0; // in use
    size_t used_ = 0;  // of it
    std::unique_ptr<uint8_t[]> encoded_;
    size_t encoded_capacity_ = 0;
    size_t encoded_size_ = 0; // 0: not made yet
};

} // namespace lkstats::report
