// SPDX-License-Identifier: Apache-2.0
// The pull queue: batches out, answers in.
#include "report/reporter.hpp"

#include <algorithm>

namespace lkstats::report {

namespace flag = track::flag;
using slab::none;
using track::Table;

// Calls visit(item) for each, under the cold lock of its slot; neighbours share one locking.
template <class Items, class Visit> void Reporter::each_item(const Items &items, Visit visit) {
    std::unique_lock<std::mutex> lock;
    for (size_t i = 0; i < items.size(); ++i) {
        const Item &item = items[i];
        if (i + Table::prefetch_slots < items.size())
            table_.prefetch_slot(items[i + Table::prefetch_slots].slot);
        if (i + Table::prefetch_records < items.size())
            table_.prefetch_record(items[i + Table::prefetch_records].slot, Table::Part::control);
        std::mutex &cold = table_.cold(item.slot);
        if (lock.mutex() != &cold) {
            lock = {};
            lock = std::unique_lock(cold);
        }
        visit(item);
    }
}

std::shared_ptr<Batch> Reporter::spare() {
    {
        std::lock_guard lock(table_.lists());
        for (auto &kept : spare_)
            if (kept && kept.use_count() == 1)
                return std::move(kept);
    }
    return std::make_shared<Batch>();
}

void Reporter::keep_spare(std::shared_ptr<Batch> batch) {
    if (batch->lent())
        return;
    std::lock_guard lock(table_.lists());
    for (auto &place : spare_)
        if (!place) {
            place = std::move(batch);
            return;
        }
}

// To answer: takes it out, and finish waits until the answer is in.
lkstats_status_t Reporter::find(uint64_t id, std::shared_ptr<Batch> &batch, bool to_answer) {
    std::lock_guard lock(table_.lists());
    if (phase_ == Phase::over)
        return LKSTATS_ECLOSED;
    const auto at = std::find_if(out_.begin(), out_.end(), [id](const auto &b) { return b->id() == id; });
    if (at == out_.end())
        return LKSTATS_ESTALE;
    batch = *at;
    if (to_answer) {
        out_.erase(at);
        ++answering_;
    }
    return LKSTATS_OK;
}

lkstats_status_t Reporter::next(std::shared_ptr<Batch> &batch) {
    for (;;) {
        const auto begin = std::chrono::steady_clock::now();
        uint32_t most;
        {
            std::lock_guard lock(table_.lists());
            if (phase_ == Phase::over || queue_.empty())
                return ended() ? LKSTATS_EOF : LKSTATS_EAGAIN;
            most = std::min<uint32_t>(queue_.size(), LKSTATS_BATCH_RECORDS_MAX);
        }
        std::shared_ptr<Batch> filled = spare();
        filled->begin(most);
        Queue waiting(QueueNext{&table_});
        {
            std::lock_guard lock(table_.lists());
            out_.reserve(out_.size() + filling_ + 1); // so that nothing can fail once it is filled
            ++filling_;
            filled->name(++last_id_);
            queue_.split_front(most, waiting);
        }
        const bool enough_memory = fill(filled, waiting);
        if (!filled->items().empty()) {
            std::lock_guard lock(table_.lists());
            figures_.batches.add(std::chrono::steady_clock::now() - begin);
            batch = std::move(filled);
            return LKSTATS_OK;
        }
        if (!enough_memory)
            return LKSTATS_ENOMEM;
        keep_spare(std::move(filled)); // every report in it had been acknowledged meanwhile
    }
}

// Copies what waits, as much as a batch takes; the rest goes back to the queue. False: memory ran out.
bool Reporter::fill(const std::shared_ptr<Batch> &batch, Queue &waiting) {
    Queue behind(QueueNext{&table_});
    bool enough_memory = true;
    std::unique_lock<std::mutex> lock;
    // Two walk in front, for the processor: one for slots, and behind it one for the records they lead to.
    uint32_t slot_ahead = waiting.front(), record_ahead = slot_ahead;
    for (uint32_t i = 0; i < Table::prefetch_slots; ++i) {
        if (i < Table::prefetch_records)
            record_ahead = waiting.after(record_ahead);
        slot_ahead = waiting.after(slot_ahead);
    }
    while (!waiting.empty()) {
        if (slot_ahead != none)
            table_.prefetch_slot(slot_ahead);
        if (record_ahead != none)
            table_.prefetch_record(record_ahead, Table::Part::report);
        slot_ahead = waiting.after(slot_ahead);
        record_ahead = waiting.after(record_ahead);
        const uint32_t index = waiting.front();
        std::mutex &cold = table_.cold(index);
        if (lock.mutex() != &cold) {
            lock = {};
            lock = std::unique_lock(cold);
        }
        const slab::Link link = table_.slot(index).link();
        const uint32_t record_index = link.record == 0 ? 0 : table_.oldest(index, link);
        const bool pending = record_index != 0 && table_.record(record_index).pending();
        if (pending && !table_.is(index, flag::former)) {
            try {
                if (!batch->add(table_, index, record_index, context_, origin_))
                    break;
            } catch (const std::bad_alloc &) {
                enough_memory = false;
                break; // what is in it can go
            }
        }
        waiting.pop_front();
        if (pending && table_.is(index, flag::former))
            behind.push_back(index);
        else
            table_.clear(index, flag::queued);
        table_.clear(index, flag::former);
    }
    lock = {};
    std::lock_guard lists(table_.lists());
    queue_.take_in_front(waiting);
    queue_.take(behind);
    update_readable();
    --filling_;
    if (!batch->items().empty())
        out_.push_back(batch);
    return enough_memory;
}

std::optional<Reporter::Epoch> Reporter::pending(const Item &item) {
    if (table_.slot(item.slot).link().record == 0)
        return std::nullopt;
    const Epoch epoch = oldest(item.slot);
    const slab::Record &record = epoch.record;
    if (record.raw().tag == item.tag && record.raw().epoch == item.epoch && record.pending() &&
        (record.sequence() == item.sequence || mutant(Mutant::ack)))
        return epoch;
    return std::nullopt;
}

void Reporter::commit(const Item &item, lkstats_time_t now, Queue &frozen) {
    const auto epoch = pending(item);
    if (!epoch)
        return;
    table_.acknowledge(item.slot, epoch->record, item.sequence);
    if (table_.is(item.slot, flag::queued))
        table_.set(item.slot,
                   flag::former); // it waited there for a second delivery; the next report is a new one
    // A stop that the reporter has not seen yet is settled there.
    if (table_.is(item.slot, flag::urgent))
        return;
    if (epoch->ended || table_.is(item.slot, flag::again))
        settle(item.slot, now, frozen);
}

void Reporter::give_back(const Item &item, Queue &again) {
    if (!pending(item) || table_.is(item.slot, flag::queued))
        return;
    table_.set(item.slot, flag::queued);
    again.push_back(item.slot);
}

lkstats_status_t Reporter::answer(uint64_t id, bool acknowledged) {
    std::shared_ptr<Batch> batch;
    if (const auto status = find(id, batch, true); status != LKSTATS_OK)
        return status;
    const lkstats_time_t now = ports_.now();
    Queue waiting(QueueNext{&table_});
    each_item(batch->items(), [&](const Item &item) {
        if (acknowledged)
            commit(item, now, waiting);
        else
            give_back(item, waiting);
    });
    if (acknowledged) {
        ports_.acknowledged(batch->items());
        enqueue(waiting);
    } else if (!waiting.empty()) {
        std::lock_guard lock(table_.lists());
        queue_.take_in_front(waiting);
        update_readable();
    }
    keep_spare(std::move(batch));
    {
        std::lock_guard lock(table_.lists());
        --answering_;
        figures_.batches_given_back += acknowledged ? 0 : 1;
        given_back_ = given_back_ || (id == called_with_ && !acknowledged);
    }
    progressed();
    return LKSTATS_OK;
}

lkstats_status_t Reporter::analytics_stats(uint64_t id, std::span<const uint8_t> &bytes) {
    std::shared_ptr<Batch> batch;
    if (const auto status = find(id, batch, false); status != LKSTATS_OK)
        return status;
    bytes = batch->analytics_stats(origin_);
    return LKSTATS_OK;
}

bool Reporter::at_end() {
    std::lock_guard lock(table_.lists());
    return ended();
}

bool Reporter::idle() {
    std::lock_guard lock(table_.lists());
    return out_.empty() && filling_ == 0 && answering_ == 0 && !calling_;
}

void Reporter::redeliver() {
    each_slot([&](uint32_t first, uint32_t count) {
        Queue again(QueueNext{&table_});
        for (uint32_t index = first; index < first + count; ++index) {
            std::lock_guard lock(table_.cold(index));
            if (table_.slot(index).link().record == 0 || !oldest(index).record.pending() ||
                table_.is(index, flag::queued))
                continue;
            table_.set(index, flag::queued);
            again.push_back(index);
        }
        enqueue(again);
    });
}

} // namespace lkstats::report
