// SPDX-License-Identifier: Apache-2.0
// What a record leaves out because the one before it, of the same number, says it. Writer and reader ask the same
// question, so a record that does not follow is written whole, whatever came before it.
#pragma once

#include "journal/entry.hpp"
#include "slab/traffic.hpp"

namespace lkstats::journal {

class Chain {
  public:
    bool is_at(uint32_t sequence) const { return kind_ != 0 && sequence == sequence_; }
    // Whether start and running of that record would come out as they are.
    bool implies(const Window &of) const {
        return follows(of) && running_known_ && same(implied_start(of), of.start) &&
               implied_running(of) == of.running;
    }
    // Fills in what is left out and can be known.
    void complete(Window &window, bool &start_unknown, bool &running_unknown) const {
        if (window.whole)
            return;
        const bool known = follows(window);
        start_unknown = !known && window.kind != LKSTATS_RECORD_LEFT;
        running_unknown = !known || !running_known_;
        if (!start_unknown)
            window.start = implied_start(window);
        if (!running_unknown)
            window.running = implied_running(window);
    }
    void add(const Window &window, bool start_unknown, bool running_unknown) {
        kind_ = window.kind;
        sequence_ = window.sequence;
        const bool joined = kind_ == LKSTATS_RECORD_JOINED;
        from_ = joined ? window.start : window.end;
        from_known_ = !joined || !start_unknown;
        running_ = window.running;
        running_known_ = !running_unknown;
    }

  private:
    static bool same(const lkstats_time_t &a, const lkstats_time_t &b) {
        return a.monotonic_ns == b.monotonic_ns && a.wall_ns == b.wall_ns;
    }
    bool follows(const Window &of) const {
        return kind_ != 0 && from_known_ && of.sequence == sequence_ + (of.same_sequence ? 0 : 1);
    }
    lkstats_time_t implied_start(const Window &of) const {
        return of.kind == LKSTATS_RECORD_LEFT ? of.end : from_;
    }
    lkstats_traffic_t implied_running(const Window &of) const {
        lkstats_traffic_t running = running_;
        running += of.window;
        return running;
    }

    uint32_t kind_ = 0; // 0: there is no record yet
    uint32_t sequence_ = 0;
    bool from_known_ = false, running_known_ = false;
    lkstats_time_t from_ = {}; // where the next window starts
    lkstats_traffic_t running_ = {};
};

} // namespace lkstats::journal
