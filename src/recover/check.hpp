// SPDX-License-Identifier: Apache-2.0
// Whether a record from a file is one that the library has written: what it says of itself, without its neighbours.
#pragma once

#include "lkstats_slab.h"

#include <span>

namespace lkstats::recover {

// Figures that no sum overflows with.
bool sound(const lkstats_traffic_t &traffic);
// Control, base, and the snapshots that control names.
bool sound(const lkstats_slab_record_t &record);
// So many bytes of identity have to be there, for the parts that are known, and so many more may be, of parts that were
// about to be, or were a moment ago. False: more than there can be.
struct IdentitySize {
    uint32_t needed, possible;
};
bool identity_size(const lkstats_slab_record_t &record, IdentitySize &size);
// stream: what there is of that, the needed bytes at least.
bool identity_sound(const lkstats_slab_record_t &record, std::span<const uint8_t> stream);
// Carries that no sum overflows with.
bool sound(const lkstats_slab_slot_t &slot);

} // namespace lkstats::recover
