// SPDX-License-Identifier: Apache-2.0
// Comparisons that throw a Mismatch which says where the first difference is.
#pragma once

#include "model.hpp"

namespace golden {

void expect_events(const std::string &what, const std::vector<Event> &expected,
                   const std::vector<Event> &actual);
void expect_by_kind(const std::string &what, const std::map<Kind, Traffic> &expected,
                    const std::map<Kind, Traffic> &actual);

// The model without rules, held against all that was recorded.
void expect_recorded(const Trace &trace, const Outcome &reference);
void expect_tags(const Trace &trace, const Outcome &reference);
// What came out of the library, held against what the recorded reporter was told.
void expect_observed(const Trace &trace, const std::map<Kind, Traffic> &by_kind);

} // namespace golden
