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

int64_t interval_ns(const lkstats_options_t &options) {
    return int64_t{options.report_interval_ms} * 1'000'000;
}
// How long a stopped signal connection waits for its resolution.
constexpr int64_t resolution_intervals = 6;

// A track needs a record, a long identity some blocks more, and its former epochs the same once more.
track::Table::Limits limits(const lkstats_options_t &options) {
    constexpr uint64_t most = LKSTATS_TRACKS_MAX;
    constexpr uint64_t backlog_most = 1 << 20;
    const uint64_t longest = uint64_t{options.max_tracks} * (1 + track::blocks_max);
    return {options.max_tracks, static_cast<uint32_t>(std::min(most, 2 * longest)),
            static_cast<uint32_t>(std::min(backlog_most, longest)),
            resolution_intervals * interval_ns(options)};
}

} // namespace

Context::Context(Process &process, const lkstats_options_t &options, const uint8_t (&uuid)[16])
    : process_(process), options_(options), node_(text(options.node)),
      analytics_key_(text(options.analytics_key)), slab_dir_(text(options.slab_dir)),
      journal_dir_(text(options.journal_dir)), limits_(limits(options)),
      table_(process.ranges().places(), *this, Process::tags(), limits_),
      reporter_(table_, *this, consumer(), interval_ns(options), uuid,
                wire::encode_origin(node_, analytics_key_)),
      recoverer_(*this, *this, *this) {
    std::memcpy(uuid_, uuid, sizeof uuid_);
    options_.node = {node_.data(), node_.size()};
    options_.analytics_key = {analytics_key_.data(), analytics_key_.size()};
    options_.slab_dir = {slab_dir_.data(), slab_dir_.size()};
    options_.journal_dir = {journal_dir_.data(), journal_dir_.size()};
}

Context::~Context() { finish(); }

lkstats_status_t Context::start(lkstats_t *token) {
    token_ = token;
    logging_.reserve(16); // more threads than there are that log
    if (!os::Floor())
        return LKSTATS_ENOFILE;
    if (!calls_back()) {
        event_ = os::make_event();
        if (!event_)
            return status_of_errno();
    }
    os::Folder slab_folder;
    if (const auto status = open_folders(slab_folder); status != LKSTATS_OK)
        return status;
    if (const auto status = directory_.make(std::move(slab_folder), uuid_, options_, now());
        status != LKSTATS_OK)
        return status;
    if (const auto status = first_memory(); status != LKSTATS_OK)
        return status;
    return threaded() ? loop_.start(*this) : LKSTATS_OK;
}

lkstats_status_t Context::close(int64_t timeout_ms, lkstats_residue_t &residue) {
    if (in_call())
        return LKSTATS_EREENTRANT;
    const bool abandon = timeout_ms == LKSTATS_ABANDON;
    const auto deadline = deadline_after(abandon ? 0 : timeout_ms);
    table_.refuse_new();
    reporter_.stop_all();
    if (!abandon) {
        recoverer_.rest_no_more();
        reporter_.deliver_anew(deadline);
    }
    // What on_batch has of a dead context is not waited for, but an answer that is on its way counts.
    if (!abandon &&
        (reporter_.drained(deadline) == LKSTATS_ETIMEDOUT || !recoverer_.call_returned(deadline))) {
        residue = reporter_.residue();
        return LKSTATS_ETIMEDOUT;
    }
    tell_of_the_end();
    if (ending_.test_and_set())
        return LKSTATS_ECLOSED;
    if (!given_up_) { // from here on no answer counts
        reporter_.finish();
        recoverer_.finish();
        given_up_ = reporter_.residue();
    }
    residue = *given_up_;
    if (!reporter_.call_returned(deadline) || !recoverer_.call_returned(deadline)) {
        ending_.clear();
        return LKSTATS_ETIMEDOUT;
    }
    finish();
    return LKSTATS_OK;
}

void Context::finish() {
    if (finished_.test_and_set())
        return;
    reporter_.finish();
    recoverer_.finish();
    beside_.end();
    loop_.stop();
    recoverer_.tend();
    give_up_memory();
    directory_.remove();
    {
        // Others may hold the context a little longer, but not its descriptor.
        std::lock_guard lock(event_mutex_);
        event_ = os::Descriptor();
    }
    if (token_ != nullptr)
        process_.remove(token_);
}

lkstats_status_t Context::run_once(lkstats_time_t now) {
    if (in_call())
        return LKSTATS_EREENTRANT;
    if (threaded())
        return LKSTATS_EINVAL;
    {
        std::lock_guard lock(run_);
        {
            std::lock_guard clock(clock_mutex_);
            if (now.monotonic_ns < clock_.monotonic_ns)
                return LKSTATS_EINVAL;
            clock_ = now;
        }
        directory_.alive(now);
        reporter_.run(now);
        prepare();
    }
    look_for_dead();
    // Who takes beside a journal can't do so meanwhile: the rest is for the next call, if something is taken before it.
    const bool too_slow = beside_.full_for_a_taker();
    while ((too_slow || !beside_.full_for_a_taker()) && deliver())
        continue;
    return LKSTATS_OK;
}

int64_t Context::run() {
    const lkstats_time_t time = now();
    directory_.alive(time);
    reporter_.run(time);
    prepare();
    look_for_dead();
    // One batch a turn: the consumer may be slow, and folding and stops don't wait for it longer than that.
    return deliver() ? 0 : reporter_.next_due_ns();
}

bool Context::deliver() {
    // What was given back holds up everybody's: a consumer that refuses has one pause, and dead contexts come first.
    if (reporter_.rests())
        return false;
    const bool more = recoverer_.deliver();
    recoverer_.tend();
    const bool others = more || (!recoverer_.rests() && reporter_.deliver());
    if (reporter_.at_end())
        tell_of_the_end();
    return others;
}

lkstats_time_t Context::now() {
    if (threaded())
        return os::now();
    std::lock_guard lock(clock_mutex_);
    return clock_;
}

void Context::wake() { loop_.wake(); }

report::Figures Context::figures() {
    reporter_.fold_all();
    report::Figures figures = reporter_.figures();
    figures.max_tracks = options_.max_tracks;
    figures.resting = table_.resting(now());
    figures.full_tracks = full_tracks_;
    figures.full_epochs = full_epochs_;
    const recover::Figures recovered = recoverer_.figures();
    figures.recovered_contexts = recovered.contexts;
    figures.recovered_tracks = recovered.tracks;
    figures.recovering = recovered.waiting;
    figures.damaged = recovered.damaged;
    if (journals()) {
        const journal::Figures written = journal_->figures();
        figures.journal = {written.written_records,    written.written_bytes,    written.failed_writes,
                           written.segments,           written.removed_segments, written.removed_bytes,
                           written.directory_segments, written.directory_bytes,  written.failing ? 1U : 0U,
                           beside_.left_out()};
    }
    std::lock_guard lock(shown_mutex_);
    for (size_t i = 0; i < std::size(shown_); ++i)
        figures.counted[i] = shown_[i] = slab::at_least(figures.counted[i], shown_[i]);
    return figures;
}

lkstats_status_t Context::create(const track::Identity &identity, int32_t channel, lkstats_track_t &track) {
    const auto status = table_.create(identity, channel, now(), track);
    full_tracks_ += status == LKSTATS_EFULL ? 1 : 0;
    return status;
}

lkstats_status_t Context::resolve(lkstats_track_t track, uint64_t bit, const wire::Part &part) {
    bool urgent = false;
    const auto status = table_.resolve(track, bit, part, now(), urgent);
    if (urgent)
        reporter_.urge();
    full_epochs_ += status == LKSTATS_EFULL ? 1 : 0;
    return status;
}

lkstats_status_t Context::reset(lkstats_track_t track) {
    bool urgent = false;
    const auto status = table_.reset(track, now(), urgent);
    if (urgent)
        reporter_.urge();
    full_epochs_ += status == LKSTATS_EFULL ? 1 : 0;
    return status;
}

lkstats_status_t Context::stop(lkstats_track_t track, lkstats_totals_t &totals) {
    bool urgent = false;
    totals.at = now();
    const auto status = table_.stop(track, totals.at, totals.traffic, urgent);
    if (urgent)
        reporter_.urge();
    return status;
}

lkstats_status_t Context::totals(lkstats_track_t track, lkstats_totals_t &totals) {
    totals.at = now();
    return table_.totals(track, totals.traffic);
}

lkstats_status_t Context::flush(lkstats_track_t track, int64_t timeout_ms) {
    if (in_call())
        return LKSTATS_EREENTRANT;
    if (!table_.hold(track))
        return LKSTATS_ESTALE;
    recoverer_.rest_no_more();
    return reporter_.flush(track::slot_of(track), track::tag_of(track), deadline_after(timeout_ms));
}

lkstats_status_t Context::flush_all(int64_t timeout_ms) {
    if (in_call())
        return LKSTATS_EREENTRANT;
    recoverer_.rest_no_more();
    return reporter_.flush_all(deadline_after(timeout_ms));
}

} // namespace lkstats::api
