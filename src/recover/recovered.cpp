// SPDX-License-Identifier: Apache-2.0
#include "recover/recovered.hpp"

#include <cstddef>
#include <cstring>
#include <limits>

namespace lkstats::recover {

namespace {

template <class T> std::span<const uint8_t> bytes_from(const T &of, size_t offset, size_t size) {
    return {reinterpret_cast<const uint8_t *>(&of) + offset, size};
}

} // namespace

track::Places Recovered::places() {
    const size_t slots = remains_.slots.size();
    entries_.resize(slots);
    flags_ = std::make_unique<std::atomic<uint8_t>[]>(slots);
    queue_next_.resize(slots);
    record_next_.resize(remains_.records.size());
    return {remains_.slots.data(), remains_.records.data(), entries_.data(),
            flags_.get(),          queue_next_.data(),      record_next_.data()};
}

Recovered::Recovered(std::unique_ptr<Dead> dead, Remains remains, Heir &heir, report::Consumer consumer,
                     uint64_t first_id)
    : dead_(std::move(dead)), remains_(std::move(remains)), heir_(heir), first_id_(first_id),
      table_(places(), *this, no_tags_,
             {tracks(), static_cast<uint32_t>(remains_.records.size()), std::numeric_limits<uint32_t>::max(),
              0}),
      reporter_(table_, *this, consumer, int64_t{dead_->directory().report_interval_ms} * 1'000'000,
                context(), wire::encode_origin(node(), analytics_key()), first_id) {}

void Recovered::begin() {
    for (uint32_t index = 0; index < tracks(); ++index) {
        slab::Slot slot = table_.slot(index);
        slab::Record newest = table_.record(slot.link().record);
        if (slot.id().state == slab::State::live)
            slab::mend(slot, newest);
        if (mutant(Mutant::anew))
            newest.raw().control &= ~uint64_t{LKSTATS_SLAB_PENDING};
    }
    table_.adopt(tracks());
    table_.refuse_new(); // nobody waits for a resolution any more
    reporter_.stop_all();
    reporter_.redeliver(); // what the dead one had frozen
    for (uint32_t index = 0; index < tracks(); ++index)
        write_back(index);
}

bool Recovered::done() { return mutant(Mutant::early) || (table_.in_use() == 0 && reporter_.idle()); }

void Recovered::clear_away() {
    if (damaged() == 0)
        dead_->remove();
    else
        dead_->keep_aside();
}

void Recovered::set_readable(bool readable) {
    // With nothing left it ends, and has nothing to say.
    readable = readable && table_.in_use() != 0;
    if (announced_ && (readable || readable_))
        heir_.readable(readable_, readable);
    readable_ = readable;
}

void Recovered::announce() {
    std::lock_guard lock(table_.lists());
    announced_ = true;
    if (readable_)
        heir_.readable(false, true);
}

void Recovered::retire() {
    std::lock_guard lock(table_.lists());
    if (announced_ && readable_)
        heir_.readable(true, false);
    readable_ = announced_ = false;
}

void Recovered::acknowledged(std::span<const report::Item> items) {
    if (mutant(Mutant::unwritten))
        return;
    for (const report::Item &item : items) {
        std::lock_guard lock(table_.cold(item.slot));
        write_back(item.slot);
    }
}

// In one write within a page, which no kill cuts in two: figures, and the word that says which of them count, and
// whether there is an epoch before.
bool Recovered::write_record(uint32_t index) {
    using Raw = lkstats_slab_record_t;
    Raw record = remains_.records[index];
    record.previous = remains_.record_indexes[record.previous];
    constexpr size_t from = offsetof(Raw, previous), to = offsetof(Raw, identity);
    // What is in between and was packed.
    const uint32_t overflow = record.overflow;
    record.overflow = remains_.record_indexes[overflow];
    Place place;
    return find({dead_->directory().records, dead_->directory().record_chunks},
                remains_.record_indexes[index], sizeof record, place) &&
           dead_->write(Dead::File::records, place.file, place.offset + from,
                        bytes_from(record, from, to - from));
}

// What can't be written comes once more, with the same keys and contents, from whoever recovers it next. The slot
// comes last: that it is closed, and free in the end, is true once the records say what it had.
void Recovered::write_back(uint32_t index) {
    lkstats_slab_slot_t slot = remains_.slots[index];
    for (uint32_t at = slot.record; at != 0; at = remains_.records[at].previous)
        if (!write_record(at))
            return;
    constexpr uint32_t index_mask = (uint32_t{1} << LKSTATS_SLAB_INDEX_BITS) - 1;
    slot.state = (slot.state & ~index_mask) | remains_.slot_indexes[index];
    slot.record = remains_.record_indexes[slot.record];
    Place place;
    if (find({dead_->directory().slots, dead_->directory().slot_chunks}, remains_.slot_indexes[index],
             sizeof slot, place))
        dead_->write(Dead::File::slots, place.file, place.offset, bytes_from(slot, 0, sizeof slot));
}

} // namespace lkstats::recover
