// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "folder.hpp"

#include "lkstats.h"

#include <functional>

namespace lkstats::fault {

// Every record of a directory of segments, in the order in which each context wrote them. Nothing in there may be
// damaged; a file may be too short for its header.
void read_journal(const Folder &folder,
                  const std::function<void(const lkstats_record_t &, const lkstats_string_t &node)> &take);

} // namespace lkstats::fault
