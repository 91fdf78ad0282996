// SPDX-License-Identifier: Apache-2.0
// Flush: what is owed is frozen now, and its acknowledgement waited for.
#include "report/reporter.hpp"

namespace lkstats::report {

namespace flag = track::flag;
using track::Table;

std::optional<Reporter::Target> Reporter::settle_flushed(uint32_t index, lkstats_time_t now, Queue &frozen) {
    slab::Slot slot = table_.slot(index);
    const uint32_t record_index = slot.link().record;
    if (record_index == 0)
        return std::nullopt;
    slab::Record record = table_.record(record_index);
    const uint32_t tag = record.raw().tag;
    const bool was_pending = record.pending();
    if (!table_.is(index, flag::urgent) || was_pending)
        settle(index, now, frozen);
    uint32_t sequence = record.acknowledged_sequence();
    if (slot.link().record == 0)
        return std::nullopt; // nothing was owed, and the slot is free
    if (was_pending && table_.is(index, flag::owed)) {
        table_.set(index, flag::again);
        sequence += 2;
    } else if (record.pending() || table_.is(index, flag::owed)) {
        sequence += 1;
    } else {
        return std::nullopt;
    }
    return Target{index, tag, sequence};
}

bool Reporter::reached(const Target &target) {
    std::lock_guard lock(table_.cold(target.slot));
    const uint32_t record_index = table_.slot(target.slot).link().record;
    if (record_index == 0)
        return true;
    const slab::Record record = table_.record(record_index);
    return record.raw().tag != target.tag ||
           static_cast<int32_t>(record.acknowledged_sequence() - target.sequence) >= 0;
}

lkstats_status_t Reporter::await(std::span<const Target> targets, Deadline deadline) {
    for (const Target &target : targets) {
        for (;;) {
            uint64_t seen;
            {
                std::lock_guard lock(table_.lists());
                if (phase_ == Phase::over)
                    return LKSTATS_ECLOSED;
                seen = progress_;
            }
            if (reached(target))
                break;
            std::unique_lock lock(table_.lists());
            if (!progress_made_.wait_until(lock, deadline, [&] { return progress_ != seen; }))
                return LKSTATS_ETIMEDOUT;
        }
    }
    return LKSTATS_OK;
}

lkstats_status_t Reporter::flush(uint32_t index, uint32_t tag, Deadline deadline) {
    const lkstats_time_t now = ports_.now();
    settle_urgent(now);
    std::optional<Target> target;
    Queue frozen(QueueNext{&table_});
    {
        std::lock_guard lock(table_.cold(index));
        if (table_.slot(index).id().tag == tag)
            target = settle_flushed(index, now, frozen);
    }
    enqueue(frozen);
    progressed(); // it may have released the last slot
    return target ? await({&*target, 1}, deadline) : LKSTATS_OK;
}

lkstats_status_t Reporter::flush_all(Deadline deadline) {
    std::vector<Target> targets;
    targets.reserve(table_.in_use() + Table::slots_per_lock);
    const lkstats_time_t now = ports_.now();
    settle_urgent(now);
    each_slot([&](uint32_t first, uint32_t count) {
        Queue frozen(QueueNext{&table_});
        for (uint32_t index = first; index < first + count; ++index) {
            if (targets.size() == targets.capacity()) {
                enqueue(frozen); // before what may throw
                targets.reserve(targets.size() * 2);
            }
            std::lock_guard lock(table_.cold(index));
            if (const auto target = settle_flushed(index, now, frozen))
                targets.push_back(*target);
        }
        enqueue(frozen);
    });
    progressed();
    return await(targets, deadline);
}

} // namespace lkstats::report
