// SPDX-License-Identifier: Apache-2.0
// What recovery makes of the memory of a context that ended somewhere: every track, with all that was added to it; and
// of memory that does not fit together what can be told of it.
#include "recover/remains.hpp"

#include "plant.hpp"
#include "report/reporter.hpp"
#include "slab/mutant.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <utility>

#include "heap_table.hpp" // and cmocka

namespace {

using namespace lkstats;
using recover::Remains;
using slab::Direction;

constexpr uint64_t room = LKSTATS_SLAB_ROOM_KNOWN, participant = LKSTATS_SLAB_PARTICIPANT_KNOWN;
constexpr uint32_t slots_end = 64; // no test has more

// The files of a context, but in memory.
class Memory final : public recover::Source {
  public:
    explicit Memory(HeapTable &heap)
        : slots(heap.slots(), heap.slots() + slots_end),
          records(heap.records(), heap.records() + HeapTable::range) {}

    // All that it makes of them.
    Remains read() {
        Remains remains;
        remains.directory.slot_chunks = remains.directory.record_chunks = 1;
        remains.directory.slots[0] = {0, slots_end};
        remains.directory.records[0] = {0, HeapTable::range};
        assert_true(recover::read(*this, remains));
        return remains;
    }

    std::vector<lkstats_slab_slot_t> slots;
    std::vector<lkstats_slab_record_t> records;

  private:
    Got read(File file, uint32_t, uint64_t offset, std::span<uint8_t> bytes) override {
        const auto copy = [&](const auto &from) {
            assert_true(offset + bytes.size() <= from.size() * sizeof from[0]);
            std::memcpy(bytes.data(), reinterpret_cast<const uint8_t *>(from.data()) + offset, bytes.size());
        };
        if (file == File::slots)
            copy(slots);
        else
            copy(records);
        return Got::all;
    }
};

// By tag, what each track had in the end.
using Finals = std::map<uint32_t, lkstats_traffic_t>;

Finals finals_of(Remains &remains) {
    Finals finals;
    for (lkstats_slab_slot_t &line : remains.slots) {
        slab::Slot slot(line);
        slab::Record record(remains.records[line.record]);
        lkstats_traffic_t counted = {};
        if (slot.id().state == slab::State::live) {
            slab::mend(slot, record);
            slab::close(slot, record, counted);
        }
        assert_true(finals.emplace(line.tag, slab::totals(slot, record)).second);
    }
    return finals;
}

// ---- A kill ----

// A context whose process may be killed at any step; adds fall there too.
class Host final : report::Ports {
  public:
    explicit Host(uint64_t seed) : random_(seed) {
        current_ = this;
        lkstats::at_step = [] { current_->step(); };
        run(1);
    }
    ~Host() { lkstats::at_step = nullptr; }

    void make_signal(size_t length) {
        people_.push_back(std::make_unique<Somebody>(length));
        lkstats_signal_t signal = 0;
        assert_int_equal(heap_.create(*people_.back(), signal), LKSTATS_OK);
        made(signal);
    }
    void make_track(size_t length) {
        lkstats_track_t track = 0;
        assert_int_equal(heap_.create(Identity(length), track), LKSTATS_OK);
        made(track);
    }
    void resolve(size_t which, uint64_t bit) {
        bool urgent = false;
        heap_.resolve(tracks_[which], bit, *people_.back(), &urgent);
        kill_here();
    }
    void reset(size_t which) {
        assert_int_equal(heap_.reset(tracks_[which]), LKSTATS_OK);
        kill_here();
    }
    void stop(size_t which) {
        lkstats_traffic_t final = {};
        bool urgent = false;
        const lkstats_track_t track = tracks_[which];
        assert_int_equal(heap_.table.stop(track, now(), final, urgent), LKSTATS_OK);
        assert_true(final == added_[track::tag_of(track)]);
        kill_here();
    }
    void add(size_t which) {
        const uint64_t bytes = random_() % 5000;
        const Direction d = slab::directions[random_() % 2];
        if (heap_.add(tracks_[which], d, bytes, 1))
            added_[track::tag_of(tracks_[which])] +=
                d == Direction::send ? lkstats_traffic_t{bytes, 1, 0, 0} : lkstats_traffic_t{0, 0, bytes, 1};
    }
    void run(int64_t seconds) {
        heap_.now_ns += seconds * HeapTable::second;
        reporter_.run(now());
        kill_here();
    }
    void take_and_acknowledge() {
        std::shared_ptr<report::Batch> batch;
        while (reporter_.next(batch) == LKSTATS_OK)
            assert_int_equal(reporter_.answer(batch->id(), true), LKSTATS_OK);
        kill_here();
    }
    size_t kills() const { return kills_; }

  private:
    void made(lkstats_track_t track) {
        tracks_.push_back(track);
        added_[track::tag_of(track)] = {};
        kill_here();
    }
    void step() {
        kill_here();
        if (!tracks_.empty())
            add(random_() % tracks_.size());
        kill_here();
    }
    // And somebody looks.
    void kill_here() {
        const auto at_step = std::exchange(lkstats::at_step, nullptr);
        ++kills_;
        Remains remains = Memory(heap_).read();
        assert_int_equal(remains.damaged, 0);
        const Finals finals = finals_of(remains);
        for (const auto &[tag, final] : finals)
            assert_true(added_.count(tag) == 0 ? final == lkstats_traffic_t{} : final == added_[tag]);
        // Nobody who still counts is missing.
        for (const lkstats_track_t track : tracks_)
            assert_true(!heap_.table.slot(track::slot_of(track)).live(track) ||
                        finals.count(track::tag_of(track)) == 1);
        lkstats::at_step = at_step;
    }

    lkstats_time_t now() override { return heap_.now(); }
    void wake() override {}
    void set_readable(bool) override {}
    bool threaded() const override { return false; }
    bool call(const std::shared_ptr<report::Batch> &, bool &) override { return false; }

    static constexpr uint8_t context[16] = {};
    static Host *current_;
    std::mt19937_64 random_;
    HeapTable heap_{{8, 8, 200, 50}};
    report::Reporter reporter_{heap_.table,           *this,   report::Consumer::pulls,
                               5 * HeapTable::second, context, {}};
    std::vector<std::unique_ptr<Somebody>> people_;
    std::vector<lkstats_track_t> tracks_;
    Finals added_; // by tag
    size_t kills_ = 0;
};
Host *Host::current_ = nullptr;

void live(Host &host, size_t length) {
    host.make_signal(length);
    host.make_track(length);
    host.add(0);
    host.resolve(0, room);
    host.reset(0); // forgets
    host.resolve(0, participant);
    host.resolve(0, room);
    host.run(5);
    host.take_and_acknowledge();
    for (int i = 0; i < 2; ++i) {
        host.add(0);
        host.add(1);
        host.reset(0);
        host.resolve(0, room);
        host.resolve(0, participant);
        host.run(5);
    }
    host.stop(1);
    host.take_and_acknowledge();
    host.stop(0);
    host.run(5);
    host.take_and_acknowledge();
    host.run(60);
    host.make_track(length); // in a slot that somebody had
    host.add(2);
}

void a_kill_at_any_step_leaves_every_track_with_all_that_was_added(void **) {
    for (const size_t length : {3U, 60U, 256U}) {
        Host host(length);
        live(host, length);
        assert_true(host.kills() > 100);
    }
}

// ---- Damage ----

struct Three {
    HeapTable heap{{8, 8, 60, 60}};
    lkstats_track_t tracks[3];
    Finals added;

    Three() {
        // Long ones, each with blocks of its own.
        for (lkstats_track_t &track : tracks) {
            track = heap.create(Identity(200));
            const uint64_t bytes = 1000 + track::slot_of(track);
            assert_true(heap.add(track, Direction::send, bytes, 1));
            added[track::tag_of(track)] = {bytes, 1, 0, 0};
        }
    }
    uint32_t slot(size_t which) const { return track::slot_of(tracks[which]); }
};

// The others are told of, with all they have.
void expect_only_this_one_is_lost(Memory memory, const Three &three, size_t lost) {
    Remains remains = memory.read();
    assert_int_equal(remains.damaged, 1);
    Finals expected = three.added;
    expected.erase(track::tag_of(three.tracks[lost]));
    assert_true(finals_of(remains) == expected);
}

void a_damaged_slot_keeps_nobody_from_what_it_leads_to(void **) {
    Three three;
    for (size_t damaged = 0; damaged < 3; ++damaged)
        for (size_t other = 0; other < 3; ++other) {
            if (other == damaged)
                continue;
            Memory memory(three.heap);
            // To somebody else's record,
            const uint32_t record = memory.slots[three.slot(damaged)].record;
            memory.slots[three.slot(damaged)].record = memory.slots[three.slot(other)].record;
            expect_only_this_one_is_lost(memory, three, damaged);
            // or to its own, which has somebody else's blocks, and an identity that is not what was written.
            memory.slots[three.slot(damaged)].record = record;
            memory.records[record].overflow = memory.records[memory.slots[three.slot(other)].record].overflow;
            memory.records[record].identity_sum ^= 1;
            expect_only_this_one_is_lost(memory, three, damaged);
        }
}

void nothing_is_made_of_slots_that_nobody_had(void **) {
    HeapTable heap({8, 8, 20, 20});
    assert_true(Memory(heap).read().slots.empty());
    const Three three;
    assert_int_equal(Memory(const_cast<HeapTable &>(three.heap)).read().slots.size(), 3);
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_step_leaves_every_track_with_all_that_was_added),
        cmocka_unit_test(a_damaged_slot_keeps_nobody_from_what_it_leads_to),
        cmocka_unit_test(nothing_is_made_of_slots_that_nobody_had),
    };
    return cmocka_run_group_tests_name("remains", tests, nullptr, nullptr);
}
