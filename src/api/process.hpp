// SPDX-License-Identifier: Apache-2.0
// What all contexts of a process share: the address ranges their memory is mapped into, and which contexts
// there are. A forked child finds none and makes one of its own.
#pragma once

#include "track/table.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace lkstats::api {

class Context;

class Process {
  public:
    // NULL before the first lkstats_open.
    static Process *current();
    // The same, made when there is none. LKSTATS_ENOMEM, LKSTATS_ESYSTEM.
    static lkstats_status_t make(Process *&process);
    // What a call on something unknown answers where there is no process: LKSTATS_EFORKED in a child.
    static lkstats_status_t nobody();

    // Stores the token that stands for the context from now on. LKSTATS_EFULL.
    lkstats_status_t add(std::shared_ptr<Context> context, lkstats_t *&token);
    void remove(const lkstats_t *token);
    // LKSTATS_ECLOSED: it was open once; LKSTATS_EFORKED, LKSTATS_ESTALE.
    lkstats_status_t find(const lkstats_t *token, std::shared_ptr<Context> &context);
    // The context that a handle's slot is in. Of a closed one LKSTATS_ECLOSED, while its slot is still there.
    lkstats_status_t find(lkstats_track_t track, std::shared_ptr<Context> &context);
    // Why an add or a call on that handle is refused.
    lkstats_status_t refusal(lkstats_track_t track) const;

    // Addresses for a chunk, of wanted items or fewer, whole granules. LKSTATS_EFULL: all are in use, or rest;
    // LKSTATS_ENOMEM: there were not many to begin with, or what belongs to them privately is not to be had.
    lkstats_status_t take(track::Kind kind, uint32_t wanted, const lkstats_t *owner, lkstats_slab_chunk_t &chunk);
    // The chunk stays mapped, and rests before another is mapped over it.
    void retire(track::Kind kind, const lkstats_slab_chunk_t &chunk);

    const track::Places &places() const { return places_; }
    static std::atomic<uint32_t> &tags();

  private:
    Process() = default;
    ~Process();
    bool reserve(uint32_t limit);
    void give_back();
    static void in_child();

    // A stretch of granules of one of the ranges.
    struct Stretch {
        uint32_t first;
        uint32_t count;
        int64_t since_ns; // at rest since
    };
    struct Range {
        uint32_t granules = 0;
        uint32_t fresh = 0; // never used from here on
        std::vector<Stretch> resting;
    };
    struct Seat {
        std::shared_ptr<Context> context;
        uint64_t generation = 0;
    };
    bool take_granules(Range &range, uint32_t wanted, Stretch &stretch);

    track::Places places_ = {};
    uint32_t limit_ = 0;
    bool after_fork_ = false; // handles and tokens from before first_* are the parent's
    uint32_t first_tag_ = 0;
    uint64_t first_generation_ = 0;

    std::mutex mutex_;
    Seat seats_[LKSTATS_CONTEXTS_MAX];
    Range ranges_[2];
    std::unique_ptr<uint8_t[]> owners_; // by granule of slots: seat + 1, 0 none or closed
};

} // namespace lkstats::api
