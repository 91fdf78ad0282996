// SPDX-License-Identifier: Apache-2.0
// What has to come of each trace, as JSON lines for a host in another language: of LiveKit's code, and of lkstats.
// tests/data/README.md has the traces, tests/golden/rules.hpp how the two differ.
#pragma once

#include "rules.hpp"

#include <filesystem>

namespace golden {

// One line a trace of the folder, in the order of its files:
//   {"name":TRACE,"livekit":OUTCOME,"lkstats":OUTCOME}, the latter by these rules. An OUTCOME has
//   "events", in the words of a trace's, but complete: a track_stats has "stream_type", "bytes", "packets", "country",
//     "track_id", "room", "participant", "guard" and, where it is of nobody, "unattributed"; what the end of the trace
//     brought, a stop, has the number of ops as "after_op";
//   "kinds": what was counted, by the kind that it was reported with;
//   "resolver": as in a trace's obs.
// Integers go up to 2^64-1. Throws a Mismatch when the file cannot be written.
void write_expected(const std::filesystem::path &file, const std::filesystem::path &folder, Rules rules);

} // namespace golden
