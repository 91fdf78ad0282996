// SPDX-License-Identifier: Apache-2.0
// Which segments of a directory stay.
#pragma once

#include "os/folder.hpp"

namespace lkstats::journal {

struct Kept {
    uint64_t bytes = 0, segments = 0;                 // in the directory
    uint64_t removed_bytes = 0, removed_segments = 0; // before
};

// Makes room for one more segment: removes the oldest, but none that a living writer has locked, while there are more
// than so many bytes, or so many segments with the one that comes; 0: no limit. False: it could not look.
bool make_room(const os::Folder &folder, uint64_t keep_bytes, uint32_t keep_segments, Kept &kept);

} // namespace lkstats::journal
