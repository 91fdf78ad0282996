// SPDX-License-Identifier: Apache-2.0
// What only a signal connection does: it learns whose it is, and becomes somebody else's.
#include "track/table.hpp"

namespace lkstats::track {

using slab::State;

lkstats_status_t Table::resolve(lkstats_track_t track, uint64_t bit, const wire::Part &part,
                                lkstats_time_t now, bool &urgent) {
    RecordList blocks(places_);
    lkstats_status_t status = LKSTATS_OK;
    for (uint32_t missing = 0; status == LKSTATS_OK;) {
        // Memory is made ready before the lock is taken, so it is taken twice where there is too little.
        if (missing != 0 && (status = take_records(missing, blocks)) != LKSTATS_OK)
            break;
        auto held = hold(track);
        if (!held)
            status = LKSTATS_ESTALE;
        else if (!held->record.signal())
            status = LKSTATS_EINVAL;
        else if (held->record.knows(bit))
            status = LKSTATS_ERESOLVED;
        else if (held->slot.id().state == State::closed && resolution_is_over(held->record, now))
            status = LKSTATS_ECLOSED;
        if (status != LKSTATS_OK)
            break;
        const uint32_t at = held->slot.link().record;
        lkstats_slab_record_t &r = held->record.raw();
        const uint32_t needed = blocks_for(stream_size(r) + part.bytes.size());
        const uint32_t there = block_count(places_.records, at);
        if (needed > there + blocks.size()) {
            missing = needed - there;
            continue;
        }
        for (uint32_t i = there; i < needed; ++i)
            add_block(places_.records, at, blocks.pop_front());
        if (mutant(Mutant::resolve)) {
            held->record.know(bit);
            step();
        }
        append(places_.records, at, bit == LKSTATS_SLAB_ROOM_KNOWN ? r.room : r.participant, part);
        step();
        held->record.know(bit);
        if (held->record.resolved()) {
            if (held->slot.id().state == State::closed)
                held->record.know(LKSTATS_SLAB_LATE);
            urgent = make_urgent(held->index);
        }
        break;
    }
    give_back(blocks);
    return status;
}

// Each store may be the last before a kill: the link is the one that makes it so.
void Table::next_epoch(Held &held, uint32_t fresh, RecordList &blocks, lkstats_time_t now) {
    const slab::Link link = held.slot.link();
    slab::Record old = held.record;
    slab::Record next = record(fresh);
    const slab::Link linked = {fresh, link.epoch + 1};
    // One reading is the old epoch's final and the new one's base. Past the bound it may be behind what was
    // reported; nothing is ever taken back.
    const lkstats_traffic_t cut = slab::at_least(fold(held.slot, old, held.index), old.reported());
    step();
    if (mutant(Mutant::link)) {
        held.slot.set_link(linked);
        step();
    }
    old.write_running(cut, old.running_sequence() + 1);
    old.end(now);
    const lkstats_traffic_t base = mutant(Mutant::cut) ? fold(held.slot, old, held.index) : cut;
    next.begin(held.index, held.slot.id().tag, linked.epoch, old.channel(), old.raw().end, base, link.record);
    while (!blocks.empty())
        add_block(places_.records, fresh, blocks.pop_front());
    uint8_t connection[wire::part_max];
    load(places_.records, link.record, old.raw().connection.size, connection);
    append(places_.records, fresh, next.raw().connection, part_of(old.raw().connection, connection));
    places_.record_next[link.record] = fresh;
    if (link.epoch == 1)
        entry(held.index).oldest = link.record;
    step();
    held.slot.set_link(linked);
    step();
}

lkstats_status_t Table::reset(lkstats_track_t track, lkstats_time_t now, bool &urgent) {
    RecordList records(places_);
    lkstats_status_t status = LKSTATS_OK;
    for (uint32_t missing = 0; status == LKSTATS_OK;) {
        if (missing != 0 && (status = take_records(missing, records)) != LKSTATS_OK)
            break;
        auto held = hold(track);
        if (!held) {
            status = LKSTATS_ESTALE;
            break;
        }
        slab::Record r = held->record;
        const bool closed = held->slot.id().state == State::closed;
        if (!r.signal())
            status = LKSTATS_EINVAL;
        else if (closed && (r.resolved() || resolution_is_over(r, now)))
            status = LKSTATS_ECLOSED;
        if (status != LKSTATS_OK)
            break;
        if (!r.resolved()) {
            forget(places_.records, held->slot.link().record);
            break;
        }
        missing = 1 + blocks_for(r.raw().connection.size);
        if (missing > records.size())
            continue;
        if (!grow_backlog(1 + block_count(places_.records, held->slot.link().record))) {
            status = LKSTATS_EFULL;
            break;
        }
        next_epoch(*held, records.pop_front(), records, now);
        urgent = make_urgent(held->index);
        break;
    }
    give_back(records);
    return status;
}

} // namespace lkstats::track
