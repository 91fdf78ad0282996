// SPDX-License-Identifier: Apache-2.0
// What a flush of LiveKit's sends for a track's windows, and what lkstats sends when they are one window of its own.
#pragma once

#include "rules.hpp"
#include "wire.hpp"

namespace golden {

// One direction: what it says, its figures summed, and over how many stats they are spread.
struct Line {
    Stat stat;
    size_t stats = 1;
    bool operator==(const Line &) const = default;
};

struct Flushed {
    std::vector<Line> lines;
    // When lkstats' window began and ended.
    Timestamp start;
    Timestamp end;
};

std::vector<Line> recorded_lines(const Flush &flush);
std::vector<Line> model_lines(const Flush &flush, Rules rules, const Timestamp &start, const Timestamp &end);
Flushed replay(const Flush &flush);
void expect_lines(const std::string &what, const std::vector<Line> &expected,
                  const std::vector<Line> &actual);

} // namespace golden
