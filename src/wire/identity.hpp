// SPDX-License-Identifier: Apache-2.0
// The encoded form of whoever traffic belongs to: made once per track with protobuf-c, kept in shared
// memory, copied into every report.
#pragma once

#include "lkstats.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lkstats::wire {

// A part: first the fields of livekit.AnalyticsStat, in the order of their numbers, then those of
// TrackIdentity. The first stat_size bytes go into every stat as they are.
struct Part {
    std::span<const uint8_t> bytes;
    size_t stat_size = 0;

    std::span<const uint8_t> stat() const { return bytes.first(stat_size); }
};

// What is known from the start, whoever it turns out to be.
struct Connection {
    std::string_view country, tenant;
};

struct Room {
    std::string_view sid, name;
    std::string_view tenant = {};
};

struct Participant {
    std::string_view sid, identity, track_id;
    int32_t kind = 0;
    std::span<const int32_t> kind_details;
    std::string_view tenant = {};
};

// Room for the longest part that valid strings can make (a made-up track id is longer than a given one).
inline constexpr size_t part_max = 2048;
// What the longest three parts have together is less.
inline constexpr size_t parts_max = 2700;

// Each returns the part within buffer.
Part encode(const Connection &connection, std::span<uint8_t, part_max> buffer);
Part encode(const Room &room, std::span<uint8_t, part_max> buffer);
Part encode(const Participant &participant, std::span<uint8_t, part_max> buffer);

// Fill the fields of a record that the part has; strings then point into part.bytes. kind_details are
// written to details, which has place for LKSTATS_KIND_DETAILS_MAX. An empty part leaves the fields empty.
// A tenant takes the place of the one that is there, so they are called in this order.
// False: the bytes are not such a part (they may come from a damaged file), and the record is not to be used.
bool decode_connection(const Part &part, lkstats_record_t &record);
bool decode_room(const Part &part, lkstats_record_t &record);
bool decode_participant(const Part &part, lkstats_record_t &record, int32_t *details);

} // namespace lkstats::wire
