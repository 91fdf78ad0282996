// SPDX-License-Identifier: Apache-2.0
#include "track/table.hpp"

#include <array>

namespace lkstats::track {

using slab::none;
using slab::State;

namespace {

constexpr int64_t rest_ns = 10'000'000'000;
// Three full passes take four pass ends where the first of them had begun.
constexpr uint32_t rest_passes = 4;

} // namespace

Table::Table(const Places &places, Backing &backing, std::atomic<uint32_t> &tags)
    : places_(places), backing_(backing), tags_(tags), resting_(RestNext{places.entries}),
      free_records_(RecordNext{places.record_next}) {}

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

lkstats_status_t Table::take_records(uint32_t count, uint32_t &first) {
    slab::List<RecordNext> taken(RecordNext{places_.record_next});
    lkstats_status_t status = LKSTATS_OK;
    while (count != 0 && status == LKSTATS_OK) {
        bool dry = false;
        {
            std::lock_guard lock(lists_);
            for (; count != 0 && !dry; --count) {
                uint32_t record = free_records_.pop_front();
                if (record == none)
                    record = records_.take();
                if (record == none) {
                    dry = true;
                    break;
                }
                taken.push_back(record);
            }
        }
        if (dry)
            status = backing_.grow(records_, Kind::records, lists_);
    }
    if (status != LKSTATS_OK) {
        std::lock_guard lock(lists_);
        free_records_.take_in_front(taken);
        return status;
    }
    first = taken.front();
    return LKSTATS_OK;
}

lkstats_status_t Table::create(const Parts &parts, int32_t channel, lkstats_time_t now,
                               lkstats_track_t &track) {
    const uint32_t blocks = parts.blocks();
    std::lock_guard gate(gate_);
    if (refusing_)
        return LKSTATS_ECLOSED;
    uint32_t record_index;
    if (const auto status = take_records(1 + blocks, record_index); status != LKSTATS_OK)
        return status;
    std::array<uint32_t, Parts::blocks_max> overflow;
    for (uint32_t i = 0, at = record_index; i < blocks; ++i)
        at = overflow[i] = places_.record_next[at];
    uint32_t index;
    if (const auto status = take_slot(now, index); status != LKSTATS_OK) {
        std::lock_guard lock(lists_);
        for (uint32_t i = blocks; i-- > 0;)
            free_records_.push_front(overflow[i]);
        free_records_.push_front(record_index);
        return status;
    }

    std::lock_guard lock(cold(index));
    const uint32_t tag = next_tag();
    slab::Slot s = slot(index);
    record(record_index).begin(index, tag, 1, channel, now, {});
    parts.store(places_.records, record_index, std::span(overflow).first(blocks));
    s.set_link({record_index, 1});
    s.clear_words();
    s.publish({tag, State::live}, index);
    in_use_.fetch_add(1, std::memory_order_release);
    track = uint64_t{tag} << 32 | index;
    return LKSTATS_OK;
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
    slab::close(slot, record);
    record.end(now);
    slot.publish({tag, State::closed}, index);
    set(index, flag::owed);
}

lkstats_status_t Table::stop(lkstats_track_t track, lkstats_time_t now, lkstats_traffic_t &final,
                             bool &fresh) {
    auto held = hold(track);
    if (!held)
        return LKSTATS_ESTALE;
    fresh = held->slot.id().state == State::live;
    if (fresh) {
        stop(held->slot, held->record, held->index, now);
        set(held->index, flag::urgent);
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

void Table::free_records(uint32_t first) {
    const lkstats_slab_record_t &record = places_.records[first];
    for (uint32_t chain : {record.room.overflow, record.participant.overflow})
        while (chain != 0) {
            const uint32_t next =
                reinterpret_cast<const lkstats_slab_overflow_t &>(places_.records[chain]).next;
            free_records_.push_front(chain);
            chain = next;
        }
    free_records_.push_front(first);
}

void Table::release(uint32_t index, lkstats_time_t now) {
    slab::Slot s = slot(index);
    const slab::Link link = s.link();
    s.set_link({0, link.epoch});
    clear(index, static_cast<uint8_t>(
                     ~(flag::queued | flag::former))); // it may stand in the queue, from a redelivery
    std::lock_guard lock(lists_);
    free_records(link.record);
    Entry &e = entry(index);
    e.released_ns = now.monotonic_ns;
    e.released_pass = passes_.load(std::memory_order_relaxed);
    resting_.push_back(index);
    in_use_.fetch_sub(1, std::memory_order_release);
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

uint32_t Table::high_water() {
    std::lock_guard lock(lists_);
    return slots_.taken();
}

} // namespace lkstats::track
