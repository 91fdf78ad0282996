// SPDX-License-Identifier: Apache-2.0
// What a process keeps in one place that a forked child finds empty: the slots' address, which every add
// reads, and whatever else must not be taken for the child's own.
#pragma once

#include "lkstats_slab.h"

#include <cstddef>

namespace lkstats::os {

struct Anchor {
    lkstats_slab_anchor_t slab;
    void *process; // api's; NULL in a process that has opened nothing
};

// Alone on its pages, 64 KiB being the largest page there is. Not at their start: a processor that compares
// only the low twelve bits of addresses would make an add's look at it wait for the add before, on a word at
// the same place in its page. In each line of slots, adds write the bytes from 8 to 39.
union AnchorPage {
    struct {
        unsigned char apart[40];
        Anchor anchor;
    } place;
    unsigned char bytes[64 * 1024];
};
static_assert(offsetof(lkstats_slab_slot_t, last) == 40);
extern constinit AnchorPage anchor_page;
inline Anchor &anchor() { return anchor_page.place.anchor; }

// From now on a forked child finds the anchor empty, also one that was made by a raw clone.
void wipe_in_children();
// The same by hand where the kernel can't, and in_child runs in the child, on the forking thread, unless it was
// made by a raw clone; it may do what a signal handler may. One at a time; calling it again is harmless. False:
// errno says why.
bool run_in_children(void (*in_child)());

} // namespace lkstats::os
