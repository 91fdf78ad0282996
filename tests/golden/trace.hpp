// SPDX-License-Identifier: Apache-2.0
// A trace of LiveKit's byte accounting: what was called, and what was seen. tests/data/README.md has the format.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace golden {

// Something is not as it has to be; the text says what.
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Kind {
    int32_t code = 0;
    std::vector<int32_t> details;
    auto operator<=>(const Kind &) const = default;
};

struct Room {
    std::string sid;
    std::string name;
    bool operator==(const Room &) const = default;
};

struct Participant {
    std::string sid;
    std::string identity;
    Kind kind;
    bool operator==(const Participant &) const = default;
};

// What a track object is made with; nothing for a signal's.
struct Config {
    std::string country;
    std::string track_id;
    std::string participant_sid;
    Kind kind;
};

enum class Call {
    add,
    totals,
    tick,
    stop,
    resolve_room,
    resolve_room_nil,
    resolve_participant,
    resolve_participant_nil,
    reset
};

struct Op {
    Call call{};
    uint64_t bytes = 0;
    bool is_send = false;
    Room room;
    Participant participant;
};

// By direction, in the order of a report: livekit.StreamType UPSTREAM and DOWNSTREAM.
enum : size_t { recv, send, directions };

struct Count {
    uint64_t bytes = 0;
    uint64_t messages = 0;
    bool operator==(const Count &) const = default;
};

struct Traffic {
    Count by[directions];
    bool operator==(const Traffic &) const = default;
};

enum class What { stats, joined, left, totals };

struct Event {
    What what{};
    size_t after_op = 0; // the number of ops, for what the end of the trace brought
    // Of all but totals. A stats event has the epoch and the identity of its joined.
    uint32_t epoch = 0;
    bool unattributed = false;
    std::string country;
    Room room;
    Participant participant;
    std::string track_id;
    // Of stats: one direction of a window.
    size_t direction = 0;
    Count count;
    // Of totals.
    Traffic totals;
    bool operator==(const Event &) const = default;
};

std::string text(const Event &event);
std::string text(const Kind &kind);
std::string text(const Traffic &traffic);

struct KindRun {
    Kind kind;
    uint64_t transactions = 0;
    bool operator==(const KindRun &) const = default;
};

struct ResolverCall {
    size_t after_op = 0;
    std::string level;
    std::string call;
    std::string value;
    bool operator==(const ResolverCall &) const = default;
};

// What the observability reporter was told.
struct Observed {
    uint64_t transactions = 0;
    Traffic sums;
    std::string type;
    std::string with_track;
    std::vector<KindRun> runs;
    std::vector<ResolverCall> resolver;
    bool operator==(const Observed &) const = default;
};

struct Trace {
    std::string name;
    bool is_signal = false;
    Config config;
    std::vector<Op> ops;
    // What was recorded. A trace that somebody wrote without the real code has none of it.
    bool recorded = false;
    std::vector<Event> events;
    Observed observed;
    std::set<std::string> tags;
};

// What one flush of LiveKit's sends for the windows of one track.
struct Flush {
    struct Window {
        size_t direction = 0;
        Count count;
        bool after_left = false;
    };
    std::string name;
    bool joined = false;
    std::vector<Window> windows;
    std::vector<std::vector<uint8_t>> stats; // serialized
};

struct TrackId {
    bool is_signal = false;
    std::string participant_sid;
    std::string track_id;
};

} // namespace golden
