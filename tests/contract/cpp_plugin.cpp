// SPDX-License-Identifier: Apache-2.0
// A plugin that is linked with the library, for a host that loads it: cpp_both_test.cpp.
#include "lkstats.hpp"

extern "C" lkstats::Status plugin_counts(lkstats::Totals *totals);
lkstats::Status plugin_counts(lkstats::Totals *totals) {
    lkstats::Options options;
    options.flags = LKSTATS_NO_THREAD;
    const lkstats::Context context(options);
    const lkstats::Track track = context.track();
    (void)track.add_bytes(1200, true);
    return track.totals(*totals);
}
