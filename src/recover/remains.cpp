// SPDX-License-Identifier: Apache-2.0
#include "recover/remains.hpp"

#include "recover/check.hpp"
#include "slab/mutant.hpp"
#include "slab/totals.hpp"
#include "track/identity.hpp"
#include "track/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace lkstats::recover {

namespace {

using slab::State;

// The first granule of records stays empty, so there may be that many more indexes than slots.
constexpr uint32_t slot_indexes_most = uint32_t{1} << LKSTATS_SLAB_INDEX_BITS;
constexpr uint32_t record_indexes_most = slot_indexes_most + 4096;
constexpr uint32_t index_mask = slot_indexes_most - 1;

bool sound(std::span<const lkstats_slab_chunk_t> chunks, uint32_t most) {
    std::vector<lkstats_slab_chunk_t> sorted(chunks.begin(), chunks.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    uint32_t free_from = 0;
    for (const lkstats_slab_chunk_t &chunk : sorted) {
        if (chunk.count == 0 || chunk.first < free_from || chunk.first > most ||
            chunk.count > most - chunk.first)
            return false;
        free_from = chunk.first + chunk.count;
    }
    return true;
}

bool text(const uint8_t *bytes, uint32_t size) {
    return size <= LKSTATS_STRING_MAX &&
           track::valid_text(std::string_view(reinterpret_cast<const char *>(bytes), size));
}

template <class T> std::span<uint8_t> bytes_of(T &of) {
    return {reinterpret_cast<uint8_t *>(&of), sizeof of};
}

class Reader {
  public:
    Reader(Source &source, Remains &out)
        : source_(source), out_(out), chunks_(out.directory.records, out.directory.record_chunks),
          reached_(record_indexes_most) {}

    void slots(uint32_t number, const lkstats_slab_chunk_t &chunk);
    bool failed() const { return failed_; }

  private:
    // One epoch: the record, the blocks of its identity, and where they lie.
    struct Epoch {
        uint32_t index;
        lkstats_slab_record_t record;
        std::vector<uint32_t> block_indexes;
        std::vector<lkstats_slab_record_t> blocks;
    };
    enum class Found { nothing, damage, track };

    Found look(const lkstats_slab_slot_t &slot, uint32_t index);
    Found chain(const lkstats_slab_slot_t &slot, uint32_t index);
    Source::Got read(Source::File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes);
    bool record(uint32_t index, lkstats_slab_record_t &to);
    bool identity(Epoch &epoch);
    void keep(const lkstats_slab_slot_t &slot, uint32_t index);
    void stretch(Place at, uint32_t index, std::span<lkstats_slab_slot_t> lines);

    Source &source_;
    Remains &out_;
    std::span<const lkstats_slab_chunk_t> chunks_;
    std::vector<bool> reached_;  // records that belong to somebody already
    std::vector<uint32_t> here_; // of them, those of the slot at hand
    std::vector<Epoch> epochs_;  // of the slot at hand, newest first
    bool failed_ = false;
    bool in_a_gap_ = false;
};

Source::Got Reader::read(Source::File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) {
    const Source::Got got = source_.read(file, number, offset, bytes);
    failed_ = failed_ || got == Source::Got::failure;
    return got;
}

// False: it is nowhere, can't be read, or is somebody's already.
bool Reader::record(uint32_t index, lkstats_slab_record_t &to) {
    Place place;
    if (index == 0 || !find(chunks_, index, sizeof to, place) || reached_[index])
        return false;
    reached_[index] = true;
    here_.push_back(index);
    return read(Source::File::records, place.file, place.offset, bytes_of(to)) == Source::Got::all;
}

bool Reader::identity(Epoch &epoch) {
    IdentitySize size;
    if (!identity_size(epoch.record, size))
        return false;
    std::vector<uint8_t> stream(epoch.record.identity, epoch.record.identity + LKSTATS_SLAB_IDENTITY_SIZE);
    uint32_t next = epoch.record.overflow;
    while (stream.size() < size.possible && next != 0) {
        lkstats_slab_record_t raw;
        if (!record(next, raw)) {
            if (stream.size() < size.needed)
                return false;
            break;
        }
        lkstats_slab_overflow_t block;
        static_assert(sizeof block == sizeof raw);
        std::memcpy(&block, &raw, sizeof block);
        epoch.block_indexes.push_back(next);
        epoch.blocks.push_back(raw);
        stream.insert(stream.end(), block.bytes, block.bytes + LKSTATS_SLAB_OVERFLOW_SIZE);
        next = block.next;
    }
    if (stream.size() < size.needed)
        return false;
    stream.resize(std::min<size_t>(stream.size(), size.possible));
    return identity_sound(epoch.record, stream);
}

// What a damaged slot reaches may be somebody else's.
Reader::Found Reader::look(const lkstats_slab_slot_t &slot, uint32_t index) {
    here_.clear();
    const Found found = chain(slot, index);
    if (found != Found::track && !mutant(Mutant::steal))
        for (const uint32_t each : here_)
            reached_[each] = false;
    return found;
}

// A track that was being made is linked before it is published; until then the slot's tag is the last one's. A record
// of one that is closed has its final totals.
bool in_the_making(const lkstats_slab_record_t &r, uint32_t index) {
    return r.slot == index && r.epoch == 1 && r.previous == 0 && !slab::whole(r.running[0]) &&
           !slab::whole(r.running[1]);
}

// What comes out of words, carries and totals together, the way it will be reported.
bool sums_are_sound(lkstats_slab_slot_t slot, lkstats_slab_record_t newest) {
    const bool both_closed = (slot.word[0] & slot.word[1] & slab::Counter::closed) != 0;
    if (State{slot.state & ~index_mask} == State::closed && !both_closed)
        return false;
    slab::Slot s(slot);
    slab::Record r(newest);
    if (State{slot.state & ~index_mask} == State::closed)
        return recover::sound(slab::totals(s, r));
    // Hundreds of times what may pass between two folds: nobody has counted that, whatever carries say.
    constexpr uint64_t bytes_most = uint64_t{1} << 44, messages_most = uint64_t{1} << 35;
    slab::mend(s, r);
    const lkstats_traffic_t totals = slab::totals(s, r), passed = totals - r.newest();
    return recover::sound(totals) && std::max(passed.send_bytes, passed.recv_bytes) < bytes_most &&
           std::max(passed.send_messages, passed.recv_messages) < messages_most;
}

Reader::Found Reader::chain(const lkstats_slab_slot_t &slot, uint32_t index) {
    const State state{slot.state & ~index_mask};
    if (slot.state == 0 && slot.tag == 0)
        return Found::nothing;
    if (slot.record == 0 && state == State::closed)
        return Found::nothing;
    if (state != State::live && state != State::stopping && state != State::closed)
        return Found::damage;
    if ((slot.state & index_mask) != index || slot.tag == 0 || !recover::sound(slot))
        return Found::damage;
    epochs_.clear();
    uint32_t at = slot.record, epoch = slot.epoch;
    do {
        Epoch &here = epochs_.emplace_back();
        here.index = at;
        if (!record(at, here.record))
            return Found::damage;
        const lkstats_slab_record_t &r = here.record;
        if (epochs_.size() == 1 && state == State::closed && r.tag != slot.tag && in_the_making(r, index))
            return Found::nothing;
        if (r.slot != index || r.tag != slot.tag || r.epoch != epoch || !recover::sound(r) || !identity(here))
            return Found::damage;
        // Final totals are whole; and what an epoch ended with is what the next one began with.
        const bool older = epochs_.size() > 1;
        const slab::Record checked(here.record);
        if ((older || state == State::closed) &&
            (!checked.running_whole() ||
             !(slab::at_least(checked.newest(), checked.reported()) == checked.newest())))
            return Found::damage;
        if (older && !(checked.newest() == epochs_[epochs_.size() - 2].record.base))
            return Found::damage;
        at = r.previous;
        --epoch;
    } while (at != 0 && epoch != 0);
    return at == 0 && sums_are_sound(slot, epochs_.front().record) ? Found::track : Found::damage;
}

void Reader::keep(const lkstats_slab_slot_t &slot, uint32_t index) {
    const auto fresh = static_cast<uint32_t>(out_.slots.size());
    out_.slots.push_back(slot);
    out_.slot_indexes.push_back(index);
    lkstats_slab_slot_t &s = out_.slots.back();
    // A stop that was cut short is begun anew.
    const State state{slot.state & ~index_mask};
    s.state = static_cast<uint32_t>(state == State::closed ? State::closed : State::live) | fresh;
    uint32_t *link = &s.record;
    for (Epoch &epoch : epochs_) {
        *link = static_cast<uint32_t>(out_.records.size());
        const size_t here = out_.records.size();
        out_.records.push_back(epoch.record);
        out_.record_indexes.push_back(epoch.index);
        uint32_t *next = &out_.records[here].overflow;
        *next = 0;
        for (size_t i = 0; i < epoch.blocks.size(); ++i) {
            *next = static_cast<uint32_t>(out_.records.size());
            out_.records.push_back(epoch.blocks[i]);
            out_.record_indexes.push_back(epoch.block_indexes[i]);
            next = &reinterpret_cast<lkstats_slab_overflow_t &>(out_.records.back()).next;
            *next = 0;
        }
        link = &out_.records[here].previous;
        *link = 0;
    }
}

// The slots from index on that lie at that place of a chunk's file. Where they can't be had together each is tried.
void Reader::stretch(Place at, uint32_t index, std::span<lkstats_slab_slot_t> lines) {
    const Source::Got got = read(Source::File::slots, at.file, at.offset,
                                 {reinterpret_cast<uint8_t *>(lines.data()), lines.size_bytes()});
    if (got != Source::Got::all) {
        if (lines.size() == 1 || got == Source::Got::end) {
            out_.damaged += in_a_gap_ ? 0 : 1; // once for neighbours that are missing together
            in_a_gap_ = true;
            return;
        }
        const auto half = static_cast<uint32_t>(lines.size() / 2);
        stretch(at, index, lines.first(half));
        stretch({at.file, at.offset + half * sizeof lines[0]}, index + half, lines.subspan(half));
        return;
    }
    in_a_gap_ = false;
    for (const lkstats_slab_slot_t &line : lines) {
        switch (look(line, index)) {
        case Found::nothing:
            break;
        case Found::damage:
            ++out_.damaged;
            break;
        case Found::track:
            keep(line, index);
            break;
        }
        ++index;
    }
}

void Reader::slots(uint32_t number, const lkstats_slab_chunk_t &chunk) {
    constexpr uint32_t step = 1024;
    std::vector<lkstats_slab_slot_t> lines(std::min(step, chunk.count));
    for (uint32_t from = 0; from < chunk.count; from += step)
        stretch({number, uint64_t{from} * sizeof lines[0]}, chunk.first + from,
                std::span(lines).first(std::min(step, chunk.count - from)));
}

} // namespace

bool sound(const lkstats_slab_directory_t &d) {
    return std::memcmp(d.magic, "lkstats", sizeof d.magic) == 0 && d.version == LKSTATS_SLAB_VERSION &&
           d.size == sizeof d && d.slot_chunks <= LKSTATS_SLAB_CHUNKS_MAX &&
           d.record_chunks <= LKSTATS_SLAB_CHUNKS_MAX && text(d.node, d.node_size) &&
           text(d.analytics_key, d.analytics_key_size) &&
           d.report_interval_ms >= LKSTATS_REPORT_INTERVAL_MIN_MS &&
           d.report_interval_ms <= LKSTATS_REPORT_INTERVAL_MAX_MS && d.alive.monotonic_ns >= 0 &&
           sound(std::span(d.slots, d.slot_chunks), slot_indexes_most) &&
           sound(std::span(d.records, d.record_chunks), record_indexes_most);
}

bool find(std::span<const lkstats_slab_chunk_t> chunks, uint32_t index, size_t item_size, Place &place) {
    for (uint32_t i = 0; i < chunks.size(); ++i)
        if (index >= chunks[i].first && index - chunks[i].first < chunks[i].count) {
            place = {i, uint64_t{index - chunks[i].first} * item_size};
            return true;
        }
    return false;
}

bool read(Source &source, Remains &remains) {
    remains.records.resize(1);
    remains.record_indexes.resize(1);
    Reader reader(source, remains);
    for (uint32_t i = 0; i < remains.directory.slot_chunks; ++i)
        reader.slots(i, remains.directory.slots[i]);
    return !reader.failed();
}

} // namespace lkstats::recover
