// SPDX-License-Identifier: Apache-2.0
// The address ranges of a process, one for the slots and one for the records of all its contexts, with what
// belongs to each privately; and which context has which part. Chunks stay mapped when their context is
// closed, since an adder may be past its check: their addresses rest before others are mapped over them.
#pragma once

#include "track/table.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace lkstats::api {

class Ranges {
  public:
    Ranges() = default;
    Ranges(const Ranges &) = delete;
    Ranges &operator=(const Ranges &) = delete;
    ~Ranges();

    // As many indexes as there can be, or, where the address space is limited, half of what fits. False: not
    // even a few fit. May throw std::bad_alloc.
    bool reserve();
    uint32_t limit() const { return limit_; }
    const track::Places &places() const { return places_; }
    // In a forked child, which shares the memory: maps zeros over it. Does what a signal handler may.
    static void blank(const track::Places &places, uint32_t limit);

    // Addresses for a chunk, of wanted items or fewer, for an owner that is not 0. LKSTATS_EFULL: all are in
    // use, or rest; LKSTATS_ENOMEM: there were not many to begin with, or private memory is not to be had.
    lkstats_status_t take(track::Kind kind, uint32_t wanted, uint8_t owner, lkstats_slab_chunk_t &chunk);
    // The chunk's owner is gone: its addresses rest from now on. Needs no memory.
    void retire(track::Kind kind, const lkstats_slab_chunk_t &chunk);
    // The same for a chunk that no handle was ever in: without a rest.
    void put_back(track::Kind kind, const lkstats_slab_chunk_t &chunk);
    // Of a slot, below the limit; 0: nobody.
    uint8_t owner(uint32_t slot);

  private:
    // A stretch of granules of one of the ranges.
    struct Stretch {
        uint32_t first;
        uint32_t count;
        int64_t since_ns; // at rest since
    };
    struct Range {
        uint32_t granules = 0;
        uint32_t fresh = 0;           // never used from here on
        uint32_t taken = 0;           // stretches in use
        std::vector<Stretch> resting; // has place for those in use too
    };
    bool reserve(uint32_t limit);
    void give_back();
    bool take_granules(Range &range, uint32_t wanted, Stretch &stretch);
    void put(track::Kind kind, const lkstats_slab_chunk_t &chunk, int64_t since_ns);

    track::Places places_ = {};
    uint32_t limit_ = 0;
    std::mutex mutex_;
    Range ranges_[2];                   // by Kind
    std::unique_ptr<uint8_t[]> owners_; // by granule of slots
};

} // namespace lkstats::api
