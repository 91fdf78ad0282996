// SPDX-License-Identifier: Apache-2.0
// How many adds this process refused, and why: there is no telling whose they were.
#pragma once

#include "report/figures.hpp"

namespace lkstats::api {

report::RefusedAdds refused_adds();
// In a forked child, which has refused none yet.
void forget_refused_adds();

} // namespace lkstats::api
