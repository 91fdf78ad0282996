// SPDX-License-Identifier: Apache-2.0
// Records with memory of their own, to compare what was written with what is read; and whoever makes them, by the
// rules of lkstats.h.
#pragma once

#include "journal/origin.hpp"
#include "lkstats_journal.h"

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace lkstats::journal {

struct Row {
    std::array<uint8_t, 16> context = {};
    uint32_t slot = 0, tag = 0, epoch = 0, sequence = 0, kind = 0;
    std::array<int64_t, 2> start = {}, end = {};
    std::array<uint64_t, 4> window = {}, running = {};
    std::array<std::string, 7> texts; // country, room sid, room name, sid, identity, track id, tenant
    std::vector<int32_t> kind_details;
    int32_t participant_kind = 0, channel = 0;
    uint32_t flags = 0;
    std::string node, analytics_key;

    Row() = default;
    Row(const lkstats_record_t &record, std::string_view node, std::string_view analytics_key);
    // Points into the row.
    lkstats_record_t record() const;
    auto key() const { return std::tie(context, slot, tag, epoch, sequence, kind); }
    bool operator==(const Row &) const = default;
};
using Rows = std::vector<Row>;
std::vector<lkstats_record_t> records(const Rows &rows);

using Random = std::mt19937_64;
Origin any_origin(Random &random);

// An epoch of a handle: each row follows from the one before.
class Epoch {
  public:
    Epoch(Random &random, const Origin &origin, uint32_t slot, uint32_t epoch, int32_t channel,
          lkstats_time_t start);
    Row joined(lkstats_time_t end);
    Row traffic(lkstats_time_t end, const std::array<uint64_t, 4> &window);
    Row left(lkstats_time_t end, bool with_traffic);

    Row who;               // identity and key, without a sequence
    uint32_t sequence = 0; // of the last one
    std::array<int64_t, 2> from;
    std::array<uint64_t, 4> running = {};
};

// A server's life: batches of any kind of record, each of one context.
class Story {
  public:
    explicit Story(uint64_t seed, uint32_t contexts = 3, uint32_t handles = 12);
    const Origin &own() const { return origins_.front(); }
    Rows batch(size_t most, const Origin **origin);
    lkstats_time_t now() const { return now_; }

  private:
    struct Handle {
        size_t origin;
        uint32_t slot;
        std::vector<Epoch> epochs; // the last one is the present one
        bool over;
    };
    void tell(Handle &handle, Rows &rows);
    Handle begin(size_t origin);

    Random random_;
    std::vector<Origin> origins_;
    std::vector<Handle> handles_;
    lkstats_time_t now_ = {1'000'000'000, 1'700'000'000'000'000'000};
    uint32_t slot_ = 0;
};

} // namespace lkstats::journal
