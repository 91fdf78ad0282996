// SPDX-License-Identifier: Apache-2.0
// What the calls of a trace bring about, worked out from the calls alone. Without rules it is LiveKit's code, with
// all of them lkstats; it shares nothing with either.
#pragma once

#include "rules.hpp"
#include "trace.hpp"

namespace golden {

// The statuses that lkstats may answer with, bit -status for each.
using Answers = uint32_t;

struct Outcome {
    std::vector<Event> events;
    std::map<Kind, Traffic> by_kind; // every add that counted, under the kind it was reported with
    Observed observed;               // LiveKit's only: lkstats has no such reporter
    std::set<std::string> tags;      // LiveKit's only
    Answers made = 0;
    std::vector<Answers> answers; // by op
};

Outcome outcome(const Trace &trace, Rules rules);

// The events that the trace's own calls brought, without what its end did.
std::vector<Event> before_the_end(const Trace &trace, const std::vector<Event> &events);

} // namespace golden
