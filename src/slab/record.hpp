// SPDX-License-Identifier: Apache-2.0
// An epoch record in shared memory: totals and snapshots with their checksums, and the control word that says
// which snapshot counts. Written under the cold lock of its slot; each store that others rely on comes after
// what it relies on, so that a kill between any two leaves a record that can be read.
#pragma once

#include "lkstats_slab.h"
#include "slab/traffic.hpp"

#include <cstdint>

namespace lkstats::slab {

class Record {
  public:
    explicit Record(lkstats_slab_record_t &at) : at_(&at) {}

    // Everything but the identity, of a handle's epoch that begins now.
    void begin(uint32_t slot, uint32_t tag, uint32_t epoch, int32_t channel, lkstats_time_t now,
               const lkstats_traffic_t &base);

    // The newest running totals that are valid, and their successor. Both stay readable while the next is
    // written: they are written in turn.
    const lkstats_slab_totals_t &running() const;
    void write_running(const lkstats_traffic_t &traffic) { write_running(traffic, running().sequence + 1); }
    // The same sequence again overwrites the same place: for totals that did not come to count.
    void write_running(const lkstats_traffic_t &traffic, uint32_t sequence);
    void end(lkstats_time_t now) { at_->end = now; }

    bool pending() const { return (control() & LKSTATS_SLAB_PENDING) != 0; }
    bool first() const { return (control() & LKSTATS_SLAB_FIRST) != 0; }
    int32_t channel() const { return static_cast<int32_t>(control() >> LKSTATS_SLAB_CHANNEL_SHIFT & 0xff); }
    void know(uint64_t bits) { set_control(control() | bits); }

    // What is acknowledged: the base until the first acknowledgement.
    const lkstats_traffic_t &acknowledged() const;
    uint32_t acknowledged_sequence() const;
    lkstats_time_t acknowledged_at() const;
    // The pending snapshot; only while pending().
    const lkstats_slab_snapshot_t &snapshot() const { return at_->snapshot[other()]; }

    // Makes a snapshot and lets it wait for its acknowledgement. Returns its sequence.
    uint32_t freeze(const lkstats_traffic_t &traffic, lkstats_time_t now);
    // True when that snapshot was pending and is acknowledged now.
    bool acknowledge(uint32_t sequence);

    lkstats_slab_record_t &raw() const { return *at_; }

  private:
    uint64_t control() const;
    void set_control(uint64_t control);
    unsigned acknowledged_index() const { return control() & LKSTATS_SLAB_ACKNOWLEDGED; }
    unsigned other() const { return acknowledged_index() ^ 1; }

    lkstats_slab_record_t *at_;
};

} // namespace lkstats::slab
