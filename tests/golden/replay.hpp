// SPDX-License-Identifier: Apache-2.0
// The same calls, on the library, through its public header.
#pragma once

#include "trace.hpp"

namespace golden {

struct Replayed {
    std::vector<Event> events;
    std::map<Kind, Traffic> by_kind;
    int32_t made = 0;
    std::vector<int32_t> statuses; // by op
};

Replayed replay(const Trace &trace);

std::string made_track_id(const TrackId &id);

} // namespace golden
