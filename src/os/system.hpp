// SPDX-License-Identifier: Apache-2.0
// The clocks, and what else a process asks its system for.
#pragma once

#include "lkstats.h"

#include <string>

namespace lkstats::os {

lkstats_time_t now();
int64_t process_id();
// What errno's numbers mean.
std::string error_text(int error);
// Lets another thread run.
void yield();
// Unpredictable bytes; false: the system has none.
bool random_bytes(void *to, unsigned size);

} // namespace lkstats::os
