// SPDX-License-Identifier: Apache-2.0
// What a process has open and running, as the system lists it.
#pragma once

namespace lkstats::fault {

struct Traces {
    int descriptors;
    int threads;
    friend bool operator==(const Traces &, const Traces &) = default;
};
Traces traces();
// A thread that was joined may be listed for an instant yet: that is waited for.
void expect_same_traces(const Traces &before);

} // namespace lkstats::fault
