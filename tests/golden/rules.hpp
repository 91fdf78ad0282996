// SPDX-License-Identifier: Apache-2.0
// Where lkstats answers the same calls otherwise than LiveKit's code: each difference by what causes it.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

namespace golden {

// X(name, what lkstats does)
#define GOLDEN_RULES(X)                                                                                      \
    X(late_add, "an add after stop is refused, and in no total")                                             \
    X(large_add, "an add of 2^35 bytes or more is refused, and in no total")                                 \
    X(zero_byte_window, "messages without bytes are reported, in their own window")                          \
    X(final_stop, "a reset does not undo the stop of a connection that was both known")                      \
    X(empty_participant, "a participant without a sid is refused, as a room is")                             \
    X(late_resolution, "not both known six intervals after stop: unattributed, and gone")                    \
    X(unresolved_at_close, "not both known when the context closes: unattributed")                           \
    X(kind_of_reported, "traffic has the kind of the participant that it is reported for")                   \
    X(wide_bytes, "figures for observability have 64 bits")                                                  \
    X(default_track_id, "a track without an id gets that of its participant's data channels")                \
    X(limits, "a string over 256 bytes or with a NUL, or more than 32 kind details, are refused")            \
    X(carried_packets, "what a stat cannot hold goes into a further one; nothing is skipped or wraps")       \
    X(window_times, "a stat says when its window began and ended")                                           \
    X(no_worker, "traffic of a participant who has not joined is reported")

#define GOLDEN_RULE_NAME(name, text) name,
enum class Rule { GOLDEN_RULES(GOLDEN_RULE_NAME) count };
#undef GOLDEN_RULE_NAME

class Rules {
  public:
    // LiveKit's code.
    static Rules none() { return {}; }
    // lkstats.
    static Rules all() {
        Rules rules;
        rules.on_.set();
        return rules;
    }
    Rules without(Rule rule) const {
        Rules rules = *this;
        rules.on_.reset(static_cast<size_t>(rule));
        return rules;
    }
    bool has(Rule rule) const { return on_.test(static_cast<size_t>(rule)); }

  private:
    std::bitset<static_cast<size_t>(Rule::count)> on_;
};

std::string_view name(Rule rule);
std::string_view text(Rule rule);
std::optional<Rule> rule_named(std::string_view name);

} // namespace golden
