// SPDX-License-Identifier: Apache-2.0
#include "wire.hpp"

#include <bit>

namespace golden {

namespace {

// Numbers of livekit_analytics.proto and of google.protobuf.Timestamp.
enum : uint64_t { stats_stats = 1 };
enum : uint64_t {
    stat_analytics_key = 1,
    stat_kind = 2,
    stat_time = 3,
    stat_node = 4,
    stat_room_id = 5,
    stat_room_name = 6,
    stat_participant_id = 7,
    stat_track_id = 8,
    stat_streams = 10,
    stat_id = 14
};
enum : uint64_t { stream_packets = 2, stream_bytes = 3, stream_start = 17, stream_end = 18 };
enum : uint64_t { time_seconds = 1, time_nanos = 2 };
enum : uint64_t { wire_varint = 0, wire_bytes = 2 };

using Bytes = std::span<const uint8_t>;

struct Field {
    uint64_t number = 0;
    uint64_t value = 0;
    Bytes bytes;

    std::string string() const { return {bytes.begin(), bytes.end()}; }
    int64_t number_with_sign() const { return std::bit_cast<int64_t>(value); }
};

uint64_t take_varint(Bytes &from) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
        const uint8_t byte = from.front();
        from = from.subspan(1);
        value |= uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80u) == 0)
            return value;
    }
    throw Mismatch("a varint has no end");
}

Field take_field(Bytes &from) {
    const uint64_t key = take_varint(from);
    Field field{.number = key >> 3};
    field.value = take_varint(from);
    if ((key & 7) == wire_varint)
        return field;
    if ((key & 7) != wire_bytes || field.value > from.size())
        throw Mismatch("a field is malformed");
    field.bytes = from.first(field.value);
    from = from.subspan(field.value);
    return field;
}

[[noreturn]] void unknown(const char *message, const Field &field) {
    throw Mismatch("the " + std::string(message) + " has a field " + std::to_string(field.number));
}

Timestamp read_time(Bytes bytes) {
    Timestamp time;
    while (!bytes.empty()) {
        const Field field = take_field(bytes);
        if (field.number == time_seconds)
            time.seconds = field.number_with_sign();
        else if (field.number == time_nanos)
            time.nanos = field.number_with_sign();
        else
            unknown("time", field);
    }
    return time;
}

Stream read_stream(Bytes bytes) {
    Stream stream;
    while (!bytes.empty()) {
        const Field field = take_field(bytes);
        if (field.number == stream_packets)
            stream.packets = field.value;
        else if (field.number == stream_bytes)
            stream.bytes = field.value;
        else if (field.number == stream_start)
            stream.start = read_time(field.bytes);
        else if (field.number == stream_end)
            stream.end = read_time(field.bytes);
        else
            unknown("stream", field);
    }
    return stream;
}

std::string *string_of(Stat &stat, uint64_t number) {
    switch (number) {
    case stat_analytics_key:
        return &stat.analytics_key;
    case stat_node:
        return &stat.node;
    case stat_room_id:
        return &stat.room_sid;
    case stat_room_name:
        return &stat.room_name;
    case stat_participant_id:
        return &stat.participant_sid;
    case stat_track_id:
        return &stat.track_id;
    case stat_id:
        return &stat.id;
    default:
        return nullptr;
    }
}

} // namespace

Stat read_stat(Bytes bytes) {
    Stat stat;
    while (!bytes.empty()) {
        const Field field = take_field(bytes);
        if (std::string *const text = string_of(stat, field.number))
            *text = field.string();
        else if (field.number == stat_kind)
            stat.kind = field.value;
        else if (field.number == stat_time)
            stat.time = read_time(field.bytes);
        else if (field.number == stat_streams)
            stat.streams.push_back(read_stream(field.bytes));
        else
            unknown("stat", field);
    }
    return stat;
}

std::vector<Stat> read_stats(Bytes bytes) {
    std::vector<Stat> stats;
    while (!bytes.empty()) {
        const Field field = take_field(bytes);
        if (field.number != stats_stats)
            unknown("stats", field);
        stats.push_back(read_stat(field.bytes));
    }
    return stats;
}

std::string text(const Stat &stat) {
    std::string said = (stat.kind == recv ? "UPSTREAM" : "DOWNSTREAM") + std::string(" of room '") +
                       stat.room_sid + "' '" + stat.room_name + "', participant '" + stat.participant_sid +
                       "', track '" + stat.track_id + "'";
    for (const Stream &stream : stat.streams) {
        said +=
            ": " + std::to_string(stream.bytes) + " bytes in " + std::to_string(stream.packets) + " packets";
        for (const auto &time : {stream.start, stream.end})
            said += time ? ", at " + std::to_string(time->seconds) + " s" : ", no time";
    }
    return said;
}

} // namespace golden
