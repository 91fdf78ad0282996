// SPDX-License-Identifier: Apache-2.0
// A server that is measured: a context without a thread, whose clock stands still unless it is told to move.
#pragma once

#include "identity.hpp"
#include "lkstats.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace bench {

// Ends the program with the status in words, unless it is LKSTATS_OK: nothing below is meant to fail.
void must(lkstats_status_t status, const char *call);

class Host {
  public:
    // With this interval one pass over the slots folds and freezes: no fold-only pass in between.
    static constexpr int64_t interval_ms = 1000;

    // max_tracks 0: the library's default.
    explicit Host(uint32_t max_tracks = 0);
    ~Host();
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    lkstats_track_t start(const lkstats_track_options_t &options);
    void start_many(uint32_t count); // participants 0, 1, 2 ...
    const std::vector<lkstats_track_t> &tracks() const { return tracks_; }

    void advance(int64_t ms);
    // Takes and acknowledges every batch there is; look sees each before its acknowledgement.
    void drain(const std::function<void(const lkstats_batch_t &)> &look = {});

  private:
    lkstats_t *ctx_ = nullptr;
    int64_t now_ns_ = 0;
    std::vector<lkstats_track_t> tracks_;
};

} // namespace bench
