// SPDX-License-Identifier: Apache-2.0
// Reports as livekit.AnalyticsStat: what is constant comes encoded, a report adds a few varints.
#pragma once

#include "lkstats.h"
#include "wire/identity.hpp"

#include <string>

namespace lkstats::wire {

// The fields that are the same in all stats of a context, encoded once.
struct Origin {
    std::string analytics_key; // field 1
    std::string node;          // field 4
};
Origin encode_origin(std::string_view node, std::string_view analytics_key);

// One record's stats: an entry of AnalyticsStats.stats for each direction that has messages or bytes,
// UPSTREAM (received) first, more than one where a direction exceeds 2^31-1 packets or 2^63-1 bytes.
struct Report {
    const lkstats_record_t &record; // key, start, end, window
    std::span<const uint8_t> room;  // Part::stat()
    std::span<const uint8_t> participant;
};
size_t stats_size(const Origin &origin, const Report &report);
// Writes exactly stats_size bytes and returns the end of them.
uint8_t *write_stats(const Origin &origin, const Report &report, uint8_t *out);

} // namespace lkstats::wire
