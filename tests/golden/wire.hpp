// SPDX-License-Identifier: Apache-2.0
// Reads a serialized livekit.AnalyticsStat, and minds every field: one that is not named here is a mismatch.
#pragma once

#include "trace.hpp"

#include <span>

namespace golden {

struct Timestamp {
    int64_t seconds = 0;
    int64_t nanos = 0;
    bool operator==(const Timestamp &) const = default;
};

struct Stream {
    uint64_t packets = 0;
    uint64_t bytes = 0;
    std::optional<Timestamp> start;
    std::optional<Timestamp> end;
    bool operator==(const Stream &) const = default;
};

struct Stat {
    std::string analytics_key;
    uint64_t kind = 0; // livekit.StreamType
    std::optional<Timestamp> time;
    std::string node;
    std::string room_sid;
    std::string room_name;
    std::string participant_sid;
    std::string track_id;
    std::string id;
    std::vector<Stream> streams;
    bool operator==(const Stat &) const = default;
};

Stat read_stat(std::span<const uint8_t> bytes);
// The stats of a livekit.AnalyticsStats.
std::vector<Stat> read_stats(std::span<const uint8_t> bytes);
std::string text(const Stat &stat);

} // namespace golden
