// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lkstats.h"

namespace lkstats::os {

lkstats_time_t now();
int64_t process_id();
// Unpredictable bytes; false: the system has none.
bool random_bytes(void *to, unsigned size);

} // namespace lkstats::os
