// SPDX-License-Identifier: Apache-2.0
// What a slot's words and its newest record say together. All of it under the cold lock of the slot.
#pragma once

#include "slab/record.hpp"
#include "slab/slot.hpp"

namespace lkstats::slab {

// The handle's totals now. Of a stopped one: the final ones. Changes nothing.
lkstats_traffic_t totals(const Slot &slot, const Record &record);

// The same, and the next window begins here. Now and then writes the record's running totals, so that what
// has passed since they were written is always far less than a field holds. What passed since the last fold is
// added to counted: over all folds and the close of a slot that is its totals.
lkstats_traffic_t fold(Slot &slot, Record &record, lkstats_traffic_t &counted);

// Closes both words; the totals returned, which are the record's running ones from now on, are final. The
// slot's state is the caller's: stopping before, closed after.
lkstats_traffic_t close(Slot &slot, Record &record, lkstats_traffic_t &counted);

// Of a slot that a kill left: from here on the three above are right. The newest totals that are whole become the
// running ones, and a last that is older than they are is forgotten.
void mend(Slot &slot, Record &record);

} // namespace lkstats::slab
