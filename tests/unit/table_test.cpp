// SPDX-License-Identifier: Apache-2.0
// Handles and the memory behind them: when a slot comes back, what an old handle reaches, and that nothing is
// lost when there is no more.
#include "plant.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "heap_table.hpp"

namespace {

using namespace lkstats;
using lkstats::slab::Direction;
using lkstats::slab::State;
using lkstats::track::slot_of;
using lkstats::track::tag_of;

constexpr int64_t second = HeapTable::second;
const Identity short_identity(4);
const Identity long_identity(LKSTATS_STRING_MAX);

lkstats_status_t totals_of(HeapTable &heap, lkstats_track_t track) {
    lkstats_traffic_t totals;
    return heap.table.totals(track, totals);
}

// ---- A slot's rest ----

void slots_come_back_in_the_order_in_which_they_were_released(void **) {
    HeapTable heap({8, 3, 100, 7});
    const auto made = heap.fill(short_identity);
    assert_int_equal(made.size(), 8);
    const size_t order[] = {5, 0, 7, 2, 6, 1, 4, 3};
    for (size_t i : order) {
        heap.end(made[i]);
        heap.now_ns += 1;
    }
    heap.let_rest();
    for (size_t i : order)
        assert_int_equal(slot_of(heap.create(short_identity)), slot_of(made[i]));
    assert_int_equal(heap.fill(short_identity).size(), 0);
}

void each_slot_rests_from_its_own_release_on(void **) {
    HeapTable heap({3, 1, 100, 10});
    const auto made = heap.fill(short_identity);
    for (lkstats_track_t track : made) {
        heap.end(track);
        heap.now_ns += 3 * second;
        heap.pass(1);
    }
    heap.pass(4);
    for (lkstats_track_t track : made) { // 9 s after the first one's release
        assert_int_equal(heap.fill(short_identity).size(), 0);
        heap.now_ns += 1 * second;
        assert_int_equal(slot_of(heap.create(short_identity)), slot_of(track));
        heap.now_ns += 2 * second;
    }
}

void neither_passes_nor_seconds_alone_are_a_rest(void **) {
    for (uint32_t before : {0U, 17U, ~0U - 1}) {
        for (uint32_t passes = 0; passes <= 6; ++passes) {
            for (int64_t rest : {INT64_C(0), 10 * second - 1, 10 * second, 3600 * second}) {
                HeapTable heap({1, 1, 10, 10});
                heap.pass(before);
                heap.end(heap.create(short_identity));
                heap.now_ns += rest;
                heap.pass(passes);
                // Three whole ones: the pass in which it was released had begun before.
                const bool rested = passes > 3 && rest >= 10 * second;
                lkstats_track_t track = 0;
                assert_int_equal(heap.create(short_identity, track), rested ? LKSTATS_OK : LKSTATS_EFULL);
            }
        }
    }
}

void a_slot_that_was_never_used_is_taken_rather_than_one_at_rest(void **) {
    HeapTable heap({3, 1, 100, 10});
    const lkstats_track_t first = heap.create(short_identity);
    heap.end(first);
    assert_int_not_equal(slot_of(heap.create(short_identity)), slot_of(first));
    heap.let_rest();
    assert_int_equal(slot_of(heap.create(short_identity)), slot_of(first));
    assert_int_equal(heap.table.high_water(), 2);
}

void a_slot_that_is_not_released_never_comes_back(void **) {
    HeapTable heap({2, 2, 10, 10});
    const auto made = heap.fill(short_identity);
    heap.stop(made[0]);
    for (int i = 0; i < 10; ++i) {
        heap.let_rest();
        assert_int_equal(heap.fill(short_identity).size(), 0);
    }
    assert_int_equal(heap.table.in_use(), 2);
}

// ---- Tags and stale handles ----

void tags_never_repeat_and_are_never_0(void **) {
    HeapTable heap({4, 4, 10, 10}, ~0U - 10);
    std::set<uint32_t> tags;
    for (int round = 0; round < 50; ++round) {
        for (lkstats_track_t track : heap.fill(short_identity)) {
            assert_int_not_equal(tag_of(track), 0);
            assert_true(tags.insert(tag_of(track)).second);
            heap.end(track);
        }
        heap.let_rest();
    }
    assert_int_equal(tags.size(), 200);
}

void assert_stale(HeapTable &heap, lkstats_track_t track) {
    lkstats_traffic_t traffic = {1, 2, 3, 4};
    bool urgent = false;
    assert_false(heap.table.hold(track).has_value());
    assert_int_equal(heap.table.totals(track, traffic), LKSTATS_ESTALE);
    assert_int_equal(heap.table.stop(track, heap.now(), traffic, urgent), LKSTATS_ESTALE);
    assert_false(urgent);
    assert_true(traffic == (lkstats_traffic_t{1, 2, 3, 4}));
}

void a_handle_is_stale_from_its_release_on_and_never_reaches_its_successor(void **) {
    HeapTable heap({1, 1, 10, 10});
    std::vector<lkstats_track_t> old;
    for (int round = 0; round < 20; ++round) {
        const lkstats_track_t track = heap.create(short_identity);
        heap.table.slot(slot_of(track)).add(Direction::send, slab::Counter::increment(100, 1));
        for (lkstats_track_t stale : old)
            assert_stale(heap, stale);
        lkstats_traffic_t totals;
        assert_int_equal(heap.table.totals(track, totals), LKSTATS_OK);
        assert_true(totals == (lkstats_traffic_t{100, 1, 0, 0}));
        assert_true(heap.table.slot(slot_of(track)).id().state == State::live);

        heap.stop(track);
        assert_int_equal(totals_of(heap, track), LKSTATS_OK);
        heap.release(track);
        assert_stale(heap, track);
        old.push_back(track);
        heap.let_rest();
    }
}

void a_handle_with_another_tag_is_refused(void **) {
    HeapTable heap({4, 4, 10, 10}, 1000);
    const lkstats_track_t track = heap.create(short_identity);
    for (unsigned bit = 32; bit < 64; ++bit)
        assert_stale(heap, track ^ uint64_t{1} << bit);
    assert_stale(heap, slot_of(track));                      // tag 0
    assert_stale(heap, (track & ~uint64_t{0xffffffff}) | 3); // its tag, a slot that was never used
    assert_stale(heap, 3);
    auto held = heap.table.hold(track);
    assert_true(held.has_value());
    assert_int_equal(held->index, slot_of(track));
}

// ---- No more memory ----

void a_track_that_finds_no_slot_gives_its_records_back(void **) {
    for (const Identity *identity : {&short_identity, &long_identity}) {
        HeapTable heap({3, 3, 100, 9});
        const auto made = heap.fill(*identity);
        assert_int_equal(made.size(), 3);
        lkstats_track_t track = 77;
        for (int i = 0; i < 500; ++i)
            assert_int_equal(heap.create(*identity, track), LKSTATS_EFULL);
        assert_int_equal(track, 77);
        for (lkstats_track_t each : made)
            heap.end(each);
        heap.expect_no_record_lost();
    }
}

void a_track_that_finds_too_few_records_takes_neither_them_nor_a_slot(void **) {
    const uint32_t each = 1 + track::blocks_for(long_identity.parts.size());
    assert_true(each > 3);
    for (uint32_t left = 0; left < each; ++left) {
        HeapTable heap({100, 10, 3 * each + left, 4});
        const auto made = heap.fill(long_identity);
        assert_int_equal(made.size(), 3);
        lkstats_track_t track;
        for (int i = 0; i < 100; ++i)
            assert_int_equal(heap.create(long_identity, track), LKSTATS_EFULL);
        assert_int_equal(heap.table.high_water(), 3);
        assert_int_equal(heap.table.in_use(), 3);
        for (lkstats_track_t one : made)
            heap.end(one);
        heap.expect_no_record_lost();
    }
}

void what_the_backing_says_is_what_create_says(void **) {
    for (lkstats_status_t refusal : {LKSTATS_EFULL, LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ECLOSED}) {
        HeapTable no_slots({0, 1, 10, 10}), no_records({10, 10, 0, 1});
        no_slots.refusal = no_records.refusal = refusal;
        lkstats_track_t track;
        assert_int_equal(no_slots.create(short_identity, track), refusal);
        assert_int_equal(no_records.create(short_identity, track), refusal);
        // And when there is some later on, it is had.
        no_slots.supply.slots = no_records.supply.records = 1;
        no_slots.create(short_identity);
        no_records.create(short_identity);
    }
}

void identities_of_any_length_come_back_and_give_all_their_blocks_back(void **) {
    constexpr uint32_t records = 60;
    HeapTable heap({50, 5, records, 7});
    for (int round = 0; round < 30; ++round) {
        std::vector<lkstats_track_t> made;
        // 30 fills the record, 114 a block more.
        for (size_t length : {0U, 1U, 20U, 30U, 31U, 114U, 115U, 200U, 256U}) {
            const Identity identity(length, static_cast<char>('a' + round % 26));
            const lkstats_track_t track = heap.create(identity);
            made.push_back(track);
            const uint32_t index = heap.newest(track);
            const lkstats_slab_record_t &record = heap.records()[index];
            uint8_t bytes[wire::parts_max];
            assert_int_equal(track::stream_size(record), identity.parts.size());
            track::load(heap.records(), index, identity.parts.size(), bytes);
            assert_true(heap.table.record(index).resolved());
            for (const auto &[part, given] : {std::pair{record.connection, &identity.parts.connection},
                                              std::pair{record.room, &identity.parts.room},
                                              std::pair{record.participant, &identity.parts.participant}}) {
                const wire::Part found = track::part_of(part, bytes);
                assert_int_equal(found.stat_size, given->part().stat_size);
                assert_true(std::ranges::equal(found.bytes, given->part().bytes));
            }
        }
        for (lkstats_track_t track : made)
            heap.end(track);
        heap.let_rest();
    }
    heap.expect_no_record_lost();
}

// ---- A track's life ----

void a_new_track_starts_clean_on_used_memory(void **) {
    HeapTable heap({1, 1, 1, 1});
    for (int round = 0; round < 5; ++round) {
        const lkstats_track_t track = heap.create(short_identity);
        const uint32_t index = slot_of(track);
        assert_int_equal(heap.table.flags(index), 0);
        assert_false(heap.table.slot(index).moved());
        lkstats_traffic_t totals = {1, 1, 1, 1};
        assert_int_equal(heap.table.totals(track, totals), LKSTATS_OK);
        assert_true(totals == lkstats_traffic_t{});
        const slab::Record record = heap.table.record(heap.table.slot(index).link().record);
        assert_int_equal(record.raw().slot, index);
        assert_int_equal(record.raw().tag, tag_of(track));
        assert_int_equal(record.raw().epoch, 1);
        assert_int_equal(record.raw().start.monotonic_ns, heap.now_ns);
        assert_int_equal(record.channel(), LKSTATS_CHANNEL_DATA);
        for (int add = 0; add < 8; ++add)
            heap.table.slot(index).add(slab::directions[add % 2],
                                       slab::Counter::increment((uint64_t{1} << 35) - 1, 1000));
        heap.table.set(index, track::flag::again);
        heap.end(track);
        heap.let_rest();
    }
}

void a_second_stop_is_the_same_stop(void **) {
    HeapTable heap({4, 4, 10, 10});
    const lkstats_track_t track = heap.create(short_identity);
    slab::Slot slot = heap.table.slot(slot_of(track));
    assert_true(slot.add(Direction::send, slab::Counter::increment(1000, 10)));
    assert_true(slot.add(Direction::recv, slab::Counter::increment(7, 1)));
    const lkstats_traffic_t counted = {1000, 10, 7, 1};

    lkstats_traffic_t final = {};
    bool urgent = false;
    const lkstats_time_t stopped = heap.now();
    assert_int_equal(heap.table.stop(track, stopped, final, urgent), LKSTATS_OK);
    assert_true(urgent);
    assert_true(final == counted);
    assert_true(heap.table.is(slot_of(track), track::flag::owed));
    assert_true(heap.table.is(slot_of(track), track::flag::urgent));

    assert_int_equal(heap.table.counts().closed[LKSTATS_CHANNEL_DATA - 1], 1);
    assert_true(heap.table.counts().counted[LKSTATS_CHANNEL_DATA - 1] == counted);

    // As the reporter leaves them when it has dealt with the stop.
    heap.table.clear(slot_of(track), track::flag::owed | track::flag::urgent);
    heap.now_ns += second;
    urgent = false;
    assert_false(slot.add(Direction::send, slab::Counter::increment(5000, 1)));
    assert_int_equal(heap.table.stop(track, heap.now(), final, urgent), LKSTATS_OK);
    assert_false(urgent);
    assert_true(final == counted);
    assert_int_equal(heap.table.flags(slot_of(track)), 0);
    assert_int_equal(heap.table.record(slot.link().record).raw().end.monotonic_ns, stopped.monotonic_ns);

    lkstats_traffic_t totals = {};
    assert_int_equal(heap.table.totals(track, totals), LKSTATS_OK);
    assert_true(totals == counted);
}

void a_released_slot_keeps_its_tag_its_closed_state_and_its_place_in_the_queue(void **) {
    HeapTable heap({4, 4, 10, 10});
    const lkstats_track_t track = heap.create(short_identity);
    const uint32_t index = slot_of(track);
    heap.stop(track);
    heap.table.set(index, track::flag::queued | track::flag::former);
    heap.release(track);
    const slab::Slot slot = heap.table.slot(index);
    assert_int_equal(slot.id().tag, tag_of(track));
    assert_true(slot.id().state == State::closed);
    assert_int_equal(slot.link().record, 0);
    assert_int_equal(heap.table.flags(index), track::flag::queued | track::flag::former);
    assert_int_equal(heap.table.in_use(), 0);
}

void nothing_is_made_once_it_is_refused(void **) {
    HeapTable heap({4, 4, 10, 10});
    const lkstats_track_t track = heap.create(short_identity);
    heap.table.refuse_new();
    lkstats_track_t none = 5;
    assert_int_equal(heap.create(short_identity, none), LKSTATS_ECLOSED);
    assert_int_equal(none, 5);
    assert_int_equal(heap.table.in_use(), 1);
    assert_int_equal(totals_of(heap, track), LKSTATS_OK);
    heap.end(track);
    heap.let_rest();
    assert_int_equal(heap.create(short_identity, none), LKSTATS_ECLOSED);
}

void a_track_that_was_on_its_way_is_there_when_new_ones_are_refused(void **) {
    for (int round = 0; round < 20; ++round) {
        HeapTable heap({4, 4, 10, 10});
        std::atomic<bool> on_its_way = false, about_to_refuse = false;
        heap.before_growth = [&] {
            on_its_way = true;
            while (!about_to_refuse)
                std::this_thread::yield();
            for (int i = 0; i < 200; ++i) // for a refusal that would not wait
                std::this_thread::yield();
        };
        uint32_t seen = 0;
        std::thread closer([&] {
            while (!on_its_way)
                std::this_thread::yield();
            about_to_refuse = true;
            heap.table.refuse_new();
            seen = heap.table.in_use();
        });
        lkstats_track_t track = 0;
        const lkstats_status_t status = heap.create(short_identity, track);
        closer.join();
        assert_int_equal(status, LKSTATS_OK);
        assert_int_equal(seen, 1);
    }
}

} // namespace

int main() {
    plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(slots_come_back_in_the_order_in_which_they_were_released),
        cmocka_unit_test(each_slot_rests_from_its_own_release_on),
        cmocka_unit_test(neither_passes_nor_seconds_alone_are_a_rest),
        cmocka_unit_test(a_slot_that_was_never_used_is_taken_rather_than_one_at_rest),
        cmocka_unit_test(a_slot_that_is_not_released_never_comes_back),
        cmocka_unit_test(tags_never_repeat_and_are_never_0),
        cmocka_unit_test(a_handle_is_stale_from_its_release_on_and_never_reaches_its_successor),
        cmocka_unit_test(a_handle_with_another_tag_is_refused),
        cmocka_unit_test(a_track_that_finds_no_slot_gives_its_records_back),
        cmocka_unit_test(a_track_that_finds_too_few_records_takes_neither_them_nor_a_slot),
        cmocka_unit_test(what_the_backing_says_is_what_create_says),
        cmocka_unit_test(identities_of_any_length_come_back_and_give_all_their_blocks_back),
        cmocka_unit_test(a_new_track_starts_clean_on_used_memory),
        cmocka_unit_test(a_second_stop_is_the_same_stop),
        cmocka_unit_test(a_released_slot_keeps_its_tag_its_closed_state_and_its_place_in_the_queue),
        cmocka_unit_test(nothing_is_made_once_it_is_refused),
        cmocka_unit_test(a_track_that_was_on_its_way_is_there_when_new_ones_are_refused),
    };
    return cmocka_run_group_tests_name("table", tests, nullptr, nullptr);
}
