// SPDX-License-Identifier: Apache-2.0
#include "line.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

namespace {

double percentile(std::vector<double> values, double part) {
    std::sort(values.begin(), values.end());
    const double place = part * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

} // namespace

Verdict judge(const Line &line) {
    std::vector<double> ratios(line.ours.size());
    std::transform(line.ours.begin(), line.ours.end(), line.limit.begin(), ratios.begin(),
                   [](double ours, double limit) { return ours / limit; });
    Verdict verdict{};
    verdict.ours = percentile(line.ours, 0.5);
    verdict.limit = percentile(line.limit, 0.5);
    verdict.ratio = verdict.ours / verdict.limit;
    verdict.spread = (percentile(ratios, 0.9) - percentile(ratios, 0.1)) / percentile(ratios, 0.5);
    if (line.target) {
        verdict.met = verdict.ratio <= *line.target;
        verdict.uncertain = verdict.spread * verdict.ratio > std::fabs(*line.target - verdict.ratio);
    }
    return verdict;
}

} // namespace bench
