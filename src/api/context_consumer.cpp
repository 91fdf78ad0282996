// SPDX-License-Identifier: Apache-2.0
// A context's consumer: a host that takes, one that is called, a journal; for its own reports and for those of
// dead contexts.
#include "api/context.hpp"
#include "api/guard.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::api {

using recover::Recovered;

namespace {

lkstats_string_t string(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

report::Consumer Context::consumer() const {
    if (!reports())
        return report::Consumer::none;
    return options_.on_batch == nullptr && journal_dir_.empty() ? report::Consumer::pulls
                                                                : report::Consumer::called;
}

// ---- The event --------------------------------------------------------------------------------------

int Context::event_fd() {
    std::lock_guard lock(event_mutex_);
    return event_.get();
}

void Context::readable(bool before, bool now) {
    if (consumer() == report::Consumer::called) {
        if (now && threaded())
            loop_.wake();
        return;
    }
    std::lock_guard lock(event_mutex_);
    readable_sources_ += (now ? 1 : 0) - (before ? 1 : 0);
    if (now)
        os::set_event(event_);
    else if (readable_sources_ == 0)
        os::clear_event(event_);
}

void Context::set_readable(bool now) {
    const bool before = own_readable_;
    own_readable_ = now;
    readable(before, now);
}

void Context::tell_of_the_end() {
    if (!journals() || calls_back())
        return;
    std::lock_guard lock(event_mutex_);
    os::set_event(event_);
}

// ---- Handing over -----------------------------------------------------------------------------------

lkstats_batch_t Context::show(const Beside::Item &item) const {
    lkstats_batch_t out = {};
    out.record_size = sizeof(lkstats_record_t);
    out.record_count = static_cast<uint32_t>(item.batch->records().size());
    out.ctx = token_;
    out.flags = item.from ? LKSTATS_RECOVERED : 0;
    out.id = item.batch->id();
    out.records = item.batch->records().data();
    out.node = item.from ? string(item.from->node()) : options_.node;
    out.analytics_key = item.from ? string(item.from->analytics_key()) : options_.analytics_key;
    return out;
}

bool Context::call(const std::shared_ptr<report::Batch> &batch, bool &thrown) {
    return hand_over({batch, nullptr}, thrown);
}

bool Context::take(const std::shared_ptr<report::Batch> &batch, Recovered &from, bool &thrown) {
    return hand_over({batch, from.shared_from_this()}, thrown);
}

bool Context::write_journal(const Beside::Item &item) {
    bool failed_before, written = false;
    int error = ENOMEM;
    {
        std::lock_guard lock(journal_mutex_);
        try {
            journal::Origin origin;
            std::memcpy(origin.context, item.from ? item.from->context() : uuid_, sizeof origin.context);
            origin.node = item.from ? std::string(item.from->node()) : node_;
            origin.analytics_key = item.from ? std::string(item.from->analytics_key()) : analytics_key_;
            written = journal_->write(item.batch->records(), origin, now());
            error = errno;
        } catch (const std::bad_alloc &) {
            error = ENOMEM;
        }
        failed_before = journal_fails_;
        journal_fails_ = !written;
    }
    if (written == failed_before)
        guard([&] {
            if (written)
                log(LKSTATS_LOG_INFO, "journal: written to again");
            else
                log(LKSTATS_LOG_WARNING,
                    "journal: " + os::error_text(error) + "; reports wait until it can be written to again");
            return LKSTATS_OK;
        });
    return written;
}

bool Context::hand_over(const Beside::Item &item, bool &thrown) {
    if (journals() && !write_journal(item) && !mutant(Mutant::full))
        return false;
    if (options_.on_batch != nullptr) {
        lkstats_batch_t shown = show(item);
        shown.struct_size = sizeof shown;
        try {
            return options_.on_batch(options_.user_data, &shown) == LKSTATS_OK ||
                   (journals() && !mutant(Mutant::beside));
        } catch (...) {
            thrown = true;
            return journals();
        }
    }
    guard([&] {
        if (beside_.offer(item)) {
            std::lock_guard lock(event_mutex_);
            os::set_event(event_);
        }
        return LKSTATS_OK;
    });
    return true;
}

bool Context::enter() {
    if (!delivering_.test_and_set(std::memory_order_acquire))
        return true;
    turned_away_ = true;
    // It may have ended in between, and have seen nobody to tell.
    return !delivering_.test_and_set(std::memory_order_acquire);
}

void Context::leave() {
    delivering_.clear(std::memory_order_release);
    if (turned_away_.exchange(false))
        reporter_.nudge();
}

void Context::log(int32_t level, std::string_view message) noexcept {
    if (options_.on_log == nullptr)
        return;
    const auto me = std::this_thread::get_id();
    try {
        {
            std::lock_guard lock(log_mutex_);
            if (logging_.size() < logging_.capacity()) // told it is, whatever memory there is
                logging_.push_back(me);
        }
        options_.on_log(options_.user_data, level, message.data(), message.size());
    } catch (...) {
        // A host that fails to write a line down has lost a line.
    }
    std::lock_guard lock(log_mutex_);
    std::erase(logging_, me);
}

// ---- What the host calls ----------------------------------------------------------------------------

lkstats_status_t Context::next(lkstats_batch_t &batch) {
    Beside::Item item;
    lkstats_status_t status;
    if (journals()) {
        bool empty;
        status = beside_.take(item, empty);
        if (empty) {
            // What is offered in between sets it again.
            std::lock_guard lock(event_mutex_);
            if (beside_.empty() && !reporter_.at_end())
                os::clear_event(event_);
        }
        if (status == LKSTATS_EAGAIN && reporter_.at_end())
            status = LKSTATS_EOF;
    } else {
        status = recoverer_.next(item.batch, item.from);
        if (status == LKSTATS_EAGAIN)
            status = reporter_.next(item.batch);
    }
    if (status == LKSTATS_OK)
        batch = show(item);
    return status;
}

lkstats_status_t Context::answer(uint64_t id, bool acknowledged) {
    if (journals() && options_.on_batch == nullptr)
        return beside_.answer(id);
    acknowledged = acknowledged || journals(); // it is in the journal already
    if (id < recover::Recoverer::ids)
        return reporter_.answer(id, acknowledged);
    const auto from = recoverer_.find(id);
    const auto status = from ? from->reporter().answer(id, acknowledged) : LKSTATS_ESTALE;
    if (acknowledged)
        recoverer_.tend();
    return status;
}

lkstats_status_t Context::analytics_stats(uint64_t id, std::span<const uint8_t> &bytes) {
    if (journals() && options_.on_batch == nullptr) {
        const Beside::Item item = beside_.find(id);
        if (!item.batch)
            return LKSTATS_ESTALE;
        report::Reporter &reporter = item.from ? item.from->reporter() : reporter_;
        bytes = item.batch->analytics_stats(reporter.origin());
        return LKSTATS_OK;
    }
    if (id < recover::Recoverer::ids)
        return reporter_.analytics_stats(id, bytes);
    const auto from = recoverer_.find(id);
    return from ? from->reporter().analytics_stats(id, bytes) : LKSTATS_ESTALE;
}

void Context::redeliver() {
    recoverer_.redeliver();
    reporter_.redeliver();
}

bool Context::in_call() {
    {
        std::lock_guard lock(log_mutex_);
        if (std::find(logging_.begin(), logging_.end(), std::this_thread::get_id()) != logging_.end())
            return true;
    }
    return reporter_.in_call() || recoverer_.in_call();
}

} // namespace lkstats::api
