// SPDX-License-Identifier: Apache-2.0
// What one receiver can say of records alone: that the same key has the same content, that no sequence is missing, that
// totals add up, and that each is of somebody in the ledger.
#pragma once

#include "rows.hpp"

extern "C" {
#include "ledger.h"
}

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace soak {

using Complain = std::function<void(const std::string &)>;

std::string text_of(const soak_row &row);
bool same_key(const soak_row &one, const soak_row &other);
bool same_epoch(const soak_row &one, const soak_row &other);
bool same_handle(const soak_row &one, const soak_row &other);

// By key; what came first is first.
void sort_by_key(std::vector<soak_row> &rows);
// Leaves one row a key, and says how many were too many. times: of each row that is left, how often it came.
uint64_t one_a_key(std::vector<soak_row> &rows, std::vector<uint32_t> &times, const Complain &complain);
// All records of one epoch of one handle, in order.
void check_epoch(std::span<const soak_row> epoch, const Complain &complain);

// Whose a record is.
class Whose {
  public:
    explicit Whose(const soak_ledger &ledger);
    // The account; SOAK_NOBODY after a complaint.
    uint32_t operator()(const soak_row &row, const Complain &complain) const;

  private:
    const soak_ledger &ledger_;
    uint64_t count_;
    std::vector<std::pair<uint64_t, uint32_t>>
        epochs_; // of connections: (connection, epoch), account; sorted
};

inline constexpr uint32_t SOAK_NOBODY = UINT32_MAX;

} // namespace soak
