// SPDX-License-Identifier: Apache-2.0
// What a process keeps in one place that a forked child finds empty: the slots' address, which every add
// reads, and whatever else must not be taken for the child's own.
#pragma once

#include "lkstats_slab.h"

namespace lkstats::os {

struct Anchor {
    lkstats_slab_anchor_t slab;
    void *process; // api's; NULL in a process that has opened nothing
};

// Alone on its pages, 64 KiB being the largest page there is.
union AnchorPage {
    Anchor anchor;
    unsigned char bytes[64 * 1024];
};
extern constinit AnchorPage anchor_page;
inline Anchor &anchor() { return anchor_page.anchor; }

// Arranges that a forked child finds the anchor empty. in_child runs there on the forking thread, unless the
// child was made by a raw clone; the anchor may be empty by then, and it may do what a signal handler may. False:
// errno says why. Calling it again is harmless.
bool keep_from_children(void (*in_child)());

} // namespace lkstats::os
