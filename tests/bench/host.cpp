// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <cstdio>
#include <cstdlib>

namespace bench {

namespace {

constexpr int64_t wall_start_ns = 1785500000000000000; // some day; reports only carry it

} // namespace

void must(lkstats_status_t status, const char *call) {
    if (status == LKSTATS_OK)
        return;
    std::fprintf(stderr, "lkstats_bench: %s: %s\n", call, lkstats_strerror(status));
    std::exit(EXIT_FAILURE);
}

Host::Host(uint32_t max_tracks) {
    lkstats_options_t options{};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.report_interval_ms = static_cast<uint32_t>(interval_ms);
    options.max_tracks = max_tracks;
    options.node = {"ND_bench4mT7qLw", 15};
    options.analytics_key = {"bench", 5};
    must(lkstats_open(&options, &ctx_), "lkstats_open");
    advance(0); // the first call starts the first interval
}

Host::~Host() { lkstats_close(ctx_, LKSTATS_ABANDON, nullptr); }

lkstats_track_t Host::start(const lkstats_track_options_t &options) {
    lkstats_track_t track = 0;
    must(lkstats_track_new(ctx_, &options, &track), "lkstats_track_new");
    return track;
}

void Host::start_many(uint32_t count) {
    tracks_.reserve(count);
    for (uint32_t number = 0; number < count; number++)
        tracks_.push_back(start(Identity(number).options()));
}

void Host::advance(int64_t ms) {
    now_ns_ += ms * 1000000;
    must(lkstats_run_once(ctx_, now_ns_, wall_start_ns + now_ns_), "lkstats_run_once");
}

void Host::drain(const std::function<void(const lkstats_batch_t &)> &look) {
    for (;;) {
        lkstats_batch_t batch{};
        batch.struct_size = sizeof batch;
        const lkstats_status_t status = lkstats_next(ctx_, &batch);
        if (status == LKSTATS_EAGAIN)
            return;
        must(status, "lkstats_next");
        if (look)
            look(batch);
        must(lkstats_ack(&batch), "lkstats_ack");
    }
}

} // namespace bench
