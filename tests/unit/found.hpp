// SPDX-License-Identifier: Apache-2.0
// What somebody finds in the shared memory who comes after a kill, or looks from another process: by the rules
// of lkstats_slab.h, with a check of every one. Nothing of src/track or src/report is asked.
#pragma once

#include "slab/record.hpp"
#include "slab/slot.hpp"

#include <optional>
#include <set>
#include <vector>

namespace lkstats::found {

// Slots and records as they lie in memory; indexes below range may be looked at.
struct Memory {
    const lkstats_slab_slot_t *slots;
    const lkstats_slab_record_t *records;
    uint32_t range;
};

struct Epoch {
    const lkstats_slab_record_t *record;
    lkstats_traffic_t final; // so far, of the newest one
    std::vector<uint8_t> connection;
    std::optional<std::vector<uint8_t>> room, participant; // where they are known

    uint64_t control() const { return record->control; }
    bool has(uint64_t bits) const { return (control() & bits) == bits; }
    bool signal() const { return (control() >> LKSTATS_SLAB_CHANNEL_SHIFT & 0xff) == LKSTATS_CHANNEL_SIGNAL; }
    uint32_t sequence() const { return static_cast<uint32_t>(control() >> LKSTATS_SLAB_SEQUENCE_SHIFT); }
    // NULL: there is none.
    const lkstats_slab_snapshot_t *pending() const;
    const lkstats_slab_snapshot_t *acknowledged() const;
};

struct Handle {
    uint32_t slot;
    uint32_t tag;
    bool closed;
    std::vector<Epoch> epochs; // the oldest first
};

// Reads a slot. Answers what is wrong with it, NULL if nothing is; no handle: there is none, or not yet, or it is
// gone. taken: each record and block that some handle has, of those read before; two may not have the same.
const char *read(const Memory &memory, uint32_t slot, std::set<uint32_t> &taken,
                 std::optional<Handle> &handle);

} // namespace lkstats::found
