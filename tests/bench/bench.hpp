// SPDX-License-Identifier: Apache-2.0
// What there is to measure. Each hands over its lines as they are done.
#pragma once

#include "host.hpp"
#include "line.hpp"

#include <cstdint>
#include <functional>

namespace bench {

using Finished = std::function<void(Line)>;

inline constexpr uint32_t million = 1000000;

void measure_memory(const Finished &finished); // forks: before the library is used
void measure_adds(const Finished &finished);
void measure_churn(const Finished &finished);

// Both on a host with a million tracks.
void measure_sweep(Host &host, const Finished &finished);
void measure_reports(Host &host, const Finished &finished);

} // namespace bench
