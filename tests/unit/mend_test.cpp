// SPDX-License-Identifier: Apache-2.0
// A kill may fall between any two stores on a slot and its record. Whoever finds the two mends them, and then they say
// what was added, no more and no less.
#include "slab/totals.hpp"

#include "plant.hpp"

#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "cmocka.hpp"

namespace {

using namespace lkstats::slab;

constexpr uint32_t tag = 0xfedcba98, index = 3;
// What adds at the steps of a call have together at most.
constexpr uint64_t at_steps = 1 << 20;

// A word or a carry; NULL: the adder was killed before it posted that one.
struct Cell {
    uint64_t *at;
    uint64_t fetch_add(uint64_t more, std::memory_order order) {
        return at == nullptr ? 0 : std::atomic_ref(*at).fetch_add(more, order);
    }
};

// A slot and its record, as they are in memory; and what every add was told.
struct Memory {
    lkstats_slab_slot_t line = {};
    lkstats_slab_record_t record = {};
    lkstats_traffic_t added = {};

    bool add(Direction d, uint64_t bytes, uint64_t messages, bool posted = true) {
        const auto i = static_cast<size_t>(d);
        Cell word{&line.word[i]}, carry{posted ? &line.carry[i] : nullptr};
        const bool counted = Counter::add(word, carry, Counter::increment(bytes, messages));
        if (counted)
            added += d == Direction::send ? lkstats_traffic_t{bytes, messages, 0, 0}
                                          : lkstats_traffic_t{0, 0, bytes, messages};
        return counted;
    }
};

// What recovery does with a copy: mends, stops, and has the final totals. Nobody adds there any more.
void expect_recoverable(Memory found) {
    const auto at_step = std::exchange(lkstats::at_step, nullptr);
    Slot slot(found.line);
    Record record(found.record);
    mend(slot, record);
    assert_true(totals(slot, record) == found.added);
    lkstats_traffic_t counted = {};
    assert_true(close(slot, record, counted) == found.added);
    assert_false(found.add(Direction::send, 100, 1));
    assert_true(totals(slot, record) == found.added);
    lkstats::at_step = at_step;
}

class Track {
  public:
    explicit Track(uint64_t seed) : random_(seed) {
        current_ = this;
        record.begin(index, tag, 1, LKSTATS_CHANNEL_DATA, {10, 20}, {}, 0);
        slot.publish({tag, State::live}, index);
        lkstats::at_step = [] { current_->step(); };
    }
    ~Track() { lkstats::at_step = nullptr; }

    // Whatever the bound leaves room for until the next fold. But for one thing: a last that is almost a whole range of
    // both fields behind looks like one that is ahead.
    void add_anything() {
        for (Direction d : directions) {
            const bool small_messages = random_() % 2 == 0;
            constexpr uint64_t bytes_most = Counter::byte_range - 1 - at_steps;
            constexpr uint64_t messages_most = Counter::message_range - 1 - at_steps;
            uint64_t bytes = small_messages ? bytes_most : bytes_most / 4 * 3;
            uint64_t messages = small_messages ? messages_most / 4 * 3 : messages_most;
            for (auto adds = random_() % 4; adds > 0; --adds) {
                const uint64_t b = some_of(bytes, Counter::byte_range / 2 - 1);
                const uint64_t m = some_of(messages, Counter::message_range / 2 - 1);
                memory.add(d, b, m, random_() % 2 == 0);
            }
        }
    }
    lkstats_traffic_t fold() {
        lkstats_traffic_t counted = {};
        const lkstats_traffic_t now = lkstats::slab::fold(slot, record, counted);
        note();
        return now;
    }
    void freeze() {
        record.freeze(fold(), 0, {++clock_, 0});
        note();
    }
    void stop() {
        slot.publish({tag, State::stopping}, index);
        note();
        lkstats_traffic_t counted = {};
        assert_true(close(slot, record, counted) == memory.added);
        note();
        slot.publish({tag, State::closed}, index);
        assert_false(memory.add(Direction::recv, 5, 5));
    }

    // Now, and at each step from here on: the kill falls there.
    void note() { kills_.push_back(memory); }
    void expect_recoverable_kills(size_t least) {
        assert_true(kills_.size() >= least);
        for (const Memory &each : kills_)
            expect_recoverable(each);
        kills_.clear();
    }

    Memory memory;
    Slot slot{memory.line};
    Record record{memory.record};

  private:
    void step() {
        note();
        memory.add(directions[random_() % 2], random_() % (at_steps / 16), random_() % 3);
        note();
    }
    uint64_t some_of(uint64_t &room, uint64_t most) {
        uint64_t some = std::min(room, most);
        some = random_() % 2 == 0 ? some - random_() % (some / 64 + 1) : random_() % (some + 1);
        room -= some;
        return some;
    }

    static Track *current_;
    std::mt19937_64 random_;
    std::vector<Memory> kills_;
    int64_t clock_ = 100;
};
Track *Track::current_ = nullptr;

void a_kill_in_a_fold_costs_nothing(void **) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        Track track(seed);
        for (int i = 0; i < 20; ++i) {
            track.add_anything();
            track.note();
            track.fold();
        }
        track.expect_recoverable_kills(100);
    }
}

void a_kill_in_a_freeze_costs_nothing(void **) {
    for (uint64_t seed = 0; seed < 200; ++seed) {
        Track track(seed);
        for (uint32_t i = 1; i < 15; ++i) {
            track.add_anything();
            track.freeze();
            track.add_anything();
            track.fold();
            assert_true(track.record.acknowledge(i));
            track.note();
        }
        track.expect_recoverable_kills(100);
    }
}

// From one direction's closed bit on, refused adds move its word; the other's may count still.
void a_kill_in_a_stop_costs_nothing(void **) {
    for (uint64_t seed = 0; seed < 2000; ++seed) {
        Track track(seed);
        for (uint64_t folds = seed % 4; folds > 0; --folds) {
            track.add_anything();
            track.fold();
        }
        track.add_anything();
        track.stop();
        track.expect_recoverable_kills(10);
    }
}

// Whatever part of them is there: each byte may be the new one or still the old one.
void totals_that_are_half_written_say_nothing(void **) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        Track track(static_cast<uint64_t>(round));
        track.add_anything();
        track.fold();
        track.record.write_running(track.memory.added, 1);
        Memory before = track.memory;
        before.add(Direction::send, random() % 1'000'000, 1);
        Memory after = before;
        Record(after.record).write_running(after.added, 2);
        auto *const old = reinterpret_cast<unsigned char *>(&before.record.running[0]);
        const auto *const fresh = reinterpret_cast<const unsigned char *>(&after.record.running[0]);
        constexpr size_t size = sizeof before.record.running[0];
        for (size_t i = 0; i < size; ++i) {
            Memory found = before;
            auto *const torn = reinterpret_cast<unsigned char *>(&found.record.running[0]);
            for (size_t at = 0; at < size; ++at)
                torn[at] = random() % 2 == 0 ? old[at] : fresh[at];
            // High halves of what is carried over, which is more than there ever was.
            torn[i % 32] = 0x7f;
            expect_recoverable(found);
        }
    }
}

// A last that is older than the newest totals is forgotten, wherever a kill left it.
void a_last_from_before_the_totals_is_forgotten(void **) {
    for (uint64_t seed = 0; seed < 500; ++seed) {
        Track track(seed);
        for (int i = 0; i < 3; ++i) {
            track.add_anything();
            Memory found = track.memory;
            Record(found.record).write_running(found.added, Record(found.record).running_sequence() + 1);
            expect_recoverable(found);
            track.fold();
        }
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_in_a_fold_costs_nothing),
        cmocka_unit_test(a_kill_in_a_freeze_costs_nothing),
        cmocka_unit_test(a_kill_in_a_stop_costs_nothing),
        cmocka_unit_test(totals_that_are_half_written_say_nothing),
        cmocka_unit_test(a_last_from_before_the_totals_is_forgotten),
    };
    return cmocka_run_group_tests_name("mend", tests, nullptr, nullptr);
}
