// SPDX-License-Identifier: Apache-2.0
// What the receivers of a soak have: files of rows, or a journal.
#pragma once

extern "C" {
#include "row.h"
}

#include <string>
#include <vector>

namespace soak {

// What batch is once a row is read: who stored it, and whether it was acknowledged then: only the last of what a host
// wrote may have been left open by its kill.
inline constexpr uint32_t stored_acknowledged = uint32_t{1} << 31, stored_in_journal = uint32_t{1} << 30;
inline uint32_t stored_by(const soak_row &row) {
    return row.batch & ~(stored_acknowledged | stored_in_journal);
}

// Each appends, in the order in which they came, and answers what was wrong, or nothing.
std::string read_rows(const std::string &path, uint32_t life, std::vector<soak_row> &rows);
std::string read_journal(const std::string &directory, std::vector<soak_row> &rows);

} // namespace soak
