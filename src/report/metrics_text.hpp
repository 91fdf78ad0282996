// SPDX-License-Identifier: Apache-2.0
// What lkstats_metrics answers: figures as OpenMetrics, or as the text that Prometheus had before it.
#pragma once

#include "report/figures.hpp"

#include <string>
#include <string_view>

namespace lkstats::report {

// format is one of LKSTATS_METRICS_...; node is any UTF-8. Throws what std::string does.
std::string metrics_text(const Figures &figures, std::string_view node, uint32_t format);

} // namespace lkstats::report
