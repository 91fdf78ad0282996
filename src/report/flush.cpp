// SPDX-License-Identifier: Apache-2.0
// Flush: what is owed is frozen now, and its acknowledgement waited for.
#include "report/reporter.hpp"

namespace lkstats::report {

namespace flag = track::flag;
using slab::State;
using track::Table;

// The sequence at which the newest epoch has reported all that it counted until now; 0: nothing of it is due.
uint32_t Reporter::last_due(uint32_t index) {
    const slab::Slot slot = table_.slot(index);
    const slab::Record record = table_.record(slot.link().record);
    const Epoch epoch = {record, false, slot.id().state == State::closed};
    if (epoch.unresolved())
        return 0;
    uint32_t sequence = record.sequence();
    if (epoch.says_joined())
        ++sequence;
    const lkstats_traffic_t reported = record.reported();
    const uint32_t flags = record.pending() ? record.snapshot().flags : record.acknowledged_flags();
    if (!(slab::at_least(slab::totals(slot, record), reported) == reported) ||
        (epoch.says_left() && (flags & LKSTATS_SLAB_LEFT) == 0))
        ++sequence;
    return sequence;
}

std::optional<Reporter::Target> Reporter::settle_flushed(uint32_t index, lkstats_time_t now, Queue &frozen) {
    const slab::Slot slot = table_.slot(index);
    if (slot.link().record == 0)
        return std::nullopt;
    if (!table_.is(index, flag::urgent) || oldest(index).record.pending())
        settle(index, now, frozen);
    const slab::Link link = slot.link();
    if (link.record == 0)
        return std::nullopt; // nothing was owed, and the slot is free
    const Target target = {index, slot.id().tag, link.epoch, last_due(index)};
    const Epoch first = oldest(index);
    if (!first.older && first.record.acknowledged_sequence() == target.sequence)
        return std::nullopt;
    if (first.older || first.record.sequence() != target.sequence)
        table_.set(index, flag::again);
    return target;
}

bool Reporter::reached(const Target &target) {
    std::lock_guard lock(table_.cold(target.slot));
    const slab::Slot slot = table_.slot(target.slot);
    if (slot.link().record == 0 || slot.id().tag != target.tag)
        return true;
    const slab::Record record = oldest(target.slot).record;
    const auto epochs = static_cast<int32_t>(record.raw().epoch - target.epoch);
    return epochs > 0 ||
           (epochs == 0 && static_cast<int32_t>(record.acknowledged_sequence() - target.sequence) >= 0);
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
            work_until(deadline);
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
    deliver_anew(deadline);
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
    deliver_anew(deadline);
    return await(targets, deadline);
}

} // namespace lkstats::report
