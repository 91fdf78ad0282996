// SPDX-License-Identifier: Apache-2.0
// The context that records come from: the writer's own, or a dead one that it recovers.
#pragma once

#include <cstdint>
#include <string>

namespace lkstats::journal {

struct Origin {
    uint8_t context[16] = {};
    std::string node, analytics_key; // at most LKSTATS_STRING_MAX bytes each
};

} // namespace lkstats::journal
