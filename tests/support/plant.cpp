// SPDX-License-Identifier: Apache-2.0
// For test programs in C: the fault is there before main.
#include "plant.hpp"

namespace {
[[maybe_unused]] const bool planted_before_main = (lkstats::plant_from_environment(), true);
}
