// SPDX-License-Identifier: Apache-2.0
#include "track/table.hpp"

#include <algorithm>

namespace lkstats::track {

using slab::none;
using slab::State;

namespace {

constexpr int64_t rest_ns = 10'000'000'000;
// Three full passes take four pass ends where the first of them had begun.
constexpr uint32_t rest_passes = 4;

} // namespace

Table::Table(const Places &places, Backing &backing, std::atomic<uint32_t> &tags, const Limits &limits)
    : places_(places), backing_(backing), tags_(tags), limits_(limits), resting_(EntryNext{places.entries}),
      urgent_(EntryNext{places.entries}), free_records_(places) {}

uint32_t Table::next_tag() {
    uint32_t tag;
    do
        tag = tags_.fetch_add(1, std::memory_order_relaxed);
    while (tag == 0);
    return tag;
}

bool Table::rested(uint32_t index, lkstats_time_t now) const {
    if (mutant(Mutant::free))
        return true;
    const Entry &entry = places_.entries[index];
    return passes_.load(std::memory_order_relaxed) - entry.released_pass >= rest_passes &&
           now.monotonic_ns - entry.released_ns >= rest_ns;
}

lkstats_status_t Table::take_slot(lkstats_time_t now, uint32_t &index) {
    for (;;) {
        {
            std::lock_guard lock(lists_);
            if (!resting_.empty() && rested(resting_.front(), now)) {
                index = resting_.pop_front();
                return LKSTATS_OK;
            }
            index = slots_.take();
            if (index != none) {
                flags(index).store(0, std::memory_order_relaxed); // a closed context may have left some
                return LKSTATS_OK;
            }
        }
        if (const auto status = backing_.grow(slots_, Kind::slots, lists_); status != LKSTATS_OK)
            return status;
    }
}

lkstats_status_t Table::take_records(uint32_t count, RecordList &records) {
    for (;;) {
        {
            std::lock_guard lock(lists_);
            while (records.size() < count) {
                uint32_t record = free_records_.pop_front();
                if (record == none)
                    record = records_.take();
                if (record == none)
                    break;
                records.push_back(record);
            }
        }
        if (records.size() == count)
            return LKSTATS_OK;
        if (const auto status = backing_.grow(records_, Kind::records, lists_); status != LKSTATS_OK)
            return status;
    }
}

void Table::give_back(RecordList &records) {
    std::lock_guard lock(lists_);
    free_records_.take_in_front(records);
}

lkstats_status_t Table::create(const Identity &identity, int32_t channel, lkstats_time_t now,
                               lkstats_track_t &track) {
    std::lock_guard gate(gate_);
    if (refusing_)
        return LKSTATS_ECLOSED;
    RecordList records(places_);
    uint32_t index;
    auto status = take_records(1 + blocks_for(identity.size()), records);
    if (status == LKSTATS_OK)
        status = take_slot(now, index);
    if (status != LKSTATS_OK) {
        give_back(records);
        return status;
    }

    std::lock_guard lock(cold(index));
    const uint32_t tag = next_tag();
    slab::Slot s = slot(index);
    const uint32_t fresh = records.pop_front();
    slab::Record r = record(fresh);
    r.begin(index, tag, 1, channel, now, {}, 0);
    while (!records.empty())
        add_block(places_.records, fresh, records.pop_front());
    append(places_.records, fresh, r.raw().connection, identity.connection.part());
    if (identity.resolved) {
        append(places_.records, fresh, r.raw().room, identity.room.part());
        r.know(LKSTATS_SLAB_ROOM_KNOWN);
        append(places_.records, fresh, r.raw().participant, identity.participant.part());
        r.know(LKSTATS_SLAB_PARTICIPANT_KNOWN);
    }
    step();
    s.set_link({fresh, 1});
    s.clear_words();
    step();
    s.publish({tag, State::live}, index);
    ++counts(index).live[channel - 1];
    in_use_.fetch_add(1, std::memory_order_release);
    track = uint64_t{tag} << 32 | index;
    return LKSTATS_OK;
}

void Table::adopt(uint32_t count) {
    {
        std::lock_guard lock(lists_);
        slots_.add_chunk({0, count});
        slots_.make_ready(count);
        for (uint32_t i = 0; i < count; ++i)
            slots_.take();
    }
    for (uint32_t index = 0; index < count; ++index) {
        const slab::Slot s = slot(index);
        uint32_t at = s.link().record;
        const auto channel = static_cast<size_t>(record(at).channel() - 1);
        ++(s.id().state == State::live ? counts(index).live : counts(index).closed)[channel];
        while (record(at).raw().previous != 0) {
            const uint32_t previous = record(at).raw().previous;
            places_.record_next[previous] = at;
            backlog_ += 1 + block_count(places_.records, previous);
            at = previous;
        }
        entry(index).oldest = at;
        in_use_.fetch_add(1, std::memory_order_release);
    }
}

void Table::refuse_new() {
    std::lock_guard gate(gate_);
    refusing_ = true;
}

std::optional<Held> Table::hold(lkstats_track_t track) {
    const uint32_t index = slot_of(track);
    std::unique_lock lock(cold(index));
    slab::Slot s = slot(index);
    const slab::Id id = s.id();
    const slab::Link link = s.link();
    if (id.tag != tag_of(track) || id.state == State::free || link.record == 0 ||
        record(link.record).raw().tag != id.tag)
        return std::nullopt;
    return Held{std::move(lock), index, s, record(link.record)};
}

void Table::stop(slab::Slot slot, slab::Record record, uint32_t index, lkstats_time_t now) {
    const uint32_t tag = slot.id().tag;
    slot.publish({tag, State::stopping}, index);
    step();
    slab::close(slot, record, counted(index, record));
    step();
    record.end(now);
    step();
    slot.publish({tag, State::closed}, index);
    step();
    const auto channel = static_cast<size_t>(record.channel() - 1);
    --counts(index).live[channel];
    ++counts(index).closed[channel];
    set(index, flag::owed);
}

// False: it is there already.
bool Table::make_urgent(uint32_t index) {
    set(index, flag::owed);
    if (is(index, flag::urgent))
        return false;
    set(index, flag::urgent);
    std::lock_guard lock(lists_);
    urgent_.push_back(index);
    return true;
}

Table::EntryList Table::take_urgent() {
    EntryList taken(EntryNext{places_.entries});
    taken.take(urgent_);
    return taken;
}

lkstats_status_t Table::stop(lkstats_track_t track, lkstats_time_t now, lkstats_traffic_t &final,
                             bool &urgent) {
    auto held = hold(track);
    if (!held)
        return LKSTATS_ESTALE;
    if (held->slot.id().state == State::live) {
        stop(held->slot, held->record, held->index, now);
        urgent = make_urgent(held->index);
    }
    final = slab::totals(held->slot, held->record);
    return LKSTATS_OK;
}

lkstats_status_t Table::totals(lkstats_track_t track, lkstats_traffic_t &totals) {
    auto held = hold(track);
    if (!held)
        return LKSTATS_ESTALE;
    totals = slab::totals(held->slot, held->record);
    return LKSTATS_OK;
}

uint32_t Table::free_record(uint32_t index) {
    uint32_t count = 1;
    uint32_t block = places_.records[index].overflow;
    while (block != 0) {
        ++count;
        const uint32_t next = reinterpret_cast<const lkstats_slab_overflow_t &>(places_.records[block]).next;
        free_records_.push_front(block);
        block = next;
    }
    free_records_.push_front(index);
    return count;
}

bool Table::grow_backlog(uint32_t records) {
    std::lock_guard lock(lists_);
    if (backlog_ + records > limits_.backlog)
        return false;
    backlog_ += records;
    return true;
}

void Table::release_epoch(uint32_t index) {
    Entry &e = entry(index);
    const uint32_t done = e.oldest;
    e.oldest = places_.record_next[done];
    record(e.oldest).forget_previous();
    step();
    std::lock_guard lock(lists_);
    backlog_ -= free_record(done);
}

void Table::release(uint32_t index, lkstats_time_t now) {
    slab::Slot s = slot(index);
    const slab::Link link = s.link();
    const auto channel = static_cast<size_t>(record(link.record).channel() - 1);
    --counts(index).closed[channel];
    s.set_link({0, link.epoch});
    step();
    clear(index, static_cast<uint8_t>(
                     ~(flag::queued | flag::former))); // it may stand in the queue, from a redelivery
    std::lock_guard lock(lists_);
    free_record(link.record);
    Entry &e = entry(index);
    e.released_ns = now.monotonic_ns;
    e.released_pass = passes_.load(std::memory_order_relaxed);
    resting_.push_back(index);
    in_use_.fetch_sub(1, std::memory_order_release);
}

Counts Table::counts() {
    Counts sum;
    for (Stripe &each : stripes_) {
        std::lock_guard lock(each.mutex);
        for (size_t i = 0; i < std::size(sum.counted); ++i) {
            sum.counted[i] += each.counts.counted[i];
            sum.live[i] += each.counts.live[i];
            sum.closed[i] += each.counts.closed[i];
        }
        sum.unattributed += each.counts.unattributed;
        sum.reports += each.counts.reports;
        sum.acknowledged += each.counts.acknowledged;
    }
    return sum;
}

bool Table::quiet(uint32_t first, uint32_t count, uint8_t flags) const {
    // In registers: after each atomic load the compiler has to think that they have changed.
    lkstats_slab_slot_t *const line = places_.slots + first;
    const std::atomic<uint8_t> *const flag = places_.flags + first;
    uint64_t moved = 0;
    unsigned flagged = 0;
    for (uint32_t i = 0; i < count; ++i) {
        __builtin_prefetch(line + i + prefetch_slots, 1);
        moved |= slab::Slot(line[i]).moved();
        flagged |= flag[i].load(std::memory_order_relaxed);
    }
    return moved == 0 && (flagged & flags) == 0;
}

uint32_t Table::resting(lkstats_time_t now) {
    std::lock_guard lock(lists_);
    uint32_t count = resting_.size();
    for (uint32_t at = resting_.front(); count != 0 && rested(at, now); at = resting_.after(at))
        --count;
    return count;
}

uint32_t Table::high_water() {
    std::lock_guard lock(lists_);
    return slots_.taken();
}

} // namespace lkstats::track
