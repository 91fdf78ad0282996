// SPDX-License-Identifier: Apache-2.0
// The end of a context: every track is stopped, what they owe is waited for, or counted and given up.
#include "report/reporter.hpp"

namespace lkstats::report {

namespace flag = track::flag;
using slab::State;

void Reporter::stop_all() {
    const lkstats_time_t now = ports_.now();
    each_slot([&](uint32_t first, uint32_t count) {
        Queue frozen(QueueNext{&table_});
        for (uint32_t index = first; index < first + count; ++index) {
            std::lock_guard lock(table_.cold(index));
            slab::Slot slot = table_.slot(index);
            if (slot.link().record == 0)
                continue;
            if (slot.id().state == State::live)
                table_.stop(slot, table_.record(slot.link().record), index, now);
            if (!table_.is(index, flag::urgent))
                settle(index, now, frozen);
        }
        enqueue(frozen);
    });
    {
        std::lock_guard lock(table_.lists());
        if (phase_ == Phase::open)
            phase_ = Phase::closing;
    }
    settle_urgent(now); // from here on whoever urges settles
    progressed();
}

lkstats_status_t Reporter::drained(Deadline deadline) {
    std::unique_lock lock(table_.lists());
    for (;;) {
        if (phase_ == Phase::over)
            return LKSTATS_ECLOSED;
        if (table_.in_use() == 0)
            return LKSTATS_OK;
        const uint64_t seen = progress_;
        lock.unlock();
        work_until(deadline);
        lock.lock();
        if (!progress_made_.wait_until(lock, deadline, [&] { return progress_ != seen; }))
            return LKSTATS_ETIMEDOUT;
    }
}

void Reporter::finish() {
    std::unique_lock lock(table_.lists());
    phase_ = Phase::over;
    ++progress_;
    update_readable();
    progress_made_.notify_all();
    progress_made_.wait(lock, [this] { return answering_ == 0; });
}

lkstats_residue_t Reporter::residue() {
    lkstats_residue_t residue = {};
    each_slot([&](uint32_t first, uint32_t count) {
        for (uint32_t index = first; index < first + count; ++index) {
            std::lock_guard lock(table_.cold(index));
            const slab::Slot slot = table_.slot(index);
            if (slot.link().record == 0)
                continue;
            const lkstats_traffic_t acknowledged = oldest(index).record.acknowledged();
            const slab::Record newest = table_.record(slot.link().record);
            const lkstats_traffic_t owed =
                slab::at_least(slab::totals(slot, newest), acknowledged) - acknowledged;
            if (owed == lkstats_traffic_t{})
                continue;
            ++residue.tracks;
            residue.traffic += owed;
        }
    });
    return residue;
}

} // namespace lkstats::report
