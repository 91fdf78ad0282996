// SPDX-License-Identifier: Apache-2.0
// A consumer that is called: whoever reports hands out the batches too, one thread at a time.
#include "report/reporter.hpp"

namespace lkstats::report {

bool Reporter::deliver() {
    if (consumer_ != Consumer::called || !ports_.enter())
        return false;
    const bool more = deliver_alone();
    ports_.leave();
    return more;
}

bool Reporter::deliver_alone() {
    {
        const int64_t now_ns = ports_.pace_ns();
        std::lock_guard lock(table_.lists());
        if (calling_ || queue_.empty() || phase_ == Phase::over || now_ns < retry_ns_)
            return false;
        calling_ = true;
        caller_ = std::this_thread::get_id();
        anew_ = given_back_ = false;
    }
    std::shared_ptr<Batch> batch;
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
        }
        const bool good = ports_.call(batch, thrown) || mutant(Mutant::push);
        answer(batch->id(), good); // unless it answered itself
    }
    const int64_t now_ns = ports_.pace_ns();
    bool more;
    {
        std::lock_guard lock(table_.lists());
        calling_ = false;
        called_with_ = 0;
        figures_.callbacks_thrown += thrown ? 1 : 0;
        if ((status == LKSTATS_ENOMEM || given_back_) && !anew_)
            retry_ns_ = now_ns + pause_ns_;
        more = phase_ != Phase::over && !queue_.empty() && now_ns >= retry_ns_;
        ++progress_;
    }
    progress_made_.notify_all();
    return more;
}

bool Reporter::rests() {
    const int64_t now_ns = ports_.pace_ns();
    std::lock_guard lock(table_.lists());
    return now_ns < retry_ns_;
}

void Reporter::rest_no_more() {
    std::lock_guard lock(table_.lists());
    retry_ns_ = INT64_MIN;
    anew_ = true;
}

void Reporter::deliver_anew(Deadline deadline) {
    if (consumer_ != Consumer::called)
        return;
    rest_no_more();
    if (ports_.threaded())
        ports_.wake();
    else if (deliver())
        work_until(deadline);
}

// By a thread that waits for acknowledgements: where the reporter has no thread, who else would see to them?
void Reporter::work_until(Deadline deadline) {
    if (ports_.threaded() || std::chrono::steady_clock::now() >= deadline)
        return;
    if (settle_urgent(ports_.now()))
        progressed();
    while (std::chrono::steady_clock::now() < deadline && deliver())
        continue;
}

bool Reporter::in_call() {
    std::lock_guard lock(table_.lists());
    return calling_ && caller_ == std::this_thread::get_id();
}

bool Reporter::call_returned(Deadline deadline) {
    std::unique_lock lock(table_.lists());
    return progress_made_.wait_until(lock, deadline, [this] { return !calling_; });
}

} // namespace lkstats::report
