// SPDX-License-Identifier: Apache-2.0
// Whose process it is, in a way that survives it: a number is used again, together with these it is not.
#pragma once

#include <cstdint>

namespace lkstats::os {

struct Owner {
    int64_t pid = 0;
    uint64_t start = 0;         // /proc/<pid>/stat, field 22; 0: not known
    uint64_t pid_namespace = 0; // inode; 0: not known
    uint8_t boot[16] = {};      // zeros: not known

    bool failed = false; // of myself: something could not be read just now

    bool same_boot(const Owner &other) const;
    bool boot_known() const;
};

// This process.
Owner myself();

enum class Alive {
    yes,
    no,
    failed,  // that can't be read just now
    unknown, // its number means nothing here, or all that is left of it is its entry in the list of processes
};
// Whether that process lives.
Alive alive(const Owner &owner, const Owner &me);

} // namespace lkstats::os
