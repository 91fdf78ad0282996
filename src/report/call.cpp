// SPDX-License-Identifier: Apache-2.0
// A consumer that is called: whoever reports hands out the batches too, one thread at a time.
#include "report/reporter.hpp"

namespace lkstats::report {

void Reporter::deliver() {
    if (consumer_ != Consumer::called)
        return;
    {
        const int64_t now_ns = ports_.now().monotonic_ns;
        std::lock_guard lock(table_.lists());
        if (calling_ || queue_.empty() || phase_ == Phase::over || now_ns < retry_ns_)
            return;
        calling_ = true;
        caller_ = std::this_thread::get_id();
    }
    for (bool more = true; more;)
        more = call_once();
    progress_made_.notify_all();
}

// False: nobody is in deliver any more.
bool Reporter::call_once() {
    std::shared_ptr<const Batch> batch;
    lkstats_status_t status;
    try {
        status = next(batch);
    } catch (const std::bad_alloc &) {
        status = LKSTATS_ENOMEM;
    }
    bool thrown = false;
    if (status == LKSTATS_OK) {
        {
            std::lock_guard lock(table_.lists());
            called_with_ = batch->id();
            given_back_ = false;
        }
        const bool good = ports_.call(*batch, thrown) || mutant(Mutant::push);
        answer(batch->id(), good); // unless it answered itself
    }
    const int64_t now_ns = ports_.now().monotonic_ns;
    std::lock_guard lock(table_.lists());
    figures_.callbacks_thrown += thrown ? 1 : 0;
    const bool refused = status == LKSTATS_ENOMEM || (status == LKSTATS_OK && given_back_);
    called_with_ = 0;
    if (refused)
        retry_ns_ = now_ns + pause_ns_;
    // What came since is seen here, or by whoever brought it.
    calling_ = !refused && phase_ != Phase::over && (status == LKSTATS_OK || !queue_.empty());
    ++progress_;
    return calling_;
}

void Reporter::deliver_anew() {
    if (consumer_ != Consumer::called)
        return;
    {
        std::lock_guard lock(table_.lists());
        retry_ns_ = INT64_MIN;
    }
    ports_.drive();
}

bool Reporter::in_call() {
    std::lock_guard lock(table_.lists());
    return calling_ && caller_ == std::this_thread::get_id();
}

bool Reporter::call_returned(Deadline deadline) {
    std::unique_lock lock(table_.lists());
    return progress_made_.wait_until(lock, deadline, [this] { return !calling_; });
}

Figures Reporter::figures() {
    const track::Counts counts = table_.counts();
    std::lock_guard lock(table_.lists());
    Figures figures = figures_;
    for (size_t i = 0; i < std::size(figures.counted); ++i) {
        figures.counted[i] = counts.counted[i];
        figures.live[i] = counts.live[i];
        figures.closed[i] = counts.closed[i];
    }
    figures.unattributed = counts.unattributed;
    figures.reports = counts.reports;
    figures.acknowledged = counts.acknowledged;
    figures.unacknowledged = counts.reports - counts.acknowledged;
    figures.batches_out = out_.size();
    return figures;
}

} // namespace lkstats::report
