// SPDX-License-Identifier: Apache-2.0
// An epoch record in shared memory: totals and snapshots with their checksums, and the control word that says
// which snapshot counts. Written under the cold lock of its slot; each store that others rely on comes after
// what it relies on, so that a kill between any two leaves a record that can be read.
#pragma once

#include "lkstats_slab.h"
#include "slab/traffic.hpp"

#include <atomic>
#include <cstdint>

namespace lkstats::slab {

// Whether they are as they were written, for whoever finds them after a kill.
bool whole(const lkstats_slab_totals_t &totals);
bool whole(const lkstats_slab_snapshot_t &snapshot);

class Record {
  public:
    explicit Record(lkstats_slab_record_t &at) : at_(&at) {}

    // Everything but the identity, of a handle's epoch that begins now. previous: of the epoch before, 0: none.
    void begin(uint32_t slot, uint32_t tag, uint32_t epoch, int32_t channel, lkstats_time_t now,
               const lkstats_traffic_t &base, uint32_t previous);

    // The newest totals there are: running ones, a snapshot's, or the base. What moved since is less than
    // half a field; of a stopped handle they are the final ones.
    lkstats_traffic_t newest() const;
    // The same after a kill: the most that any of them says that is whole. The base and the snapshots that control
    // names are taken as they are: whether those are whole is asked before.
    lkstats_traffic_t newest_whole() const;
    // Whether what newest() would take is whole, and, where it is not, that it no longer counts.
    bool running_whole() const { return (control() & LKSTATS_SLAB_RUNNING) == 0 || whole(running()); }
    void drop_torn_running();
    // Running totals are written in turn: whatever a kill interrupts, the others are whole. The same sequence
    // again overwrites the same place, for totals that did not come to count.
    uint32_t running_sequence() const { return running().sequence; }
    void write_running(const lkstats_traffic_t &traffic, uint32_t sequence);
    // Not before the windows that are reported: whoever froze them may have read the clock later.
    void end(lkstats_time_t now);

    bool pending() const { return (control() & LKSTATS_SLAB_PENDING) != 0; }
    bool first() const { return (control() & LKSTATS_SLAB_FIRST) != 0; }
    int32_t channel() const { return static_cast<int32_t>(control() >> LKSTATS_SLAB_CHANNEL_SHIFT & 0xff); }
    bool signal() const { return channel() == LKSTATS_CHANNEL_SIGNAL; }

    // Bits of the identity: LKSTATS_SLAB_ROOM_KNOWN, LKSTATS_SLAB_PARTICIPANT_KNOWN.
    static constexpr uint64_t identity_bits = LKSTATS_SLAB_ROOM_KNOWN | LKSTATS_SLAB_PARTICIPANT_KNOWN;
    bool knows(uint64_t bits) const { return (control() & bits) == bits; }
    bool resolved() const { return knows(identity_bits); }
    // After that part is written. Also LKSTATS_SLAB_LATE.
    void know(uint64_t bits) { set_control(control() | bits); }
    void forget_identity() {
        // Counted, for whoever reads without the cold lock while what is known changes.
        const uint64_t forgotten = uint64_t{0xffff} << LKSTATS_SLAB_FORGOTTEN_SHIFT;
        const uint64_t next = (control() + (uint64_t{1} << LKSTATS_SLAB_FORGOTTEN_SHIFT)) & forgotten;
        set_control((control() & ~(identity_bits | forgotten)) | next);
    }
    bool unattributed() const { return (control() & LKSTATS_SLAB_UNATTRIBUTED) != 0; }
    void set_unattributed() { set_control(control() | LKSTATS_SLAB_UNATTRIBUTED); }

    // Of the handle when the epoch began. The first epoch's is known without a look.
    lkstats_traffic_t base() const { return at_->epoch == 1 ? lkstats_traffic_t{} : at_->base; }
    // What is acknowledged: the base until the first acknowledgement.
    lkstats_traffic_t acknowledged() const {
        return first() ? base() : at_->snapshot[acknowledged_index()].traffic;
    }
    lkstats_time_t acknowledged_at() const {
        return first() ? at_->start : at_->snapshot[acknowledged_index()].at;
    }
    uint32_t acknowledged_flags() const { return first() ? 0 : at_->snapshot[acknowledged_index()].flags; }
    // Where the next window begins: a joined is no window.
    lkstats_time_t window_start() const {
        return (acknowledged_flags() & LKSTATS_SLAB_JOINED) != 0 ? at_->start : acknowledged_at();
    }
    // What some report has, acknowledged or not.
    lkstats_traffic_t reported() const { return pending() ? snapshot().traffic : acknowledged(); }
    uint32_t acknowledged_sequence() const { return sequence() - (pending() ? 1 : 0); }
    // Of the newest snapshot, 0 before the first.
    uint32_t sequence() const { return static_cast<uint32_t>(control() >> LKSTATS_SLAB_SEQUENCE_SHIFT); }
    // The pending snapshot; only while pending().
    const lkstats_slab_snapshot_t &snapshot() const { return at_->snapshot[other()]; }

    // Makes a snapshot and lets it wait for its acknowledgement.
    void freeze(const lkstats_traffic_t &traffic, uint32_t flags, lkstats_time_t now);
    // True when that snapshot was pending and is acknowledged now.
    bool acknowledge(uint32_t sequence);

    // The epoch before is reported and gone.
    void forget_previous() { at_->previous = 0; }

    lkstats_slab_record_t &raw() const { return *at_; }

  private:
    const lkstats_slab_totals_t &running() const;
    uint64_t control() const { return std::atomic_ref(at_->control).load(std::memory_order_acquire); }
    void set_control(uint64_t control) {
        std::atomic_ref(at_->control).store(control, std::memory_order_release);
    }
    unsigned acknowledged_index() const { return control() & LKSTATS_SLAB_ACKNOWLEDGED; }
    unsigned other() const { return acknowledged_index() ^ 1; }

    lkstats_slab_record_t *at_;
};

} // namespace lkstats::slab
