// SPDX-License-Identifier: Apache-2.0
// A slot's words and its record together: totals are exact at every fold, and what is written down is never
// so far behind that a word could mean two things.
#include "slab/totals.hpp"

#include "plant.hpp"

#include <cstring>
#include <random>
#include <vector>

#include "cmocka.hpp"

namespace {

using namespace lkstats::slab;

constexpr int64_t byte_range = Counter::byte_range;
constexpr int64_t message_range = Counter::message_range;
constexpr uint32_t tag = 0xfedcba98;

// An adder whose carries arrive when the test says so: as a thread that is held up right after its add.
class Cell {
  public:
    explicit Cell(uint64_t &at) : at_(at) {}
    Cell(uint64_t &at, std::vector<std::pair<uint64_t *, uint64_t>> &late) : at_(at), late_(&late) {}

    uint64_t fetch_add(uint64_t more, std::memory_order order) {
        if (late_ == nullptr)
            return std::atomic_ref(at_).fetch_add(more, order);
        late_->emplace_back(&at_, more);
        return 0;
    }

  private:
    uint64_t &at_;
    std::vector<std::pair<uint64_t *, uint64_t>> *late_ = nullptr;
};

lkstats_traffic_t of(Direction d, Tally tally) {
    const auto bytes = static_cast<uint64_t>(tally.bytes), messages = static_cast<uint64_t>(tally.messages);
    return d == Direction::send ? lkstats_traffic_t{bytes, messages, 0, 0}
                                : lkstats_traffic_t{0, 0, bytes, messages};
}

Tally side(const lkstats_traffic_t &traffic, Direction d) {
    return d == Direction::send
               ? Tally{static_cast<int64_t>(traffic.send_bytes), static_cast<int64_t>(traffic.send_messages)}
               : Tally{static_cast<int64_t>(traffic.recv_bytes), static_cast<int64_t>(traffic.recv_messages)};
}

// A live slot, its record, and what was really added.
class Track {
  public:
    lkstats_slab_slot_t line = {};
    lkstats_slab_record_t memory = {};
    Slot slot{line};
    Record record{memory};
    lkstats_traffic_t added = {};
    lkstats_traffic_t counted = {}; // what the folds and the close say has passed

    Track() {
        record.begin(3, tag, 1, LKSTATS_CHANNEL_DATA_TRACK, {10, 20}, {}, 0);
        slot.clear_words();
    }

    bool add(Direction d, uint64_t bytes, uint64_t messages, bool late = false) {
        const auto i = static_cast<size_t>(d);
        Cell word(line.word[i]);
        Cell carry = late ? Cell(line.carry[i], late_) : Cell(line.carry[i]);
        if (!Counter::add(word, carry, Counter::increment(bytes, messages)))
            return false;
        const lkstats_traffic_t more = of(d, {static_cast<int64_t>(bytes), static_cast<int64_t>(messages)});
        added += more;
        since_fold_ += more;
        return true;
    }
    // An add of any size that the bound leaves room for.
    void add_anything(std::mt19937_64 &random, bool late) {
        const Direction d = directions[random() % 2];
        const Tally since = side(since_fold_, d);
        const auto up_to = [&](int64_t half, int64_t used) {
            const auto most = static_cast<uint64_t>(std::min(half - 1, 2 * half - 1 - used));
            return random() % 2 == 0 ? most - random() % (most / 8 + 1) : random() % (most + 1);
        };
        add(d, up_to(byte_range / 2, since.bytes), up_to(message_range / 2, since.messages), late);
    }
    // The same, without regard to the bound.
    void add_beyond(std::mt19937_64 &random, bool late) {
        add(directions[random() % 2], random() % (byte_range / 2), random() % (message_range / 2), late);
    }
    void deliver_carries(size_t most) {
        for (; most > 0 && !late_.empty(); --most) {
            std::atomic_ref(*late_.back().first).fetch_add(late_.back().second);
            late_.pop_back();
        }
    }

    lkstats_traffic_t fold() { return lkstats::slab::fold(slot, record, counted); }
    lkstats_traffic_t close() { return lkstats::slab::close(slot, record, counted); }
    void fold_and_compare() {
        assert_true(fold() == added);
        assert_true(counted == added);
        since_fold_ = {};
        for (Direction d : directions) {
            // The word that the next window begins at is the one that these totals imply.
            assert_int_equal(slot.last(d), Counter::of(side(added, d)));
            const Tally then = side(record.newest(), d), now = side(added, d);
            assert_true(now.bytes >= then.bytes && now.bytes - then.bytes <= byte_range / 4);
            assert_true(now.messages >= then.messages && now.messages - then.messages <= message_range / 4);
        }
    }
    // The words go on, and what they say is what has to be reported of somebody else from here on.
    lkstats_traffic_t next_epoch() {
        const lkstats_traffic_t cut = at_least(fold(), record.reported());
        since_fold_ = {};
        record.write_running(cut, record.running_sequence() + 1);
        assert_true(record.newest() == cut);
        record.begin(3, tag, ++epoch_, LKSTATS_CHANNEL_DATA_TRACK, {10, 20}, cut, 1);
        assert_true(record.newest() == cut);
        return cut;
    }

  private:
    uint32_t epoch_ = 1;
    lkstats_traffic_t since_fold_ = {};
    std::vector<std::pair<uint64_t *, uint64_t>> late_;
};

void every_fold_is_exact_and_what_is_written_down_is_close_behind(void **) {
    std::mt19937_64 random(40);
    Track track;
    for (int step = 0; step < 100'000; ++step) {
        for (auto adds = random() % 4; adds > 0; --adds)
            track.add_anything(random, false);
        track.fold_and_compare();
    }
    assert_true(track.added.send_bytes > uint64_t{1} << 50);
}

void a_carry_that_is_folds_late_costs_nothing(void **) {
    std::mt19937_64 random(41);
    for (int round = 0; round < 50; ++round) {
        Track track;
        for (int step = 0; step < 500; ++step) {
            for (auto adds = random() % 6; adds > 0; --adds)
                track.add_anything(random, random() % 2 == 0);
            if (random() % 8 == 0)
                track.deliver_carries(random() % 5);
            track.fold_and_compare();
        }
        if (round % 2 == 0)
            track.deliver_carries(SIZE_MAX);
        assert_true(track.close() == track.added);
        assert_true(track.counted == track.added);
    }
}

void a_window_that_goes_almost_round_is_written_down(void **) {
    for (Direction d : directions) {
        for (int64_t begin : {int64_t{0}, byte_range / 4 - 1, byte_range / 2, byte_range - 2}) {
            Track bytes;
            bytes.add(d, static_cast<uint64_t>(begin / 2), 0, true);
            bytes.add(d, static_cast<uint64_t>(begin - begin / 2), 0, true);
            bytes.fold_and_compare();
            for (int window = 0; window < 5; ++window) {
                bytes.add(d, byte_range / 2 - 1, 0, true);
                bytes.add(d, byte_range / 2 - 1, 0, true);
                bytes.fold_and_compare();
            }
            Track messages;
            for (int window = 0; window < 5; ++window) {
                messages.add(d, 0, message_range / 2 - 1, true);
                messages.add(d, 0, message_range / 2 - 1, true);
                messages.fold_and_compare();
            }
        }
    }
}

void a_little_traffic_writes_nothing_down(void **) {
    Track track;
    const lkstats_slab_record_t before = track.memory;
    for (int i = 0; i < 1000; ++i) {
        track.add(directions[i % 2], 1500, 1);
        track.fold_and_compare();
    }
    assert_memory_equal(&track.memory, &before, sizeof before);
}

void what_is_written_down_is_what_the_fold_said(void **) {
    std::mt19937_64 random(42);
    Track track;
    uint32_t sequence = 0;
    for (int step = 0; step < 2000; ++step) {
        track.add_anything(random, false);
        const lkstats_slab_record_t before = track.memory;
        track.fold_and_compare();
        if (track.record.running_sequence() == sequence) {
            assert_memory_equal(&track.memory, &before, sizeof before);
            continue;
        }
        assert_int_equal(track.record.running_sequence(), ++sequence);
        assert_true(track.record.newest() == track.added);
        assert_true(whole(track.memory.running[sequence & 1]));
        // The other one is still there for whoever finds this one half written.
        assert_memory_equal(&track.memory.running[~sequence & 1], &before.running[~sequence & 1],
                            sizeof before.running[0]);
    }
    assert_true(sequence > 100);
}

void a_look_at_the_totals_changes_nothing(void **) {
    std::mt19937_64 random(43);
    Track track;
    for (int step = 0; step < 2000; ++step) {
        track.add_anything(random, random() % 2 == 0);
        const lkstats_slab_slot_t line = track.line;
        const lkstats_slab_record_t memory = track.memory;
        assert_true(totals(track.slot, track.record) == track.added);
        assert_memory_equal(&track.line, &line, sizeof line);
        assert_memory_equal(&track.memory, &memory, sizeof memory);
        if (random() % 2 == 0)
            track.fold_and_compare();
    }
}

void a_close_keeps_the_finals_of_both_directions_whatever_still_hits_the_words(void **) {
    std::mt19937_64 random(44);
    for (int round = 0; round < 500; ++round) {
        Track track;
        for (auto folds = random() % 5; folds > 0; --folds) {
            for (auto adds = random() % 4; adds > 0; --adds)
                track.add_anything(random, false);
            track.fold_and_compare();
        }
        for (auto adds = random() % 3; adds > 0; --adds)
            track.add_anything(random, false);
        assert_true(track.close() == track.added);
        assert_true(track.counted == track.added);

        const lkstats_slab_slot_t closed = track.line;
        for (int refused = 0; refused < 10; ++refused) {
            assert_false(track.add(Direction::send, byte_range / 2 - 1, message_range / 2 - 1));
            assert_false(track.add(Direction::recv, 1, 1));
            assert_true(totals(track.slot, track.record) == track.added);
            assert_true(track.fold() == track.added);
            assert_true(track.counted == track.added);
            assert_true(track.record.newest() == track.added);
        }
        assert_true(track.line.word[0] != closed.word[0] && track.line.word[1] != closed.word[1]);
        assert_memory_equal(track.line.carry, closed.carry, sizeof closed.carry);
        assert_memory_equal(track.line.last, closed.last, sizeof closed.last);
    }
}

// Past the bound a fold may be short while a carry is on its way, and the next one makes up for it: what has
// passed is always what the folds say, and what was added once there is nothing on its way.
void what_has_passed_is_counted_once_also_past_the_bound(void **) {
    std::mt19937_64 random(45);
    int taken_back = 0;
    for (int round = 0; round < 200; ++round) {
        Track track;
        lkstats_traffic_t before = {};
        for (int step = 0; step < 200; ++step) {
            for (auto adds = random() % 12; adds > 0; --adds)
                track.add_beyond(random, random() % 3 != 0);
            if (random() % 4 == 0)
                track.deliver_carries(random() % 8);
            const lkstats_traffic_t folded = track.fold();
            assert_true(track.counted == folded);
            taken_back += at_least(folded, before) == folded ? 0 : 1;
            before = folded;
            if (random() % 4 == 0 && !track.record.pending())
                track.record.freeze(at_least(folded, track.record.acknowledged()), 0, {});
            if (random() % 4 == 0)
                track.record.acknowledge(track.record.sequence());
            if (random() % 16 == 0)
                track.next_epoch();
            if (random() % 8 == 0) {
                track.deliver_carries(SIZE_MAX);
                assert_true(track.fold() == track.added);
                assert_true(track.counted == track.added);
            }
        }
        track.deliver_carries(SIZE_MAX);
        assert_true(track.close() == track.added);
        assert_true(track.counted == track.added);
    }
    assert_true(taken_back > 0);
}

void epochs_share_the_words_and_not_a_byte(void **) {
    std::mt19937_64 random(46);
    Track track;
    lkstats_traffic_t cut = {};
    for (int epoch = 1; epoch < 2000; ++epoch) {
        const lkstats_traffic_t before = track.added;
        for (auto adds = random() % 4; adds > 0; --adds) {
            track.add_anything(random, random() % 4 == 0);
            if (random() % 2 == 0)
                track.fold_and_compare();
        }
        const lkstats_traffic_t base = track.record.base();
        assert_true(base == cut);
        cut = track.next_epoch();
        assert_true(cut - base == track.added - before);
        assert_true(track.counted == track.added);
        if (random() % 4 == 0)
            track.deliver_carries(random() % 5);
    }
    assert_true(track.close() == track.added);
}

// Everything that happens to a track, in any order, against the sum of what was added.
class Story {
  public:
    explicit Story(uint64_t seed) : random_(seed) {}

    void step() {
        switch (random_() % 64 == 0 ? 8 : random_() % 8) {
        case 0:
        case 1:
        case 2:
            track_.add_anything(random_, random_() % 4 == 0);
            break;
        case 3:
            track_.deliver_carries(random_() % 3);
            break;
        case 4:
            track_.fold_and_compare();
            break;
        case 5:
            freeze();
            break;
        case 6:
            acknowledge();
            break;
        case 7:
            assert_true(totals(track_.slot, track_.record) == track_.added);
            break;
        case 8:
            frozen_ = acknowledged_ = track_.next_epoch();
            assert_true(frozen_ == track_.added);
            sequence_ = 0;
            break;
        }
        compare();
    }
    void finish() {
        assert_true(track_.close() == track_.added);
        assert_true(track_.counted == track_.added);
        if (track_.record.pending())
            assert_true(track_.record.acknowledge(sequence_));
        track_.record.freeze(track_.added, 0, {0, 0});
        assert_true(totals(track_.slot, track_.record) == track_.added);
        assert_true(track_.record.acknowledge(sequence_ + 1));
        assert_true(totals(track_.slot, track_.record) == track_.added);
    }

  private:
    void freeze() {
        track_.fold_and_compare();
        if (track_.record.pending())
            return;
        ++sequence_;
        frozen_ = track_.added;
        track_.record.freeze(frozen_, 0, {sequence_, -int64_t{sequence_}});
    }
    void acknowledge() {
        const bool due = track_.record.pending();
        assert_false(track_.record.acknowledge(sequence_ + 1));
        assert_false(track_.record.acknowledge(sequence_ - 1));
        assert_int_equal(track_.record.acknowledge(sequence_), due);
        assert_false(track_.record.acknowledge(sequence_));
        acknowledged_ = frozen_;
    }
    void compare() {
        Record &record = track_.record;
        assert_int_equal(record.sequence(), sequence_);
        assert_true(record.acknowledged() == acknowledged_);
        assert_int_equal(record.channel(), LKSTATS_CHANNEL_DATA_TRACK);
        assert_int_equal(record.acknowledged_sequence(), sequence_ - (record.pending() ? 1 : 0));
        if (record.pending()) {
            assert_true(record.snapshot().traffic == frozen_);
            assert_int_equal(record.snapshot().sequence, sequence_);
            assert_true(whole(record.snapshot()));
        }
    }

    std::mt19937_64 random_;
    Track track_;
    uint32_t sequence_ = 0;
    lkstats_traffic_t frozen_ = {}, acknowledged_ = {};
};

void snapshots_and_folds_in_any_order_agree_with_what_was_added(void **) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        Story story(seed);
        for (int step = 0; step < 5000; ++step)
            story.step();
        story.finish();
    }
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_fold_is_exact_and_what_is_written_down_is_close_behind),
        cmocka_unit_test(a_carry_that_is_folds_late_costs_nothing),
        cmocka_unit_test(a_window_that_goes_almost_round_is_written_down),
        cmocka_unit_test(a_little_traffic_writes_nothing_down),
        cmocka_unit_test(what_is_written_down_is_what_the_fold_said),
        cmocka_unit_test(a_look_at_the_totals_changes_nothing),
        cmocka_unit_test(a_close_keeps_the_finals_of_both_directions_whatever_still_hits_the_words),
        cmocka_unit_test(what_has_passed_is_counted_once_also_past_the_bound),
        cmocka_unit_test(epochs_share_the_words_and_not_a_byte),
        cmocka_unit_test(snapshots_and_folds_in_any_order_agree_with_what_was_added),
    };
    return cmocka_run_group_tests_name("totals", tests, nullptr, nullptr);
}
