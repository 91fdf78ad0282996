// SPDX-License-Identifier: Apache-2.0
// What a consumer was given, one row a key: the same key always has the same content. Memory is its own, so it can
// take while a fault is in force.
#pragma once

#include "lkstats.h"

#include <cstddef>
#include <cstdint>

namespace lkstats::fault {

class Receipts {
  public:
    void take(const lkstats_record_t &record);
    void take(const lkstats_batch_t &batch);
    size_t count() const { return count_; }
    // How many were a key that had been there before.
    size_t again() const { return again_; }
    bool has(const lkstats_key_t &key) const { return find(key) != nullptr; }
    // Sums of all windows.
    lkstats_traffic_t traffic() const;
    void clear() { count_ = again_ = 0; }

    // All of one are in the other, with the same content.
    bool within(const Receipts &other) const;
    bool same_as(const Receipts &other) const { return within(other) && other.within(*this); }

  private:
    struct Row {
        lkstats_key_t key;
        lkstats_time_t start, end;
        lkstats_traffic_t window, running;
        int64_t numbers[4]; // channel, flags, kind of the participant, number of details
        uint64_t texts;     // a hash
    };
    static Row row_of(const lkstats_record_t &record);
    const Row *find(const lkstats_key_t &key) const;

    static constexpr size_t most = 256;
    Row rows_[most];
    size_t count_ = 0, again_ = 0;
};

} // namespace lkstats::fault
