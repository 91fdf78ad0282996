// SPDX-License-Identifier: Apache-2.0
#include "flush.hpp"

#include <algorithm>

namespace golden {

namespace {

constexpr uint64_t add_end = uint64_t{1} << 35;
constexpr uint64_t packets_most = INT32_MAX;
constexpr Timestamp year_1{-62'135'596'800, 0};

// Whose windows these are, in every recorded flush.
Stat identified(size_t direction) {
    Stat stat{.kind = direction, .room_sid = "RM_a", .room_name = "lobby"};
    stat.participant_sid = "PA_a";
    stat.track_id = "TR_SGPA_a";
    return stat;
}

bool is_refused(const Count &window) {
    return window.bytes / std::max<uint64_t>(window.messages, 1) >= add_end;
}

bool is_negative(const Count &window) { return window.bytes > INT64_MAX || window.messages > packets_most; }

} // namespace

std::vector<Line> recorded_lines(const Flush &flush) {
    std::vector<Line> lines;
    for (const auto &bytes : flush.stats)
        lines.push_back({read_stat(bytes)});
    return lines;
}

std::vector<Line> model_lines(const Flush &flush, Rules rules, const Timestamp &start, const Timestamp &end) {
    std::vector<Line> lines;
    if (!flush.joined && !rules.has(Rule::no_worker))
        return lines;
    for (size_t direction : {recv, send}) {
        const bool carries = rules.has(Rule::carried_packets);
        bool sent = false;
        bool summed = false;
        Count sum;
        for (const Flush::Window &window : flush.windows) {
            if (window.direction != direction || (rules.has(Rule::large_add) && is_refused(window.count)))
                continue;
            sent = true;
            if (!carries && is_negative(window.count))
                continue;
            summed = true;
            sum.bytes += window.count.bytes;
            sum.messages += window.count.messages;
        }
        if (!sent)
            continue;
        Line line{identified(direction)};
        const uint64_t packets = carries ? sum.messages : static_cast<uint32_t>(sum.messages);
        if (carries)
            line.stats = std::max<size_t>(1, (packets + packets_most - 1) / packets_most);
        line.stat.streams = {{packets, sum.bytes, Timestamp{}, Timestamp{}}};
        if (rules.has(Rule::window_times))
            line.stat.streams = {{packets, sum.bytes, start, end}};
        else if (!summed)
            line.stat.streams = {{0, 0, year_1, year_1}};
        lines.push_back(line);
    }
    return lines;
}

void expect_lines(const std::string &what, const std::vector<Line> &expected,
                  const std::vector<Line> &actual) {
    for (size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
        if (i < actual.size() && i < expected.size() && actual[i] == expected[i])
            continue;
        const auto said = [i](const std::vector<Line> &lines) {
            return i < lines.size() ? std::to_string(lines[i].stats) + " x " + text(lines[i].stat) : "none";
        };
        throw Mismatch(what + ", stat " + std::to_string(i) + "\n    is       " + said(actual) +
                       "\n    expected " + said(expected));
    }
}

} // namespace golden
