// SPDX-License-Identifier: Apache-2.0
// A context's handles: which slot and which epoch records each has, who may touch them when, and a slot's
// life: free, live, closed, acknowledged, resting, free.
//
// Locks, in the order in which they may be taken: a context's run (one reporter at a time), gate (one track is
// made at a time), grow (memory is made ready), cold (striped: whatever is not an add on a slot), lists (what is
// linked through the entries, and what waits for it). Those of a process (contexts, ranges) and of a clock
// come last, and nothing is taken under them but ranges under contexts. Recovery's list of dead contexts comes before
// the locks of each of those; those of a journal, of what waits beside it, and of the event come after lists.
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
    union {
        uint32_t oldest;        // record, of a handle whose epoch is not the first
        uint32_t released_pass; // of one that rests
    };
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
    uint32_t *queue_next;  // of the reports that wait for a consumer, by slot
    uint32_t *record_next; // of the free ones, and of an epoch's that has a successor: that
};

enum class Kind { slots, records };

// Whoever provides memory: makes more of an arena ready, or says why it can't.
class Backing {
  public:
    virtual lkstats_status_t grow(slab::Arena &arena, Kind kind, std::mutex &lists) = 0;

  protected:
    ~Backing() = default;
};

// What the slots of one cold lock have counted and are, since the context was opened.
struct Counts {
    lkstats_traffic_t counted[LKSTATS_CHANNEL_SIGNAL] = {}; // by channel, less one; up to the last fold
    uint64_t live[LKSTATS_CHANNEL_SIGNAL] = {};
    uint64_t closed[LKSTATS_CHANNEL_SIGNAL] = {};
    lkstats_traffic_t unattributed = {};
    uint64_t reports = 0;
    uint64_t acknowledged = 0;
};

// A handle's slot and its newest record with the cold lock held.
struct Held {
    std::unique_lock<std::mutex> lock;
    uint32_t index;
    slab::Slot slot;
    slab::Record record;
};

class Table {
  public:
    struct Limits {
        uint32_t tracks;
        uint32_t records;
        uint32_t backlog;           // of them, in former epochs that wait for their acknowledgement
        int64_t resolution_wait_ns; // of a signal connection that is stopped
    };
    Table(const Places &places, Backing &backing, std::atomic<uint32_t> &tags, const Limits &limits);

    lkstats_status_t create(const Identity &identity, int32_t channel, lkstats_time_t now,
                            lkstats_track_t &track);
    // Each of these three may make a report due: urgent says that the slot is in the urgent list since.
    // Stops a live track; a stopped one stays as it is.
    lkstats_status_t stop(lkstats_track_t track, lkstats_time_t now, lkstats_traffic_t &final, bool &urgent);
    // bit: which part of the identity.
    lkstats_status_t resolve(lkstats_track_t track, uint64_t bit, const wire::Part &part, lkstats_time_t now,
                             bool &urgent);
    lkstats_status_t reset(lkstats_track_t track, lkstats_time_t now, bool &urgent);
    lkstats_status_t totals(lkstats_track_t track, lkstats_traffic_t &totals);
    // Before anything else, where there is no backing: the slots from 0 on are a dead context's, each linked to a
    // record of its own, and live or closed.
    void adopt(uint32_t count);
    // From now on create refuses, and nobody waits for a resolution. Tracks that were on their way are there when
    // it returns.
    void refuse_new();

    // Empty: the handle is stale.
    std::optional<Held> hold(lkstats_track_t track);
    std::mutex &cold(uint32_t index) { return stripe(index).mutex; }
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
    lkstats_traffic_t fold(slab::Slot slot, slab::Record newest, uint32_t index) {
        return slab::fold(slot, newest, counted(index, newest));
    }
    // Of the epoch whose turn it is to be reported; the slot is linked.
    uint32_t oldest(uint32_t index, slab::Link link) const {
        return link.epoch == 1 ? link.record : places_.entries[index].oldest;
    }
    // False: it is not that report that waits for an acknowledgement.
    bool acknowledge(uint32_t index, slab::Record record, uint32_t sequence) {
        const bool done = record.acknowledge(sequence);
        counts(index).acknowledged += done ? 1 : 0;
        return done;
    }
    // Everything of the oldest epoch is acknowledged: of one that has a successor, of the handle's last.
    void release_epoch(uint32_t index);
    void release(uint32_t index, lkstats_time_t now);
    // Of a stopped signal connection that is not resolved.
    bool resolution_is_over(slab::Record record, lkstats_time_t now) const {
        return refusing_ || record.unattributed() ||
               now.monotonic_ns - record.raw().end.monotonic_ns >= limits_.resolution_wait_ns;
    }
    Counts &counts(uint32_t index) { return stripe(index).counts; }

    // The sum of all; takes the cold locks.
    Counts counts();

    slab::Slot slot(uint32_t index) { return slab::Slot(places_.slots[index]); }
    slab::Record record(uint32_t index) { return slab::Record(places_.records[index]); }
    std::atomic<uint8_t> &flags(uint32_t index) { return places_.flags[index]; }
    Entry &entry(uint32_t index) { return places_.entries[index]; }
    uint32_t &queue_next(uint32_t index) { return places_.queue_next[index]; }
    struct EntryNext {
        Entry *entries;
        uint32_t &operator()(uint32_t slot) const { return entries[slot].list_next; }
    };
    using EntryList = slab::List<EntryNext>;
    // All that became urgent, each with its flag: whoever takes one clears that under the cold lock.
    EntryList take_urgent(); // under lists
    void set(uint32_t index, uint8_t flag) { change(index, flag, 0); }
    void clear(uint32_t index, uint8_t flag) { change(index, 0, flag); }
    bool is(uint32_t index, uint8_t flag) {
        return (flags(index).load(std::memory_order_relaxed) & flag) != 0;
    }
    const lkstats_slab_record_t *records() const { return places_.records; }

    std::mutex &lists() { return lists_; }
    slab::Arena &slot_arena() { return slots_; } // under lists
    slab::Arena &record_arena() { return records_; }
    // Released, and not to be used again yet.
    uint32_t resting(lkstats_time_t now);
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
    // Lines of its own each: neighbours are taken by different threads.
    struct alignas(64) Stripe {
        std::mutex mutex;
        Counts counts;
    };
    static constexpr uint32_t lock_count = 64;
    Stripe &stripe(uint32_t index) { return stripes_[index / slots_per_lock % lock_count]; }
    lkstats_traffic_t &counted(uint32_t index, slab::Record record) {
        return stripe(index).counts.counted[record.channel() - 1];
    }

    void change(uint32_t index, uint8_t add, uint8_t remove) {
        const uint8_t now = flags(index).load(std::memory_order_relaxed);
        flags(index).store(static_cast<uint8_t>((now & ~remove) | add), std::memory_order_relaxed);
    }
    struct RecordList : slab::List<RecordNext> {
        explicit RecordList(const Places &places) : List(RecordNext{places.record_next}) {}
    };
    // So many are in the list when it returns LKSTATS_OK.
    lkstats_status_t take_records(uint32_t count, RecordList &records);
    void give_back(RecordList &records);
    lkstats_status_t take_slot(lkstats_time_t now, uint32_t &index);
    uint32_t free_record(uint32_t record); // under lists; how many it gave back, blocks included
    // False: too many former epochs wait already. So no backlog takes a track's place.
    bool grow_backlog(uint32_t records);
    bool make_urgent(uint32_t index);
    void next_epoch(Held &held, uint32_t fresh, RecordList &blocks, lkstats_time_t now);
    bool rested(uint32_t index, lkstats_time_t now) const;
    uint32_t next_tag();

    Places places_;
    Backing &backing_;
    std::atomic<uint32_t> &tags_;
    const Limits limits_;
    std::mutex gate_;
    std::atomic<bool> refusing_ = false;
    Stripe stripes_[lock_count];
    std::mutex lists_;
    slab::Arena slots_;
    slab::Arena records_;
    EntryList resting_;
    EntryList urgent_;
    RecordList free_records_;
    uint32_t backlog_ = 0;
    std::atomic<uint32_t> in_use_ = 0;
    std::atomic<uint32_t> passes_ = 0;
};

} // namespace lkstats::track
