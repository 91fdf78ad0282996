// SPDX-License-Identifier: Apache-2.0
// Holds what was received against the ledger.
#pragma once

#include "rows.hpp"

extern "C" {
#include "ledger.h"
}

#include <span>
#include <string>
#include <vector>

namespace soak {

struct Figures {
    uint64_t adds = 0;
    uint64_t doubts = 0;  // adds of which the kill left open whether they were made
    uint64_t counted = 0; // of those, the ones that were
    uint64_t records = 0; // one a key
    uint64_t repeated = 0;
    uint64_t accounts = 0; // that something was counted on
    void operator+=(const Figures &other);
};

// What is wrong, a line each; nothing: three receivers agree with the ledger, one that keeps one row a key, one that
// keeps the largest running totals of an epoch, and, where no key came twice and nothing is in doubt, one that only adds.
std::vector<std::string> compare(const soak_ledger &ledger, std::vector<soak_row> rows, Figures &figures);

} // namespace soak
