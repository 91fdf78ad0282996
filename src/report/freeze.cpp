// SPDX-License-Identifier: Apache-2.0
// What a slot owes becomes a report: of its oldest epoch, one at a time, the next one once that is acknowledged.
#include "report/reporter.hpp"

namespace lkstats::report {

namespace flag = track::flag;
using slab::State;

Reporter::Epoch Reporter::oldest(uint32_t index) {
    const slab::Slot slot = table_.slot(index);
    const slab::Link link = slot.link();
    const uint32_t record = table_.oldest(index, link);
    const bool older = record != link.record;
    return {table_.record(record), older, older || slot.id().state == State::closed};
}

// folded: the handle's totals.
Reporter::Step Reporter::freeze(uint32_t index, Epoch &epoch, const lkstats_traffic_t &folded,
                                lkstats_time_t now) {
    slab::Record &record = epoch.record;
    const lkstats_traffic_t acknowledged = record.acknowledged();
    // Past the bound, while a carry is on its way, a figure may be behind what was acknowledged: nothing is ever
    // taken back.
    lkstats_traffic_t totals = slab::at_least(epoch.older ? record.newest() : folded, acknowledged);
    if (epoch.unresolved()) {
        if (!epoch.ended)
            return Step::nothing;
        if (!table_.resolution_is_over(record, now))
            return Step::waits;
        record.set_unattributed();
        step();
        table_.counts(index).unattributed += totals - record.base();
    }
    uint32_t flags = 0;
    if (epoch.says_joined()) {
        flags = LKSTATS_SLAB_JOINED;
        totals = acknowledged;
    } else if (epoch.says_left()) {
        if ((record.acknowledged_flags() & LKSTATS_SLAB_LEFT) != 0)
            return Step::done;
        flags = LKSTATS_SLAB_LEFT;
    } else if (totals == acknowledged) {
        return epoch.ended ? Step::done : Step::nothing;
    }
    // What is over has its end, however late it is reported; but whose it was may have been said after a stop. A walk
    // reads the clock once, and others may have been here since.
    const bool joins_late = flags == LKSTATS_SLAB_JOINED && record.knows(LKSTATS_SLAB_LATE);
    const lkstats_time_t at = epoch.ended && !joins_late ? record.raw().end : now;
    const lkstats_time_t since = record.window_start();
    record.freeze(totals, flags, at.monotonic_ns < since.monotonic_ns ? since : at);
    ++table_.counts(index).reports;
    return Step::frozen;
}

void Reporter::settle(uint32_t index, lkstats_time_t now, Queue &frozen) {
    const slab::Slot slot = table_.slot(index);
    const slab::Link link = slot.link();
    if (link.record == 0)
        return;
    const lkstats_traffic_t folded = table_.fold(slot, table_.record(link.record), index);
    for (;;) {
        Epoch epoch = oldest(index);
        slab::Record &record = epoch.record;
        const bool was_pending = record.pending() && !mutant(Mutant::snapshot);
        switch (was_pending ? Step::frozen : freeze(index, epoch, folded, now)) {
        case Step::done:
            if (!epoch.older)
                return table_.release(index, now);
            table_.release_epoch(index);
            continue;
        case Step::waits:
            table_.clear(index, flag::again);
            table_.set(index, flag::owed);
            return;
        case Step::nothing:
            table_.clear(index, flag::owed | flag::again);
            if (!(folded == slab::at_least(folded, record.acknowledged())))
                table_.set(index, flag::owed);
            return;
        case Step::frozen:
            if (consumer_ == Consumer::none) {
                table_.acknowledge(index, record, record.sequence());
                continue;
            }
            const lkstats_traffic_t reported = record.reported();
            const bool more = epoch.older || !(slab::at_least(folded, reported) == reported) ||
                              (epoch.says_left() && (record.snapshot().flags & LKSTATS_SLAB_LEFT) == 0);
            if (more)
                table_.set(index, flag::owed);
            else
                table_.clear(index, was_pending ? flag::owed : flag::owed | flag::again);
            if (!was_pending && !table_.is(index, flag::queued)) {
                table_.set(index, flag::queued);
                frozen.push_back(index);
            }
            return;
        }
    }
}

} // namespace lkstats::report
