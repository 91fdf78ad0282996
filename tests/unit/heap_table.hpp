// SPDX-License-Identifier: Apache-2.0
// A table of handles in plain memory, with a backing that hands it out in chunks of the test's choice and has
// as much of it as the test says: no system, no clock but the test's. cmocka wants to be included last, so
// this header is.
#pragma once

#include "track/table.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cmocka.hpp"

namespace lkstats {

// What memory there is, and in which pieces.
struct Supply {
    uint32_t slots, slot_chunk;
    uint32_t records, record_chunk;
};

// A data track's identity, whose strings are that long each.
struct Identity {
    track::Identity parts;

    explicit Identity(size_t length, char letter = 'x') {
        const std::string text(length, letter);
        const lkstats_string_t string = {text.data(), text.size()};
        lkstats_track_options_t options = {};
        options.room_sid = options.room_name = options.participant_sid = options.participant_identity =
            string;
        options.track_id = options.tenant = string;
        assert_int_equal(parts.encode(options), LKSTATS_OK);
    }
};

// Somebody with a signal connection, whose strings are that long each; a sid is never empty. All say a tenant: the room
// and the participant one of a letter of their own.
struct Somebody {
    static constexpr char room_payer = 'R', participant_payer = 'P';
    track::Identity connection;
    track::Encoded room, participant;

    explicit Somebody(size_t length, char letter = 'x') {
        const std::string text(length, letter), sid(length == 0 ? 1 : length, letter);
        const std::string room_pays(length, room_payer), participant_pays(length, participant_payer);
        const lkstats_string_t string = {text.data(), text.size()}, id = {sid.data(), sid.size()};
        lkstats_signal_options_t options = {};
        options.country = options.tenant = string;
        lkstats_room_t in = {};
        in.sid = id;
        in.name = string;
        in.tenant = {room_pays.data(), room_pays.size()};
        lkstats_participant_t is = {};
        is.sid = id;
        is.identity = string;
        is.tenant = {participant_pays.data(), participant_pays.size()};
        is.kind = letter;
        assert_int_equal(connection.encode(options), LKSTATS_OK);
        assert_int_equal(track::encode(in, room), LKSTATS_OK);
        assert_int_equal(track::encode(is, participant), LKSTATS_OK);
    }
    const wire::Part &part(uint64_t bit) const {
        return bit == LKSTATS_SLAB_ROOM_KNOWN ? room.part() : participant.part();
    }
};

class HeapTable final : track::Backing {
  public:
    static constexpr int64_t second = 1'000'000'000;
    static constexpr int64_t resolution_wait = 30 * second;
    // It is the supply that decides.
    static constexpr uint32_t plenty = uint32_t{1} << 30;
    static constexpr track::Table::Limits no_limits = {plenty, plenty, plenty, resolution_wait};

    explicit HeapTable(Supply from, uint32_t first_tag = 1, const track::Table::Limits &limits = no_limits)
        : supply(from), slots_(range), records_(range), entries_(range), flags_(range), queue_next_(range),
          record_next_(range), tags_(first_tag),
          table({slots_.data(), records_.data(), entries_.data(), flags_.data(), queue_next_.data(),
                 record_next_.data()},
                *this, tags_, limits) {
        for (auto &flags : flags_)
            flags = 0xff; // a closed context had the address before
    }

    Supply supply;
    lkstats_status_t refusal = LKSTATS_EFULL; // what the backing says when there is no more
    std::function<void()> before_growth = [] {};
    int64_t now_ns = 5000 * second;
    uint32_t passes = 0;

  private:
    std::vector<lkstats_slab_slot_t> slots_;
    std::vector<lkstats_slab_record_t> records_;
    std::vector<track::Entry> entries_;
    std::vector<std::atomic<uint8_t>> flags_;
    std::vector<uint32_t> queue_next_, record_next_;
    std::atomic<uint32_t> tags_;

  public:
    track::Table table;

    lkstats_time_t now() const { return {now_ns, -now_ns}; }
    void pass(uint32_t count) { table.count_passes(passes += count); }
    // Whatever is at rest has rested afterwards.
    void let_rest() {
        pass(4);
        now_ns += 10 * second;
    }

    lkstats_status_t create(const Identity &identity, lkstats_track_t &track) {
        return table.create(identity.parts, LKSTATS_CHANNEL_DATA, now(), track);
    }
    lkstats_track_t create(const Identity &identity) {
        lkstats_track_t track = 0;
        assert_int_equal(create(identity, track), LKSTATS_OK);
        return track;
    }
    lkstats_status_t create(const Somebody &somebody, lkstats_signal_t &signal) {
        return table.create(somebody.connection, LKSTATS_CHANNEL_SIGNAL, now(), signal);
    }
    lkstats_signal_t create(const Somebody &somebody) {
        lkstats_signal_t signal = 0;
        assert_int_equal(create(somebody, signal), LKSTATS_OK);
        return signal;
    }
    lkstats_status_t resolve(lkstats_signal_t signal, uint64_t bit, const Somebody &somebody,
                             bool *urgent = nullptr) {
        bool due = false;
        const auto status = table.resolve(signal, bit, somebody.part(bit), now(), due);
        if (urgent != nullptr)
            *urgent = due;
        return status;
    }
    void resolve(lkstats_signal_t signal, const Somebody &somebody) {
        assert_int_equal(resolve(signal, LKSTATS_SLAB_ROOM_KNOWN, somebody), LKSTATS_OK);
        assert_int_equal(resolve(signal, LKSTATS_SLAB_PARTICIPANT_KNOWN, somebody), LKSTATS_OK);
    }
    lkstats_status_t reset(lkstats_signal_t signal, bool *urgent = nullptr) {
        bool due = false;
        const auto status = table.reset(signal, now(), due);
        if (urgent != nullptr)
            *urgent = due;
        return status;
    }
    bool add(lkstats_track_t track, slab::Direction d, uint64_t bytes, uint64_t messages) {
        return table.slot(track::slot_of(track)).add(d, slab::Counter::increment(bytes, messages));
    }
    // Creates until there is no more.
    std::vector<lkstats_track_t> fill(const Identity &identity) {
        std::vector<lkstats_track_t> made;
        for (lkstats_track_t track; create(identity, track) == LKSTATS_OK;)
            made.push_back(track);
        return made;
    }
    void stop(lkstats_track_t track) {
        lkstats_traffic_t final;
        bool urgent = false;
        assert_int_equal(table.stop(track, now(), final, urgent), LKSTATS_OK);
    }
    // As the reporter does, before it looks at any of them.
    void take_urgent() {
        std::unique_lock lists(table.lists());
        track::Table::EntryList urgent = table.take_urgent();
        lists.unlock();
        while (!urgent.empty())
            table.clear(urgent.pop_front(), track::flag::urgent);
    }
    // As when the last report of a stopped track is acknowledged.
    void release(lkstats_track_t track) {
        take_urgent();
        const uint32_t index = track::slot_of(track);
        std::lock_guard lock(table.cold(index));
        table.release(index, now());
    }
    // As when the left of an epoch is acknowledged that has a successor.
    void release_epoch(lkstats_signal_t signal) {
        const uint32_t index = track::slot_of(signal);
        std::lock_guard lock(table.cold(index));
        table.release_epoch(index);
    }
    void end(lkstats_track_t track) {
        stop(track);
        release(track);
    }
    uint32_t newest(lkstats_track_t track) { return table.slot(track::slot_of(track)).link().record; }
    uint32_t oldest(lkstats_track_t track) {
        const uint32_t index = track::slot_of(track);
        return table.oldest(index, table.slot(index).link());
    }
    // Whatever was made, refused and released before, all the records there are can be had.
    void expect_no_record_lost() {
        const Identity brief(4);
        supply.slots = supply.slot_chunk = 2000;
        assert_int_equal(table.in_use(), 0);
        let_rest();
        const auto made = fill(brief);
        assert_int_equal(made.size(), supply.records);
        std::set<uint32_t> used;
        for (lkstats_track_t track : made)
            assert_true(used.insert(newest(track)).second);
        assert_int_equal(used.count(0), 0);
    }
    lkstats_slab_record_t *records() { return records_.data(); }
    lkstats_slab_slot_t *slots() { return slots_.data(); }
    static constexpr uint32_t range = 4096;

  private:
    lkstats_status_t grow(slab::Arena &arena, track::Kind kind, std::mutex &lists) override {
        before_growth();
        const bool slots = kind == track::Kind::slots;
        const uint32_t most = slots ? supply.slots : supply.records;
        std::lock_guard lock(lists);
        if (arena.ready() >= most)
            return refusal;
        // Chunks do not touch each other. Record 0 stands for none.
        const uint32_t count =
            std::min(slots ? supply.slot_chunk : supply.record_chunk, most - arena.ready());
        const uint32_t first = arena.chunk_count() == 0 ? (slots ? 0 : 1)
                                                        : arena.chunk(arena.chunk_count() - 1).first +
                                                              arena.chunk(arena.chunk_count() - 1).count + 3;
        assert_true(first + count <= range);
        arena.add_chunk({first, count});
        arena.make_ready(count);
        return LKSTATS_OK;
    }
};

// All that somebody else could see: a call that is refused has not touched it.
class Sight {
  public:
    explicit Sight(HeapTable &heap)
        : heap_(heap), slots_(copy(heap.slots())), records_(copy(heap.records())) {}
    void expect_unchanged() const {
        assert_memory_equal(heap_.slots(), slots_.data(), slots_.size() * sizeof slots_[0]);
        assert_memory_equal(heap_.records(), records_.data(), records_.size() * sizeof records_[0]);
    }

  private:
    template <class T> static std::vector<T> copy(const T *of) { return {of, of + HeapTable::range}; }
    HeapTable &heap_;
    std::vector<lkstats_slab_slot_t> slots_;
    std::vector<lkstats_slab_record_t> records_;
};

} // namespace lkstats
