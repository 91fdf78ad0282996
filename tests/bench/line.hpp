// SPDX-License-Identifier: Apache-2.0
// One line of the table: what lkstats costs, beside what it could cost at best.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Line {
    std::string what;
    std::string unit;
    std::optional<double> target; // the highest ratio that is good enough; none: for orientation
    std::vector<double> ours;     // one figure a round, in unit
    std::vector<double> limit;    // of the same rounds
};

// What the rounds of a line say.
struct Verdict {
    double ours; // medians
    double limit;
    double ratio; // of the two
    double
        spread; // of the rounds' own ratios: from the 10th to the 90th percentile, relative to their median
    bool met;
    bool uncertain; // the spread is wider than the distance from the target
};

Verdict judge(const Line &line);

} // namespace bench
