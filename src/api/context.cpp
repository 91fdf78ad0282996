// SPDX-License-Identifier: Apache-2.0
#include "api/context.hpp"

#include "api/guard.hpp"
#include "api/process.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::api {

namespace {

std::string text(const lkstats_string_t &string) {
    return string.size == 0 ? std::string() : std::string(string.data, string.size);
}

report::Deadline deadline_after(int64_t timeout_ms) {
    const int64_t decades = int64_t{1} << 40; // a sum that can't overflow
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(std::min(timeout_ms, decades));
}

} // namespace

Context::Context(Process &process, const lkstats_options_t &options, const uint8_t (&uuid)[16])
    : process_(process), options_(options), node_(text(options.node)),
      analytics_key_(text(options.analytics_key)), table_(process.ranges().places(), *this, Process::tags()),
      reporter_(table_, *this, int64_t{options.report_interval_ms} * 1'000'000, uuid,
                wire::encode_origin(node_, analytics_key_)) {
    std::memcpy(uuid_, uuid, sizeof uuid_);
    options_.node = {node_.data(), node_.size()};
    options_.analytics_key = {analytics_key_.data(), analytics_key_.size()};
}

Context::~Context() {
    lkstats_residue_t nobody_asked;
    finish(nobody_asked);
}

lkstats_status_t Context::start(lkstats_t *token) {
    token_ = token;
    if (!os::Floor())
        return LKSTATS_ENOFILE;
    event_ = os::make_event();
    if (!event_)
        return status_of_errno();
    if (const auto status = directory_.make(uuid_, options_, now()); status != LKSTATS_OK)
        return status;
    if (const auto status = first_memory(); status != LKSTATS_OK)
        return status;
    return threaded() ? loop_.start(*this) : LKSTATS_OK;
}

lkstats_status_t Context::close(int64_t timeout_ms, lkstats_residue_t &residue) {
    const bool abandon = timeout_ms == LKSTATS_ABANDON;
    const auto deadline = deadline_after(abandon ? 0 : timeout_ms);
    table_.refuse_new();
    reporter_.stop_all();
    const auto status = reporter_.drained(deadline);
    if (status == LKSTATS_ECLOSED)
        return status;
    if (status == LKSTATS_ETIMEDOUT && !abandon) {
        residue = reporter_.residue();
        return status;
    }
    return finish(residue) ? LKSTATS_OK : LKSTATS_ECLOSED;
}

bool Context::finish(lkstats_residue_t &residue) {
    if (finishing_.test_and_set())
        return false;
    reporter_.finish();
    residue = reporter_.residue();
    loop_.stop();
    give_up_memory();
    {
        // Others may hold the context a little longer, but not its descriptor.
        std::lock_guard lock(table_.lists());
        event_ = os::Descriptor();
    }
    if (token_ != nullptr)
        process_.remove(token_);
    return true;
}

lkstats_status_t Context::run_once(lkstats_time_t now) {
    if (threaded())
        return LKSTATS_EINVAL;
    std::lock_guard lock(run_);
    {
        std::lock_guard clock(clock_mutex_);
        if (now.monotonic_ns < clock_.monotonic_ns)
            return LKSTATS_EINVAL;
        clock_ = now;
    }
    reporter_.run(now);
    prepare();
    return LKSTATS_OK;
}

int64_t Context::run() {
    reporter_.run(now());
    prepare();
    return reporter_.next_due_ns();
}

lkstats_time_t Context::now() {
    if (threaded())
        return os::now();
    std::lock_guard lock(clock_mutex_);
    return clock_;
}

int Context::event_fd() {
    std::lock_guard lock(table_.lists());
    return event_.get();
}

void Context::wake() { loop_.wake(); }

void Context::set_readable(bool readable) { readable ? os::set_event(event_) : os::clear_event(event_); }

lkstats_status_t Context::create(const track::Parts &parts, int32_t channel, lkstats_track_t &track) {
    return table_.create(parts, channel, now(), track);
}

lkstats_status_t Context::stop(lkstats_track_t track, lkstats_totals_t &totals) {
    bool fresh = false;
    totals.at = now();
    const auto status = table_.stop(track, totals.at, totals.traffic, fresh);
    if (fresh)
        reporter_.urge(track::slot_of(track));
    return status;
}

lkstats_status_t Context::totals(lkstats_track_t track, lkstats_totals_t &totals) {
    totals.at = now();
    return table_.totals(track, totals.traffic);
}

lkstats_status_t Context::flush(lkstats_track_t track, int64_t timeout_ms) {
    if (!table_.hold(track))
        return LKSTATS_ESTALE;
    return reporter_.flush(track::slot_of(track), track::tag_of(track), deadline_after(timeout_ms));
}

lkstats_status_t Context::flush_all(int64_t timeout_ms) {
    return reporter_.flush_all(deadline_after(timeout_ms));
}

} // namespace lkstats::api
