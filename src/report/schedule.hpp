// SPDX-License-Identifier: Apache-2.0
// When a sweep's slices are due. A pass takes one period and is cut into slices; due times are absolute, so
// that they do not drift, and a slot's turn is its place in the order.
#pragma once

#include <algorithm>
#include <cstdint>

namespace lkstats::report {

class Schedule {
  public:
    // Fifty slices a period, of ten milliseconds at least.
    explicit Schedule(int64_t period_ns)
        : slices_(std::clamp<int64_t>(period_ns / 10'000'000, 1, 50)), tick_ns_(period_ns / slices_) {}

    int64_t tick_ns() const { return tick_ns_; }
    // Passes that were walked from end to end; a pass that was slept through does not count.
    uint32_t passes() const { return static_cast<uint32_t>(walked_ / slices_); }

    // Calls walk(from, to) for what is due, numbers below total. After a long pause every number has a turn,
    // and some have two when there are more than before it. The first call only starts the first pass.
    // total() is asked again where a pass begins and where it ends, so that what is made meanwhile has its
    // first turn within a period.
    template <class Total, class Walk> void advance(int64_t now_ns, Total total, Walk walk) {
        if (!started_) {
            started_ = true;
            origin_ns_ = now_ns;
            return;
        }
        const int64_t due = (now_ns - origin_ns_) / tick_ns_;
        if (done_ < due - slices_) {
            done_ = due - slices_;
            walked_ -= walked_ % slices_; // a pass that a pause cut short
        }
        while (done_ < due) {
            const int64_t slice = done_ % slices_;
            if (slice == 0)
                pass_total_ = total();
            const auto share = [&](int64_t s) {
                return static_cast<uint32_t>(uint64_t{pass_total_} * static_cast<uint64_t>(s) /
                                             static_cast<uint64_t>(slices_));
            };
            const uint32_t to = slice + 1 == slices_ ? total() : share(slice + 1);
            walk(share(slice), to);
            ++done_;
            ++walked_;
        }
    }

    // The instant of the next slice.
    int64_t next_due_ns() const { return origin_ns_ + (done_ + 1) * tick_ns_; }

  private:
    int64_t slices_;
    int64_t tick_ns_;
    int64_t origin_ns_ = 0;
    int64_t done_ = 0; // slices whose time has passed, skipped ones included
    int64_t walked_ = 0;
    uint32_t pass_total_ = 0;
    bool started_ = false;
};

} // namespace lkstats::report
