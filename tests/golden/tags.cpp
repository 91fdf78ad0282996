// SPDX-License-Identifier: Apache-2.0
#include "tags.hpp"

#include <utility>

namespace golden {

void Tags::adds(uint64_t bytes, const Count &window, const Count &totals, bool kind_is_old) {
    if (bytes >> 32 != 0)
        met_.insert("obs_truncated");
    if (window.bytes + bytes < bytes)
        met_.insert("window_bytes_wrap");
    if (totals.bytes + bytes < bytes)
        met_.insert("total_bytes_wrap");
    if (kind_is_old)
        met_.insert("obs_stale_kind");
}

void Tags::finds(size_t direction, const Count &window) {
    if (window.bytes == 0) {
        if (window.messages != 0) {
            met_.insert("zero_byte_window");
            held_[direction] = true;
        }
        return;
    }
    if (std::exchange(held_[direction], false))
        met_.insert("held_messages_reported");
    if (std::exchange(messages_crossed_[direction], false))
        met_.insert("messages_cross_participant");
    if (std::exchange(bytes_crossed_[direction], false))
        met_.insert("bytes_cross_participant");
    if (window.bytes >> 63 != 0)
        met_.insert("window_exceeds_int64");
}

void Tags::starts(bool stopped, const Participant &participant) {
    if (participant.sid.empty())
        met_.insert("empty_participant_sid");
    if (stopped)
        met_.insert("started_after_stop");
    if (stopped && stop_survived_)
        met_.insert("stop_survives_reset");
    if (std::exchange(stop_undone_, false))
        met_.insert("reset_undoes_stop");
}

void Tags::resets(bool started, bool stopped, const Traffic &window) {
    if (!started) {
        stop_survived_ |= stopped;
        return;
    }
    stop_undone_ |= stopped;
    stop_survived_ = false;
    for (size_t direction : {recv, send}) {
        const Count &count = window.by[direction];
        bytes_crossed_[direction] |= count.bytes != 0;
        messages_crossed_[direction] |= count.messages != 0 && (count.bytes == 0 || held_[direction]);
        held_[direction] = false;
    }
}

void Tags::ends(bool ticking, const Traffic &window) {
    if (!ticking && window != Traffic{})
        met_.insert("never_reported");
}

} // namespace golden
