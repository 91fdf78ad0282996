// SPDX-License-Identifier: Apache-2.0
#include "report/figures.hpp"

#include "report/reporter.hpp"

namespace lkstats::report {

void Reporter::fold_all() { sweep(0, table_.high_water(), false, {}); }

Figures Reporter::figures() {
    const track::Counts counts = table_.counts();
    std::lock_guard lock(table_.lists());
    Figures figures = figures_;
    for (size_t i = 0; i < std::size(figures.counted); ++i) {
        figures.counted[i] = counts.counted[i];
        figures.live[i] = counts.live[i];
        figures.closed[i] = counts.closed[i];
    }
    figures.unattributed = counts.unattributed;
    figures.reports = counts.reports;
    figures.acknowledged = counts.acknowledged;
    figures.unacknowledged = counts.reports - counts.acknowledged;
    figures.batches_out = out_.size();
    return figures;
}

} // namespace lkstats::report
