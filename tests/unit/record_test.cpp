// SPDX-License-Identifier: Apache-2.0
// An epoch record: two snapshots of which one is acknowledged and safe, a control word that says which, and
// checksums by which whoever finds the memory later tells what is whole.
#include "slab/record.hpp"

#include "plant.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "cmocka.hpp"

namespace {

using namespace lkstats::slab;

constexpr int32_t channel = LKSTATS_CHANNEL_DATA_TRACK;

lkstats_traffic_t any_traffic(std::mt19937_64 &random) { return {random(), random(), random(), random()}; }
lkstats_time_t any_time(std::mt19937_64 &random) {
    return {static_cast<int64_t>(random()), static_cast<int64_t>(random())};
}

// A record's memory is never blank: something was in it before.
struct Memory {
    lkstats_slab_record_t raw;
    Record record{raw};

    Memory() {
        std::memset(&raw, 0xa5, sizeof raw);
        record.begin(7, 8, 1, channel, {1, 2}, {}, 0);
    }
    const lkstats_slab_snapshot_t &acknowledged_snapshot() const {
        return raw.snapshot[raw.control & LKSTATS_SLAB_ACKNOWLEDGED];
    }
    void set_sequence(uint32_t sequence) {
        raw.control = uint64_t{sequence} << LKSTATS_SLAB_SEQUENCE_SHIFT | static_cast<uint32_t>(raw.control);
    }
};

bool equal(const lkstats_time_t &a, const lkstats_time_t &b) {
    return a.monotonic_ns == b.monotonic_ns && a.wall_ns == b.wall_ns;
}

void an_epoch_begins_with_nothing_pending_and_its_base_acknowledged(void **) {
    Memory memory;
    const Record &record = memory.record;
    assert_int_equal(memory.raw.slot, 7);
    assert_int_equal(memory.raw.tag, 8);
    assert_int_equal(memory.raw.epoch, 1);
    assert_int_equal(memory.raw.previous, 0);
    assert_true(record.first());
    assert_false(record.pending());
    assert_int_equal(record.channel(), channel);
    assert_int_equal(record.sequence(), 0);
    assert_int_equal(record.acknowledged_sequence(), 0);
    assert_int_equal(record.running_sequence(), 0);
    assert_true(record.newest() == lkstats_traffic_t{});
    assert_true(record.acknowledged() == lkstats_traffic_t{});
    assert_true(equal(record.acknowledged_at(), {1, 2}));
    assert_false(whole(memory.raw.snapshot[0]));
    assert_false(whole(memory.raw.snapshot[1]));
    assert_false(whole(memory.raw.running[0]));
    assert_false(whole(memory.raw.running[1]));
}

void a_later_epoch_begins_where_the_one_before_it_ended(void **) {
    Memory memory;
    const lkstats_traffic_t base = {5, 6, 7, 8};
    memory.record.begin(7, 8, 2, channel, {3, 4}, base, 31);
    assert_int_equal(memory.raw.epoch, 2);
    assert_int_equal(memory.raw.previous, 31);
    assert_true(memory.record.base() == base);
    assert_true(memory.record.newest() == base);
    assert_true(memory.record.acknowledged() == base);
    assert_true(memory.record.reported() == base);
    assert_false(memory.record.knows(LKSTATS_SLAB_ROOM_KNOWN));
    assert_false(memory.record.knows(LKSTATS_SLAB_PARTICIPANT_KNOWN));
    assert_false(memory.record.unattributed());
    memory.record.forget_previous();
    assert_int_equal(memory.raw.previous, 0);
}

void a_freeze_leaves_what_is_acknowledged_as_it_is(void **) {
    std::mt19937_64 random(50);
    Memory memory;
    Record &record = memory.record;
    for (uint32_t sequence = 1; sequence < 1000; ++sequence) {
        const lkstats_slab_snapshot_t kept = memory.acknowledged_snapshot();
        const lkstats_traffic_t acknowledged = record.acknowledged(), next = any_traffic(random);
        const lkstats_time_t since = record.acknowledged_at(), now = any_time(random);
        const uint32_t flags = sequence % 4, flags_before = record.acknowledged_flags();
        record.freeze(next, flags, now);
        assert_memory_equal(&memory.acknowledged_snapshot(), &kept, sizeof kept);
        assert_true(record.acknowledged() == acknowledged);
        assert_true(equal(record.acknowledged_at(), since));
        assert_int_equal(record.acknowledged_flags(), flags_before);
        assert_true(record.pending());
        assert_true(record.newest() == next);
        assert_true(record.reported() == next);
        assert_true(record.snapshot().traffic == next);
        assert_int_equal(record.snapshot().flags, flags);
        assert_true(equal(record.snapshot().at, now));
        assert_int_equal(record.snapshot().sequence, sequence);
        assert_int_equal(record.sequence(), sequence);
        assert_int_equal(record.acknowledged_sequence(), sequence - 1);

        assert_true(record.acknowledge(sequence));
        assert_true(record.acknowledged() == next);
        assert_true(record.reported() == next);
        assert_true(equal(record.acknowledged_at(), now));
        assert_int_equal(record.acknowledged_flags(), flags);
        assert_int_equal(record.acknowledged_sequence(), sequence);
    }
}

void only_the_pending_sequence_is_acknowledged_and_only_once(void **) {
    std::mt19937_64 random(51);
    Memory memory;
    Record &record = memory.record;
    assert_false(record.acknowledge(0));
    assert_false(record.acknowledge(1));
    for (uint32_t sequence = 1; sequence < 100; ++sequence) {
        record.freeze(any_traffic(random), 0, any_time(random));
        const lkstats_slab_record_t before = memory.raw;
        for (uint32_t wrong : {sequence - 1, sequence + 1, sequence ^ 0x80000000U, 0U, ~0U})
            assert_false(record.acknowledge(wrong));
        assert_memory_equal(&memory.raw, &before, sizeof before);
        assert_true(record.acknowledge(sequence));
        const lkstats_slab_record_t after = memory.raw;
        assert_false(record.acknowledge(sequence));
        assert_memory_equal(&memory.raw, &after, sizeof after);
        assert_false(record.first());
    }
}

void sequences_go_on_past_the_end_of_their_range(void **) {
    std::mt19937_64 random(52);
    Memory memory;
    Record &record = memory.record;
    memory.set_sequence(~0U - 2);
    for (uint32_t expected : {~0U - 1, ~0U, 0U, 1U, 2U}) {
        record.freeze(any_traffic(random), 0, any_time(random));
        assert_int_equal(record.sequence(), expected);
        assert_int_equal(record.snapshot().sequence, expected);
        assert_int_equal(record.acknowledged_sequence(), expected - 1);
        assert_int_equal(record.channel(), channel);
        assert_false(record.acknowledge(expected - 1));
        assert_true(record.acknowledge(expected));
        assert_int_equal(record.acknowledged_sequence(), expected);
    }
}

void running_totals_count_until_a_newer_snapshot(void **) {
    Memory memory;
    Record &record = memory.record;
    record.freeze({10, 1, 10, 1}, 0, {});
    record.write_running({20, 2, 20, 2}, 1);
    assert_true(record.newest() == (lkstats_traffic_t{20, 2, 20, 2}));
    // Also over the acknowledgement of the older snapshot.
    assert_true(record.acknowledge(1));
    assert_true(record.newest() == (lkstats_traffic_t{20, 2, 20, 2}));
    assert_true(record.acknowledged() == (lkstats_traffic_t{10, 1, 10, 1}));
    record.freeze({30, 3, 30, 3}, 0, {});
    assert_true(record.newest() == (lkstats_traffic_t{30, 3, 30, 3}));
    assert_true(record.acknowledge(2));
    assert_true(record.newest() == (lkstats_traffic_t{30, 3, 30, 3}));
}

void running_totals_are_written_in_turn_also_past_the_end_of_their_sequence(void **) {
    std::mt19937_64 random(53);
    Memory memory;
    Record &record = memory.record;
    memory.raw.running[0].sequence = ~0U - 3; // even
    memory.raw.running[1].sequence = ~0U - 4;
    for (int i = 0; i < 10; ++i) {
        const uint32_t sequence = record.running_sequence() + 1;
        const lkstats_slab_totals_t other = memory.raw.running[~sequence & 1];
        lkstats_traffic_t traffic = any_traffic(random);
        record.write_running(traffic, sequence);
        traffic = any_traffic(random);
        record.write_running(traffic, sequence); // the first did not come to count
        assert_int_equal(record.running_sequence(), sequence);
        assert_true(record.newest() == traffic);
        assert_true(whole(memory.raw.running[sequence & 1]));
        assert_memory_equal(&memory.raw.running[~sequence & 1], &other, sizeof other);
    }
    assert_int_equal(record.running_sequence(), 6);
}

void the_other_bits_of_the_control_word_stay(void **) {
    std::mt19937_64 random(54);
    constexpr uint64_t others = LKSTATS_SLAB_ROOM_KNOWN | LKSTATS_SLAB_PARTICIPANT_KNOWN |
                                LKSTATS_SLAB_UNATTRIBUTED | uint64_t{0xff} << LKSTATS_SLAB_CHANNEL_SHIFT;
    Memory memory;
    Record &record = memory.record;
    for (uint32_t sequence = 1; sequence < 500; ++sequence) {
        const uint64_t kept = random() & others;
        memory.raw.control = (memory.raw.control & ~others) | kept;
        if (random() % 2 == 0)
            record.write_running(any_traffic(random), record.running_sequence() + 1);
        assert_int_equal(memory.raw.control & others, kept);
        record.freeze(any_traffic(random), 0, any_time(random));
        assert_int_equal(memory.raw.control & others, kept);
        assert_true(record.acknowledge(sequence));
        assert_int_equal(memory.raw.control & others, kept);
    }
}

// ---- Signal connections ----

constexpr uint64_t each_part[] = {LKSTATS_SLAB_ROOM_KNOWN, LKSTATS_SLAB_PARTICIPANT_KNOWN};

void a_part_is_known_until_it_is_forgotten_and_nothing_else_changes(void **) {
    std::mt19937_64 random(57);
    for (const uint64_t first : each_part) {
        Memory memory;
        Record &record = memory.record;
        record.freeze(any_traffic(random), LKSTATS_SLAB_JOINED, any_time(random));
        record.write_running(any_traffic(random), 1);
        lkstats_slab_record_t before = memory.raw;
        const uint64_t second = first ^ Record::identity_bits;
        record.know(first);
        assert_true(record.knows(first));
        assert_false(record.knows(second) || record.knows(first | second) || record.resolved());
        record.know(second);
        assert_true(record.knows(first) && record.knows(second) && record.resolved());
        assert_int_equal(memory.raw.control, before.control | Record::identity_bits);
        record.forget_identity();
        assert_false(record.knows(first) || record.knows(second) || record.resolved());
        before.control += uint64_t{1} << LKSTATS_SLAB_FORGOTTEN_SHIFT;
        assert_memory_equal(&memory.raw, &before, sizeof before);
    }
}

// It has sixteen bits, and the sequence is next to it.
void the_count_of_forgettings_goes_round(void **) {
    Memory memory;
    Record &record = memory.record;
    record.freeze({1, 1, 1, 1}, LKSTATS_SLAB_JOINED, {});
    const uint64_t before = memory.raw.control;
    for (uint64_t i = 1; i <= 65536; ++i) {
        record.forget_identity();
        assert_int_equal(memory.raw.control, before + ((i & 0xffff) << LKSTATS_SLAB_FORGOTTEN_SHIFT));
    }
}

void unattributed_is_said_once_and_stays(void **) {
    std::mt19937_64 random(58);
    Memory memory;
    Record &record = memory.record;
    record.know(LKSTATS_SLAB_ROOM_KNOWN);
    assert_false(record.unattributed());
    const uint64_t before = memory.raw.control;
    record.set_unattributed();
    assert_int_equal(memory.raw.control, before | LKSTATS_SLAB_UNATTRIBUTED);
    for (uint32_t sequence = 1; sequence < 4; ++sequence) {
        record.freeze(any_traffic(random), 0, any_time(random));
        assert_true(record.unattributed() && record.knows(LKSTATS_SLAB_ROOM_KNOWN));
        assert_true(record.acknowledge(sequence));
        assert_true(record.unattributed() && record.knows(LKSTATS_SLAB_ROOM_KNOWN));
    }
}

void a_joined_is_no_window_so_the_first_one_begins_with_the_epoch(void **) {
    const lkstats_traffic_t base = {100, 10, 200, 20};
    for (const uint32_t epoch : {1U, 2U}) {
        Memory memory;
        Record &record = memory.record;
        record.begin(7, 8, epoch, LKSTATS_CHANNEL_SIGNAL, {3, 4}, epoch == 1 ? lkstats_traffic_t{} : base, 0);
        assert_true(record.signal());
        const lkstats_traffic_t begin = record.base();
        assert_true(equal(record.window_start(), {3, 4}));
        record.freeze(begin, LKSTATS_SLAB_JOINED, {5, 6});
        assert_true(equal(record.window_start(), {3, 4}));
        assert_true(record.acknowledge(1));
        assert_true(equal(record.acknowledged_at(), {5, 6}));
        assert_true(equal(record.window_start(), {3, 4}));
        assert_true(record.acknowledged() == begin);

        record.freeze({1000, 100, 2000, 200}, 0, {7, 8});
        assert_true(equal(record.window_start(), {3, 4}));
        assert_true(record.acknowledge(2));
        assert_true(equal(record.window_start(), {7, 8}));
        record.freeze({1000, 100, 2000, 200}, LKSTATS_SLAB_LEFT, {9, 10});
        assert_true(equal(record.window_start(), {7, 8}));
        assert_true(record.acknowledge(3));
        assert_true(equal(record.window_start(), {9, 10}));
    }
}

// It has the base's totals, which are older than any.
void a_joined_hides_no_running_totals(void **) {
    const lkstats_traffic_t base = {100, 10, 200, 20}, cut = {5000, 50, 6000, 60};
    Memory memory;
    Record &record = memory.record;
    record.begin(7, 8, 2, LKSTATS_CHANNEL_SIGNAL, {3, 4}, base, 0);
    record.write_running(cut, 1);
    record.freeze(base, LKSTATS_SLAB_JOINED, {5, 6});
    assert_true(record.reported() == base);
    assert_true(record.newest() == cut);
    assert_true(record.acknowledge(1));
    assert_true(record.acknowledged() == base);
    assert_true(record.newest() == cut);
    record.freeze(cut, LKSTATS_SLAB_LEFT, {7, 8});
    assert_true(record.reported() == cut);
    assert_true(record.newest() == cut);
}

// ---- What is found after a kill ----

// Calls change(bytes, size) with a copy of what is whole; afterwards it must not be.
template <class T, class Change> void assert_noticed(const T &valid, Change change) {
    T found = valid;
    change(reinterpret_cast<unsigned char *>(&found), offsetof(T, checksum));
    assert_false(whole(found));
}

template <class T> void assert_each_bit_matters(const T &valid) {
    assert_true(whole(valid));
    for (size_t bit = 0; bit < 8 * offsetof(T, checksum); ++bit)
        assert_noticed(valid, [&](unsigned char *bytes, size_t) {
            bytes[bit / 8] = static_cast<unsigned char>(bytes[bit / 8] ^ 1U << bit % 8);
        });
}

// Each store that a kill may have been the last before, of a snapshot that was another one.
template <class T> void assert_each_tear_shows(const T &older, const T &newer) {
    for (size_t written = 4; written < offsetof(T, checksum); written += 4)
        assert_noticed(older, [&](unsigned char *bytes, size_t) { std::memcpy(bytes, &newer, written); });
    assert_noticed(older, [&](unsigned char *bytes, size_t size) { std::memcpy(bytes, &newer, size); });
}

void a_change_of_any_bit_shows(void **) {
    std::mt19937_64 random(55);
    Memory memory;
    for (uint32_t sequence = 1; sequence <= 50; ++sequence) {
        const bool little = sequence % 2 == 0;
        const lkstats_traffic_t traffic = little ? lkstats_traffic_t{sequence, 1, 0, 0} : any_traffic(random);
        memory.record.write_running(traffic, sequence);
        assert_each_bit_matters(memory.raw.running[sequence & 1]);
        memory.record.freeze(traffic, sequence % 3,
                             little ? lkstats_time_t{sequence, sequence} : any_time(random));
        assert_each_bit_matters(memory.record.snapshot());
        assert_true(memory.record.acknowledge(sequence));
    }
}

void a_write_that_was_cut_short_shows(void **) {
    std::mt19937_64 random(56);
    Memory memory;
    lkstats_slab_snapshot_t older = {};
    lkstats_slab_totals_t older_totals = {};
    for (uint32_t sequence = 1; sequence <= 200; ++sequence) {
        // As little as a window may have: what changes least is found hardest.
        const auto n = uint64_t{sequence};
        const lkstats_traffic_t traffic =
            sequence % 2 == 0 ? lkstats_traffic_t{n * 100, n, n * 100, n} : any_traffic(random);
        memory.record.write_running(traffic, sequence);
        assert_each_tear_shows(older_totals, memory.raw.running[sequence & 1]);
        older_totals = memory.raw.running[sequence & 1];
        memory.record.freeze(traffic, sequence % 3, {1000 * int64_t{sequence}, 7});
        assert_each_tear_shows(older, memory.record.snapshot());
        older = memory.record.snapshot();
        assert_true(memory.record.acknowledge(sequence));
    }
}

void figures_that_changed_places_show(void **) {
    Memory memory;
    memory.record.freeze({1000, 10, 2000, 20}, 0, {3000, 4000});
    for (size_t a = 0; a < 4; ++a)
        for (size_t b = a + 1; b < 4; ++b)
            assert_noticed(memory.record.snapshot(), [&](unsigned char *bytes, size_t) {
                std::swap_ranges(bytes + 8 * a, bytes + 8 * a + 8, bytes + 8 * b);
            });
}

void memory_that_was_never_written_is_not_whole(void **) {
    const lkstats_slab_snapshot_t snapshot = {};
    const lkstats_slab_totals_t running = {};
    assert_false(whole(snapshot));
    assert_false(whole(running));
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_begins_with_nothing_pending_and_its_base_acknowledged),
        cmocka_unit_test(a_later_epoch_begins_where_the_one_before_it_ended),
        cmocka_unit_test(a_freeze_leaves_what_is_acknowledged_as_it_is),
        cmocka_unit_test(only_the_pending_sequence_is_acknowledged_and_only_once),
        cmocka_unit_test(sequences_go_on_past_the_end_of_their_range),
        cmocka_unit_test(running_totals_count_until_a_newer_snapshot),
        cmocka_unit_test(running_totals_are_written_in_turn_also_past_the_end_of_their_sequence),
        cmocka_unit_test(the_other_bits_of_the_control_word_stay),
        cmocka_unit_test(a_part_is_known_until_it_is_forgotten_and_nothing_else_changes),
        cmocka_unit_test(the_count_of_forgettings_goes_round),
        cmocka_unit_test(unattributed_is_said_once_and_stays),
        cmocka_unit_test(a_joined_is_no_window_so_the_first_one_begins_with_the_epoch),
        cmocka_unit_test(a_joined_hides_no_running_totals),
        cmocka_unit_test(a_change_of_any_bit_shows),
        cmocka_unit_test(a_write_that_was_cut_short_shows),
        cmocka_unit_test(figures_that_changed_places_show),
        cmocka_unit_test(memory_that_was_never_written_is_not_whole),
    };
    return cmocka_run_group_tests_name("record", tests, nullptr, nullptr);
}
