// SPDX-License-Identifier: Apache-2.0
// What the stories of lkstats.hpp share: a context in virtual time, copies of reports, asserts and children. cmocka
// wants to be included last, so this header is.
#pragma once

#include "lkstats.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "cmocka.hpp"

namespace host {

// Virtual time begins at start; one tick is the default report interval.
constexpr int64_t second = 1'000'000'000, start = 1000 * second, tick = 5 * second;
// How long a test waits for another thread before it calls that a failure.
constexpr int64_t patience_ms = 30000;

#define assert_status(expected, call) assert_string_equal(lkstats::name(call), lkstats::name(expected))

inline void assert_traffic(const lkstats::Traffic &actual, uint64_t send_bytes, uint64_t send_messages,
                           uint64_t recv_bytes, uint64_t recv_messages) {
    assert_int_equal(actual.send_bytes, send_bytes);
    assert_int_equal(actual.send_messages, send_messages);
    assert_int_equal(actual.recv_bytes, recv_bytes);
    assert_int_equal(actual.recv_messages, recv_messages);
}

inline void run(const lkstats::Context &context, int64_t after) {
    assert_status(LKSTATS_OK, context.run_once(start + after, after));
}

inline lkstats::Context open(lkstats::Options options = {}) {
    options.flags |= LKSTATS_NO_THREAD;
    lkstats::Context context(options);
    assert_status(LKSTATS_OK, context.status());
    run(context, 0);
    return context;
}

inline lkstats::Track track(const lkstats::Context &context, std::string_view participant_sid) {
    lkstats::TrackOptions options;
    options.participant_sid = participant_sid;
    lkstats::Track track = context.track(options);
    assert_status(LKSTATS_OK, track.status());
    return track;
}

inline lkstats::Traffic totals(const lkstats::Counted &counted) {
    lkstats::Totals totals;
    assert_status(LKSTATS_OK, counted.totals(totals));
    return totals.traffic;
}

// A copy of what a story looks at.
struct Report {
    lkstats_key_t key;
    lkstats::Traffic window;
    std::string participant_sid;

    bool is_of(lkstats_track_t handle) const { return (uint64_t{key.tag} << 32 | key.slot) == handle; }
};

inline Report copy(const lkstats::Record &record) {
    return {record.key, record.window, std::string(lkstats::view(record.participant_sid))};
}

// Takes and acknowledges until there is nothing.
inline std::vector<Report> drain(const lkstats::Context &context) {
    std::vector<Report> all;
    while (lkstats::Batch batch = context.next()) {
        for (const lkstats::Record &record : batch)
            all.push_back(copy(record));
        assert_status(LKSTATS_OK, batch.ack());
    }
    return all;
}

// Where a failed assert cannot jump back to cmocka: in a child or another thread.
#define require(condition) host::require_(condition, #condition, __FILE__, __LINE__)
inline void require_(bool holds, const char *what, const char *file, int line) {
    if (holds)
        return;
    std::fprintf(stderr, "%s:%d: %s does not hold\n", file, line, what);
    std::_Exit(1);
}
#define require_status(expected, call) host::require_status_(expected, call, #call, __FILE__, __LINE__)
inline void require_status_(lkstats::Status expected, lkstats::Status actual, const char *what,
                            const char *file, int line) {
    if (expected == actual)
        return;
    std::fprintf(stderr, "%s:%d: %s is %s, not %s\n", file, line, what, lkstats::name(actual),
                 lkstats::name(expected));
    std::_Exit(1);
}

// Fails unless the story comes to its end in a process that make_child has made.
template <class Make, class Story> void in_child_of(Make make_child, Story story) {
    std::fflush(nullptr);
    const auto child = static_cast<pid_t>(make_child());
    int status = -1;
    assert_true(child >= 0);
    if (child == 0) {
        story();
        std::fflush(nullptr);
        std::_Exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
template <class Story> void in_child(Story story) { in_child_of(fork, story); }

} // namespace host
