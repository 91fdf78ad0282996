// SPDX-License-Identifier: Apache-2.0
// What lkstats_metrics shows, as numbers.
#pragma once

#include "lkstats.h"

#include <chrono>

namespace lkstats::report {

inline constexpr int32_t channels = LKSTATS_CHANNEL_SIGNAL;

// How often something was done, and how long all of it took.
struct Effort {
    uint64_t count = 0;
    uint64_t ns = 0;

    void add(std::chrono::nanoseconds took) {
        ++count;
        ns += static_cast<uint64_t>(took.count());
    }
};

// Of this process, whatever its number of contexts: a handle that is refused is in none.
struct RefusedAdds {
    uint64_t invalid; // too large
    uint64_t none;    // handle 0: the track could not be made
    uint64_t stale;
    uint64_t closed;
    uint64_t forked;
};

struct Figures {
    lkstats_traffic_t counted[channels] = {}; // by channel, less one
    lkstats_traffic_t unattributed = {};
    RefusedAdds refused_adds = {};

    // Now.
    uint64_t live[channels] = {};
    uint64_t closed[channels] = {}; // stopped, and something of them is owed
    uint64_t unacknowledged = 0;    // reports that are frozen and not acknowledged
    uint64_t batches_out = 0;
    uint64_t max_tracks = 0;
    uint64_t resting = 0; // slots that count against max_tracks for a while yet

    // Since the context was opened.
    uint64_t full_tracks = 0; // lkstats_track_new and lkstats_signal_new that answered LKSTATS_EFULL
    uint64_t full_epochs = 0; // lkstats_signal_reset and ..._resolve_... that did
    uint64_t reports = 0;     // frozen
    uint64_t acknowledged = 0;
    uint64_t batches_given_back = 0;
    uint64_t callbacks_thrown = 0;   // on_batch left with an exception
    uint64_t recovered_contexts = 0; // dead ones taken over
    uint64_t recovered_tracks = 0;
    uint64_t recovering = 0; // of them, those that something is owed of
    uint64_t damaged = 0;    // tracks of dead contexts that were left out
    struct Journal {
        uint64_t records = 0;
        uint64_t bytes = 0;
        uint64_t failed_writes = 0;
        uint64_t segments = 0;
        uint64_t removed_segments = 0;
        uint64_t removed_bytes = 0;
        uint64_t kept_segments = 0; // all in the directory, when one was last begun
        uint64_t kept_bytes = 0;
        uint64_t failing = 0;  // 1: the last write was in vain
        uint64_t left_out = 0; // batches that the consumer beside it was too slow for
    } journal;
    Effort sweeps;  // runs of the reporter
    Effort batches; // made for a consumer
};

} // namespace lkstats::report
