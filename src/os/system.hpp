// SPDX-License-Identifier: Apache-2.0
// The clocks, and what else a process asks its system for.
#pragma once

#include "lkstats.h"

namespace lkstats::os {

lkstats_time_t now();
int64_t process_id();
// Lets another thread run.
void yield();
// Unpredictable bytes; false: the system has none.
bool random_bytes(void *to, unsigned size);

} // namespace lkstats::os
