// SPDX-License-Identifier: Apache-2.0
#include "slab/mutant.hpp"

#ifdef LKSTATS_SEAMS
namespace lkstats {
Mutant planted = Mutant::none;
void (*at_step)() = nullptr;
} // namespace lkstats
#endif
