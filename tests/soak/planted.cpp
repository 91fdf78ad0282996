// SPDX-License-Identifier: Apache-2.0
// A host with the kept fault that LKSTATS_MUTANT names: whoever kills it has to see that.
#include "plant.hpp"

namespace {
[[maybe_unused]] const bool planted_before_main = (lkstats::plant_from_environment(), true);
} // namespace
