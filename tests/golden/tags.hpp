// SPDX-License-Identifier: Apache-2.0
// The tags of a recorded trace, worked out from what the model meets: they are the proof that it meets LiveKit's
// oddities where the recorder met them. Nothing else is decided by a tag.
#pragma once

#include "trace.hpp"

namespace golden {

class Tags {
  public:
    // Before bytes are added; kind_is_old: an earlier participant's kind goes with them.
    void adds(uint64_t bytes, const Count &window, const Count &totals, bool kind_is_old);
    // A report finds this in one direction.
    void finds(size_t direction, const Count &window);
    void starts(bool stopped, const Participant &participant);
    // With what is pending.
    void resets(bool started, bool stopped, const Traffic &window);
    void ends(bool ticking, const Traffic &window);

    const std::set<std::string> &met() const { return met_; }

  private:
    std::set<std::string> met_;
    bool held_[directions] = {};             // messages without bytes stayed
    bool messages_crossed_[directions] = {}; // ... over a reset
    bool bytes_crossed_[directions] = {};
    bool stop_undone_ = false;
    bool stop_survived_ = false;
};

} // namespace golden
