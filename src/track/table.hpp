// SPDX-License-Identifier: Apache-2.0
// A context's handles: which slot and which epoch record each has, who may touch them when, and a slot's
// life: free, live, closed, acknowledged, resting, free.
//
// Locks, in the order in which they may be taken: a context's run (one reporter at a time), gate (one track is
// made at a time), grow (memory is made ready), cold (striped: whatever is not an add on a slot), lists (what is
// linked through the entries, and what waits for it). Those of a process (contexts, ranges) and of a clock
// come last, and nothing is taken under them but ranges under contexts.
#pragma once

#include "slab/arena.hpp"
#include "slab/list.hpp"
#include "slab/totals.hpp"
#include "track/identity.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace lkstats::track {

// A handle's halves. The eight bits between them are zero in every handle: that is checked before.
constexpr uint32_t slot_of(lkstats_track_t track) {
    return static_cast<uint32_t>(track) & ((uint32_t{1} << LKSTATS_SLAB_INDEX_BITS) - 1);
}
constexpr uint32_t tag_of(lkstats_track_t track) { return static_cast<uint32_t>(track >> 32); }

// What a slot has outside the shared memory.
struct Entry {
    uint32_t list_next; // the urgent list, or the slots that rest: never both
    uint32_t released_pass;
    int64_t released_ns;
};

// A slot's flags, in memory of their own so that a sweep over idle slots reads one byte each. Changed under
// the cold lock, read without it as a hint.
namespace flag {
inline constexpr uint8_t owed = 1;   // something moved that no report has
inline constexpr uint8_t queued = 2; // in the queue of reports
inline constexpr uint8_t urgent = 4; // in the urgent list
inline constexpr uint8_t again = 8;  // a flush waits: freeze as soon as the pending report is acknowledged
inline constexpr uint8_t former =
    16; // its place in the queue is that of an earlier report, acknowledged since
} // namespace flag

// Where everything is, by index: the same arrays for all contexts of a process.
struct Places {
    lkstats_slab_slot_t *slots;
    lkstats_slab_record_t *records;
    Entry *entries;
    std::atomic<uint8_t> *flags;
    uint32_t *queue_next; // of the reports that wait for a consumer, by slot
    uint32_t *record_next;
};

enum class Kind { slots, records };

// Whoever provides memory: makes more of an arena ready, or says why it can't.
class Backing {
  public:
    virtual lkstats_status_t grow(slab::Arena &arena, Kind kind, std::mutex &lists) = 0;

  protected:
    ~Backing() = default;
};

// A handle's slot with its cold lock held.
struct Held {
    std::unique_lock<std::mutex> lock;
    uint32_t index;
    slab::Slot slot;
    slab::Record record;
};

class Table {
  public:
    Table(const Places &places, Backing &backing, std::atomic<uint32_t> &tags);

    lkstats_status_t create(const Parts &parts, int32_t channel, lkstats_time_t now, lkstats_track_t &track);
    // Stops a live track; a stopped one stays as it is. fresh: it was live, and is now on its way to the
    // urgent list, which is the caller's.
    lkstats_status_t stop(lkstats_track_t track, lkstats_time_t now, lkstats_traffic_t &final, bool &fresh);
    lkstats_status_t totals(lkstats_track_t track, lkstats_traffic_t &totals);
    // From now on create refuses. Tracks that were on their way are there when it returns.
    void refuse_new();

    // Empty: the handle is stale.
    std::optional<Held> hold(lkstats_track_t track);
    std::mutex &cold(uint32_t index) { return cold_[index / slots_per_lock % lock_count].mutex; }
    // So many neighbours share a cold lock: a walk takes it once for all of them.
    static constexpr uint32_t slots_per_lock = 64;

    // Whether none of these slots has moved or has one of the flags: without a lock, so a hint. Reads each line
    // once, and fetches those that come next.
    bool quiet(uint32_t first, uint32_t count, uint8_t flags) const;
    // For a walk that comes to these slots soon: first the slot, some steps later its record. A hint.
    static constexpr uint32_t prefetch_slots = 40, prefetch_records = 24;
    void prefetch_slot(uint32_t index) const { __builtin_prefetch(&places_.slots[index], 1); }
    enum class Part { control, snapshots, report };
    void prefetch_record(uint32_t index, Part part) {
        const lkstats_slab_record_t &record = places_.records[slot(index).link().record];
        __builtin_prefetch(&record, 0, 2);
        if (part == Part::control)
            return;
        __builtin_prefetch(&record.snapshot[0], 0, 2);
        __builtin_prefetch(&record.snapshot[1], 0, 2);
        if (part == Part::snapshots)
            return;
        for (size_t i = 0; i < typical_identity; i += 64)
            __builtin_prefetch(record.identity + i, 0, 2);
    }
    static constexpr size_t typical_identity = 128;

    // Under the cold lock.
    void stop(slab::Slot slot, slab::Record record, uint32_t index, lkstats_time_t now);
    void release(uint32_t index, lkstats_time_t now);

    slab::Slot slot(uint32_t index) { return slab::Slot(places_.slots[index]); }
    slab::Record record(uint32_t index) { return slab::Record(places_.records[index]); }
    std::atomic<uint8_t> &flags(uint32_t index) { return places_.flags[index]; }
    Entry &entry(uint32_t index) { return places_.entries[index]; }
    uint32_t &queue_next(uint32_t index) { return places_.queue_next[index]; }
    void set(uint32_t index, uint8_t flag) { change(index, flag, 0); }
    void clear(uint32_t index, uint8_t flag) { change(index, 0, flag); }
    bool is(uint32_t index, uint8_t flag) {
        return (flags(index).load(std::memory_order_relaxed) & flag) != 0;
    }
    const lkstats_slab_record_t *records() const { return places_.records; }

    std::mutex &lists() { return lists_; }
    slab::Arena &slot_arena() { return slots_; } // under lists
    slab::Arena &record_arena() { return records_; }
    // Live, closed and not yet released.
    uint32_t in_use() const { return in_use_.load(std::memory_order_acquire); }
    uint32_t high_water();

    // Full passes of the sweep so far: a slot rests for three of them, and ten seconds.
    void count_passes(uint32_t passes) { passes_.store(passes, std::memory_order_relaxed); }

  private:
    struct RecordNext {
        uint32_t *next;
        uint32_t &operator()(uint32_t record) const { return next[record]; }
    };
    struct RestNext {
        Entry *entries;
        uint32_t &operator()(uint32_t slot) const { return entries[slot].list_next; }
    };
    // A line of its own each: neighbours are taken by different threads.
    struct alignas(64) Lock {
        std::mutex mutex;
    };
    static constexpr uint32_t lock_count = 64;

    void change(uint32_t index, uint8_t add, uint8_t remove) {
        const uint8_t now = flags(index).load(std::memory_order_relaxed);
        flags(index).store(static_cast<uint8_t>((now & ~remove) | add), std::memory_order_relaxed);
    }
    lkstats_status_t take_slot(lkstats_time_t now, uint32_t &index);
    lkstats_status_t take_records(uint32_t count, uint32_t &first);
    void free_records(uint32_t first);
    bool rested(uint32_t index, lkstats_time_t now) const;
    uint32_t next_tag();

    Places places_;
    Backing &backing_;
    std::atomic<uint32_t> &tags_;
    std::mutex gate_;
    bool refusing_ = false;
    Lock cold_[lock_count];
    std::mutex lists_;
    slab::Arena slots_;
    slab::Arena records_;
    slab::List<RestNext> resting_;
    slab::List<RecordNext> free_records_;
    std::atomic<uint32_t> in_use_ = 0;
    std::atomic<uint32_t> passes_ = 0;
};

} // namespace lkstats::track
