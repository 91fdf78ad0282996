// SPDX-License-Identifier: Apache-2.0
// Calls on the context.
#include "host.hpp"
#include "transcript.h"

#include <cinttypes>
#include <vector>

using lkstats::Context;
using lkstats::Status;

void Host::story() {
    end_story();
    std::printf("story %s\n", script_word(script_));
    end();
}

void Host::files() {
    slab_dir_ = string();
    journal_dir_ = string();
    files_ = {};
    files_.slab_dir = slab_dir_;
    files_.journal_dir = journal_dir_;
    files_.journal_segment_bytes = script_number(script_, UINT64_MAX);
    files_.journal_keep_bytes = script_number(script_, UINT64_MAX);
    files_.journal_keep_segments = static_cast<uint32_t>(script_number(script_, UINT32_MAX));
    files_.journal_segment_age_ms = static_cast<uint32_t>(script_number(script_, UINT32_MAX));
    files_.flags = script_number(script_, 1) != 0 ? LKSTATS_JOURNAL_SYNC : 0;
    end();
    answer_line(LKSTATS_OK);
}

void Host::open() {
    lkstats::Options options = std::exchange(files_, {});
    options.flags |= LKSTATS_NO_THREAD;
    options.node = string();
    options.analytics_key = string();
    options.report_interval_ms = static_cast<uint32_t>(script_number(script_, UINT32_MAX));
    options.max_tracks = static_cast<uint32_t>(script_number(script_, UINT32_MAX));
    if (script_number(script_, 1) != 0)
        options.flags |= LKSTATS_PREALLOCATE;
    if (script_number(script_, 1) != 0)
        options.flags |= LKSTATS_NO_REPORTS;
    end();
    context_.emplace(options);
    answer_line(context_->status());
}

void Host::run() {
    const auto ns = static_cast<int64_t>(script_number(script_, uint64_t{INT64_MAX} - wall_at_0_ns));
    end();
    answer_line(of_context([&](Context &context) { return context.run_once(ns, wall_at_0_ns + ns); }));
}

void Host::redeliver() {
    end();
    answer_line(of_context([](Context &context) { return context.redeliver(); }));
}

void Host::metrics() {
    const auto format = static_cast<uint32_t>(script_number(script_, UINT32_MAX));
    end();
    std::vector<char> text;
    uint64_t need = 0;
    const auto ask = [&] {
        return of_context(
            [&](Context &context) { return context.metrics(format, text.data(), text.size(), need); });
    };
    Status status = ask();
    if (status == LKSTATS_ERANGE) {
        text.resize(need);
        status = ask();
    }
    answer_line(status);
    if (status == LKSTATS_OK)
        tell_metrics(text.data(), need);
}

void Host::close() {
    lkstats::Residue residue;
    end();
    tell_close(of_context([&](Context &context) { return context.close(0, &residue); }), residue);
}

void Host::abandon() {
    lkstats::Residue residue;
    end();
    tell_close(of_context([&](Context &context) { return context.abandon(&residue); }), residue);
}

void Host::tell_close(Status status, const lkstats::Residue &residue) {
    answer(status);
    if (status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT) {
        std::printf(" tracks=%" PRIu64 " traffic=", residue.tracks);
        tell_traffic(&residue.traffic);
    }
    std::putchar('\n');
}
