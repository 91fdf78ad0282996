// SPDX-License-Identifier: Apache-2.0
// What only signal connections do in the table: learn whose they are, forget it, and go on as somebody else's,
// with one epoch record more until the old one is reported.
#include "plant.hpp"
#include "report/reporter.hpp"

#include <cstring>
#include <vector>

#include "heap_table.hpp"

namespace {

using namespace lkstats;
using lkstats::slab::Direction;
using lkstats::slab::State;
using lkstats::track::slot_of;
using lkstats::track::tag_of;

constexpr uint64_t room = LKSTATS_SLAB_ROOM_KNOWN, participant = LKSTATS_SLAB_PARTICIPANT_KNOWN;
constexpr uint64_t both[] = {room, participant};
const Somebody alice(4, 'a'), bob(5, 'b');
const Somebody lengthy(LKSTATS_STRING_MAX, 'l');

// A reporter needs a clock and nobody to tell.
class Nobody final : public report::Ports {
  public:
    explicit Nobody(HeapTable &heap) : heap_(heap) {}
    lkstats_time_t now() override { return heap_.now(); }
    void wake() override {}
    void set_readable(bool) override {}
    bool threaded() const override { return false; }
    bool call(const std::shared_ptr<report::Batch> &, bool &) override { return false; }

  private:
    HeapTable &heap_;
};

slab::Record newest(HeapTable &heap, lkstats_signal_t signal) {
    return heap.table.record(heap.newest(signal));
}

// ---- Resolution ----

void a_signal_connection_counts_before_anybody_knows_whose_it_is(void **) {
    HeapTable heap({2, 2, 10, 10});
    const lkstats_signal_t signal = heap.create(alice);
    assert_true(heap.table.slot(slot_of(signal)).id().state == State::live);
    assert_true(heap.add(signal, Direction::recv, 100, 1));
    const slab::Record record = newest(heap, signal);
    assert_true(record.signal());
    assert_false(record.knows(room) || record.knows(participant));
    assert_int_equal(record.raw().epoch, 1);
    assert_int_equal(record.raw().previous, 0);
    assert_int_equal(heap.oldest(signal), heap.newest(signal));
    lkstats_traffic_t totals;
    assert_int_equal(heap.table.totals(signal, totals), LKSTATS_OK);
    assert_true(totals == (lkstats_traffic_t{0, 0, 100, 1}));
    assert_int_equal(heap.table.counts().live[LKSTATS_CHANNEL_SIGNAL - 1], 1);
}

void the_first_resolution_counts(void **) {
    for (const uint64_t first : both) {
        HeapTable heap({2, 2, 10, 10});
        const lkstats_signal_t signal = heap.create(alice);
        const uint64_t second = first ^ room ^ participant;
        bool urgent = true;
        assert_int_equal(heap.resolve(signal, first, alice, &urgent), LKSTATS_OK);
        assert_false(urgent); // nothing can be said yet
        assert_true(newest(heap, signal).knows(first) && !newest(heap, signal).knows(second));
        {
            const Sight before(heap);
            assert_int_equal(heap.resolve(signal, first, bob, &urgent), LKSTATS_ERESOLVED);
            assert_int_equal(heap.resolve(signal, first, lengthy, &urgent), LKSTATS_ERESOLVED);
            before.expect_unchanged();
            assert_false(urgent);
        }
        assert_int_equal(heap.resolve(signal, second, alice, &urgent), LKSTATS_OK);
        assert_true(urgent);
        assert_true(newest(heap, signal).resolved());
        assert_true(heap.table.is(slot_of(signal), track::flag::urgent));
        const Sight before(heap);
        for (const uint64_t bit : both)
            assert_int_equal(heap.resolve(signal, bit, bob, &urgent), LKSTATS_ERESOLVED);
        before.expect_unchanged();
    }
}

void a_data_track_is_neither_resolved_nor_reset(void **) {
    HeapTable heap({2, 2, 10, 10});
    const Identity identity(4);
    const lkstats_track_t track = heap.create(identity);
    const Sight before(heap);
    bool urgent = false;
    assert_int_equal(heap.reset(track, &urgent), LKSTATS_EINVAL);
    for (const uint64_t bit : both)
        assert_int_equal(heap.resolve(track, bit, alice, &urgent), LKSTATS_EINVAL);
    assert_false(urgent);
    before.expect_unchanged();
}

void a_stale_handle_resolves_and_resets_nobody_elses(void **) {
    HeapTable heap({1, 1, 10, 10});
    const lkstats_signal_t gone = heap.create(alice);
    heap.end(gone);
    heap.let_rest();
    const lkstats_signal_t signal = heap.create(bob);
    assert_int_equal(slot_of(gone), slot_of(signal));
    heap.resolve(signal, bob);
    const Sight before(heap);
    for (const lkstats_signal_t stale : {gone, signal ^ uint64_t{1} << 40, lkstats_signal_t{0}}) {
        assert_int_equal(heap.reset(stale), LKSTATS_ESTALE);
        for (const uint64_t bit : both)
            assert_int_equal(heap.resolve(stale, bit, alice), LKSTATS_ESTALE);
    }
    before.expect_unchanged();
}

// For whoever reads the identity beside us: that it is known again does not mean that it is the same.
void each_forgetting_is_counted(void **) {
    constexpr uint32_t range = 1 << 16;
    HeapTable heap({1, 1, 10, 10});
    const lkstats_signal_t signal = heap.create(alice);
    const uint64_t control = newest(heap, signal).raw().control;
    const auto count_in = [&] {
        return newest(heap, signal).raw().control >> LKSTATS_SLAB_FORGOTTEN_SHIFT & (range - 1);
    };
    for (uint32_t times = 0; times < range + 3; ++times) {
        assert_int_equal(count_in(), times % range);
        assert_int_equal(heap.resolve(signal, both[times % 2], times % 3 == 0 ? alice : bob), LKSTATS_OK);
        assert_int_equal(count_in(), times % range);
        assert_int_equal(heap.reset(signal), LKSTATS_OK);
    }
    // Nothing else moves, not when it wraps either,
    const slab::Record record = newest(heap, signal);
    assert_int_equal(record.raw().control, control + (uint64_t{3} << LKSTATS_SLAB_FORGOTTEN_SHIFT));
    // and nothing else moves it.
    heap.resolve(signal, alice);
    slab::Record changed = record;
    changed.freeze({}, LKSTATS_SLAB_JOINED, heap.now());
    changed.write_running({1, 1, 0, 0}, 1);
    assert_true(changed.acknowledge(1));
    changed.set_unattributed();
    assert_int_equal(count_in(), 3);
}

// ---- Reset ----

void a_reset_before_both_are_known_only_forgets(void **) {
    for (const uint64_t known : both) {
        HeapTable heap({1, 1, 1, 1});
        const lkstats_signal_t signal = heap.create(alice);
        const lkstats_slab_slot_t line = heap.slots()[slot_of(signal)];
        assert_true(heap.add(signal, Direction::send, 10, 1));
        assert_int_equal(heap.resolve(signal, known, alice), LKSTATS_OK);
        bool urgent = false;
        assert_int_equal(heap.reset(signal, &urgent), LKSTATS_OK);
        assert_false(urgent);
        assert_false(newest(heap, signal).knows(room) || newest(heap, signal).knows(participant));
        assert_int_equal(heap.newest(signal), line.record);
        assert_int_equal(heap.slots()[slot_of(signal)].epoch, 1);
        heap.resolve(signal, bob);
        assert_true(newest(heap, signal).base() == lkstats_traffic_t{});
        lkstats_traffic_t totals;
        assert_int_equal(heap.table.totals(signal, totals), LKSTATS_OK);
        assert_true(totals == (lkstats_traffic_t{10, 1, 0, 0}));
    }
}

// Each epoch's end is the next one's beginning, and the words know nothing of it.
void epochs_follow_each_other_without_a_gap(void **) {
    constexpr uint32_t epochs = 50;
    HeapTable heap({3, 3, 100, 7});
    const lkstats_signal_t signal = heap.create(alice);
    const uint32_t index = slot_of(signal);
    lkstats_traffic_t added = {}, base = {};
    std::vector<uint32_t> records = {heap.newest(signal)};
    for (uint32_t epoch = 1; epoch < epochs; ++epoch) {
        heap.resolve(signal, epoch % 2 == 0 ? alice : bob);
        assert_true(heap.add(signal, slab::directions[epoch % 2], 1000 * epoch, epoch));
        added += epoch % 2 == 0 ? lkstats_traffic_t{1000 * epoch, epoch, 0, 0}
                                : lkstats_traffic_t{0, 0, 1000 * epoch, epoch};
        heap.now_ns += 1;
        const uint64_t word = heap.slots()[index].word[0];
        bool urgent = false;
        heap.take_urgent();
        assert_int_equal(heap.reset(signal, &urgent), LKSTATS_OK);
        assert_true(urgent);
        assert_true(heap.slots()[index].word[0] == word);

        const slab::Record old = heap.table.record(records.back()), now = newest(heap, signal);
        assert_true(old.base() == base && old.newest() == added && now.base() == added);
        assert_true(now.newest() == added);
        assert_int_equal(old.raw().end.monotonic_ns, heap.now_ns);
        assert_int_equal(now.raw().start.monotonic_ns, heap.now_ns);
        assert_int_equal(now.raw().epoch, epoch + 1);
        assert_int_equal(now.raw().tag, tag_of(signal));
        assert_int_equal(now.raw().slot, index);
        assert_int_equal(now.raw().previous, records.back());
        assert_true(now.signal() && old.resolved());
        assert_false(now.knows(room) || now.knows(participant));
        assert_int_equal(heap.slots()[index].epoch, epoch + 1);
        assert_int_equal(heap.oldest(signal), records.front());
        records.push_back(heap.newest(signal));
        base = added;
    }
    lkstats_traffic_t totals;
    assert_int_equal(heap.table.totals(signal, totals), LKSTATS_OK);
    assert_true(totals == added);
    assert_true(heap.table.counts().counted[LKSTATS_CHANNEL_SIGNAL - 1] == added);
}

// Past the bound, with a carry on its way, what was reported may be ahead of what a look at the words says.
void a_cut_takes_nothing_back(void **) {
    for (const bool acknowledged : {false, true}) {
        HeapTable heap({1, 1, 10, 10});
        const lkstats_signal_t signal = heap.create(alice);
        heap.resolve(signal, alice);
        assert_true(heap.add(signal, Direction::send, 100, 1) && heap.add(signal, Direction::recv, 50, 5));
        slab::Record old = newest(heap, signal);
        assert_true(heap.table.fold(heap.table.slot(slot_of(signal)), old, slot_of(signal)) ==
                    (lkstats_traffic_t{100, 1, 50, 5}));
        old.freeze({100, 2, 50, 5}, 0, heap.now());
        assert_true(!acknowledged || old.acknowledge(1));
        assert_true(heap.add(signal, Direction::recv, 7, 1));
        assert_int_equal(heap.reset(signal), LKSTATS_OK);
        const lkstats_traffic_t cut = {100, 2, 57, 6};
        assert_true(old.newest() == cut);
        assert_true(newest(heap, signal).base() == cut);
        // And nothing is lost by that.
        assert_true(heap.add(signal, Direction::send, 10, 2));
        lkstats_traffic_t totals;
        assert_int_equal(heap.table.totals(signal, totals), LKSTATS_OK);
        assert_true(totals == (lkstats_traffic_t{110, 3, 57, 6}));
    }
}

void epochs_go_in_the_order_in_which_they_came(void **) {
    constexpr size_t epochs = 9;
    HeapTable heap({1, 1, epochs, 4});
    const lkstats_signal_t signal = heap.create(alice);
    std::vector<uint32_t> records = {heap.newest(signal)};
    while (records.size() < epochs) {
        heap.resolve(signal, alice);
        assert_int_equal(heap.reset(signal), LKSTATS_OK);
        records.push_back(heap.newest(signal));
    }
    heap.resolve(signal, alice);
    assert_int_equal(heap.reset(signal), LKSTATS_EFULL);
    for (size_t gone = 0; gone + 1 < epochs; ++gone) {
        assert_int_equal(heap.oldest(signal), records[gone]);
        assert_int_equal(heap.records()[records[gone + 1]].previous, records[gone]);
        heap.release_epoch(signal);
        assert_int_equal(heap.records()[records[gone + 1]].previous, 0);
        assert_int_equal(heap.oldest(signal), records[gone + 1]);
        assert_int_equal(heap.newest(signal), records.back());
    }
    // Their records serve the next ones.
    for (size_t more = 1; more < epochs; ++more) {
        assert_int_equal(heap.reset(signal), LKSTATS_OK);
        assert_int_equal(heap.oldest(signal), records.back());
        heap.resolve(signal, alice);
    }
    for (size_t gone = 1; gone < epochs; ++gone)
        heap.release_epoch(signal);
    heap.end(signal);
    heap.expect_no_record_lost();
}

// ---- No more memory ----

void a_reset_without_a_record_changes_nothing(void **) {
    for (const Somebody *who : {&alice, &lengthy})
        for (const lkstats_status_t refusal : {LKSTATS_EFULL, LKSTATS_ENOMEM, LKSTATS_ENOFILE}) {
            const uint32_t first =
                1 + track::blocks_for(who->connection.size() + who->room.part().bytes.size() +
                                      who->participant.part().bytes.size());
            const uint32_t next = 1 + track::blocks_for(who->connection.size());
            HeapTable heap({1, 1, first + next - 1, 1});
            heap.refusal = refusal;
            const lkstats_signal_t signal = heap.create(*who);
            heap.resolve(signal, *who);
            assert_true(heap.add(signal, Direction::send, 10, 1));
            bool urgent = false;
            heap.take_urgent();
            const Sight before(heap);
            for (int i = 0; i < 100; ++i)
                assert_int_equal(heap.reset(signal, &urgent), refusal);
            assert_false(urgent);
            before.expect_unchanged();
            ++heap.supply.records;
            assert_int_equal(heap.reset(signal, &urgent), LKSTATS_OK);
            assert_true(urgent);
            assert_true(newest(heap, signal).base() == (lkstats_traffic_t{10, 1, 0, 0}));
            heap.release_epoch(signal);
            heap.end(signal);
            heap.expect_no_record_lost();
        }
}

void a_resolution_without_room_for_it_changes_nothing(void **) {
    HeapTable heap({1, 1, 2, 1}); // the record, and a block for the connection
    const lkstats_signal_t signal = heap.create(lengthy);
    assert_int_equal(heap.supply.records, 1 + track::blocks_for(lengthy.connection.size()));
    const Sight before(heap);
    for (int i = 0; i < 100; ++i)
        for (const uint64_t bit : both)
            assert_int_equal(heap.resolve(signal, bit, lengthy), LKSTATS_EFULL);
    before.expect_unchanged();
    // Somebody with a short name fits in what is there.
    heap.resolve(signal, alice);
    assert_true(newest(heap, signal).resolved());
    heap.end(signal);
    heap.expect_no_record_lost();
}

// ---- Stopped ----

void a_stopped_one_may_become_known_until_the_wait_is_over(void **) {
    for (const int64_t late : {INT64_C(0), HeapTable::resolution_wait - 1, HeapTable::resolution_wait}) {
        HeapTable heap({1, 1, 10, 10});
        const lkstats_signal_t signal = heap.create(alice);
        assert_int_equal(heap.resolve(signal, participant, alice), LKSTATS_OK);
        heap.stop(signal);
        heap.now_ns += late;
        const bool over = late == HeapTable::resolution_wait;
        const Sight before(heap);
        bool urgent = false;
        assert_int_equal(heap.resolve(signal, room, alice, &urgent), over ? LKSTATS_ECLOSED : LKSTATS_OK);
        assert_int_equal(newest(heap, signal).resolved(), !over);
        if (over)
            before.expect_unchanged();
    }
}

void a_stopped_one_that_was_known_is_nobody_elses_ever(void **) {
    HeapTable heap({1, 1, 10, 10});
    const lkstats_signal_t signal = heap.create(alice);
    heap.resolve(signal, alice);
    heap.stop(signal);
    const Sight before(heap);
    for (int i = 0; i < 3; ++i, heap.now_ns += HeapTable::resolution_wait)
        assert_int_equal(heap.reset(signal), LKSTATS_ECLOSED);
    before.expect_unchanged();
}

void a_stopped_one_that_was_not_known_forgets_and_stays_stopped(void **) {
    HeapTable heap({1, 1, 10, 10});
    const lkstats_signal_t signal = heap.create(alice);
    assert_int_equal(heap.resolve(signal, room, alice), LKSTATS_OK);
    heap.stop(signal);
    assert_int_equal(heap.reset(signal), LKSTATS_OK);
    assert_false(newest(heap, signal).knows(room));
    assert_true(heap.table.slot(slot_of(signal)).id().state == State::closed);
    assert_int_equal(newest(heap, signal).raw().epoch, 1);
    heap.now_ns += HeapTable::resolution_wait;
    const Sight before(heap);
    assert_int_equal(heap.reset(signal), LKSTATS_ECLOSED);
    before.expect_unchanged();
}

void one_that_was_reported_as_nobodys_stays_nobodys(void **) {
    HeapTable heap({1, 1, 10, 10});
    const lkstats_signal_t signal = heap.create(alice);
    heap.stop(signal);
    newest(heap, signal).set_unattributed(); // as a context that closes does before the wait is over
    const Sight before(heap);
    assert_int_equal(heap.reset(signal), LKSTATS_ECLOSED);
    for (const uint64_t bit : both)
        assert_int_equal(heap.resolve(signal, bit, alice), LKSTATS_ECLOSED);
    before.expect_unchanged();
}

// Past the bound, with a carry on its way, an epoch's base may be ahead of what the words say at its end.
void what_is_nobodys_is_counted_as_its_record_says(void **) {
    HeapTable heap({1, 1, 10, 10});
    Nobody nobody(heap);
    constexpr uint8_t context[16] = {};
    report::Reporter reporter(heap.table, nobody, report::Consumer::pulls, 5 * HeapTable::second, context,
                              {});
    const lkstats_signal_t signal = heap.create(alice);
    heap.resolve(signal, alice);
    lkstats_slab_slot_t &line = heap.slots()[slot_of(signal)];
    uint64_t held_up = 0;
    for (int i = 0; i < 3; ++i) {
        const uint64_t before = line.word[0];
        line.word[0] += slab::Counter::increment((uint64_t{1} << 35) - 1, 0);
        held_up += before >> LKSTATS_SLAB_BYTE_BITS & ~(line.word[0] >> LKSTATS_SLAB_BYTE_BITS) & 1;
    }
    assert_int_equal(held_up, 1);
    assert_int_equal(heap.reset(signal), LKSTATS_OK);
    assert_int_equal(newest(heap, signal).base().send_messages, 1); // of which there was none
    line.carry[0] += held_up;
    heap.stop(signal);
    heap.now_ns += HeapTable::resolution_wait;

    lkstats_traffic_t unattributed = {};
    for (int rounds = 0; heap.table.in_use() != 0 && rounds < 10; ++rounds) {
        heap.now_ns += 5 * HeapTable::second;
        reporter.run(heap.now());
        for (std::shared_ptr<report::Batch> batch; reporter.next(batch) == LKSTATS_OK;) {
            for (const lkstats_record_t &record : batch->records())
                if ((record.flags & LKSTATS_UNATTRIBUTED) != 0)
                    unattributed += record.window;
            assert_int_equal(reporter.answer(batch->id(), true), LKSTATS_OK);
        }
    }
    assert_int_equal(heap.table.in_use(), 0);
    assert_true(unattributed.send_bytes > 0);
    assert_int_equal(unattributed.send_messages, 0);
    assert_true(heap.table.counts().unattributed == unattributed);
}

// ---- While memory is made ready ----

// The lock is not held then, and others come by.
void whoever_was_first_while_memory_grew_counts(void **) {
    HeapTable heap({1, 1, 60, 2});
    const lkstats_signal_t signal = heap.create(lengthy);
    int grown = 0;
    heap.before_growth = [&] {
        if (++grown == 1)
            assert_int_equal(heap.resolve(signal, room, alice), LKSTATS_OK);
    };
    assert_int_equal(heap.resolve(signal, room, lengthy), LKSTATS_ERESOLVED);
    assert_true(grown > 0);
    heap.before_growth = [] {};
    heap.end(signal);
    heap.expect_no_record_lost();
}

void a_reset_that_somebody_else_made_while_memory_grew_is_made_once(void **) {
    HeapTable heap({1, 1, 60, 1});
    const lkstats_signal_t signal = heap.create(alice);
    heap.resolve(signal, alice);
    int grown = 0;
    heap.before_growth = [&] {
        if (++grown == 1)
            assert_int_equal(heap.reset(signal), LKSTATS_OK);
    };
    assert_int_equal(heap.reset(signal), LKSTATS_OK);
    assert_int_equal(heap.slots()[slot_of(signal)].epoch, 2); // the second found nobody to forget
    heap.before_growth = [] {};
    heap.release_epoch(signal);
    heap.end(signal);
    heap.expect_no_record_lost();
}

void a_handle_that_ended_while_memory_grew_is_stale(void **) {
    for (const bool resets : {true, false}) {
        HeapTable heap({1, 1, 60, 1});
        const Somebody &who = resets ? alice : lengthy;
        const lkstats_signal_t signal = heap.create(alice);
        if (resets)
            heap.resolve(signal, alice);
        int grown = 0;
        heap.before_growth = [&] {
            if (++grown == 1)
                heap.end(signal);
        };
        assert_int_equal(resets ? heap.reset(signal) : heap.resolve(signal, room, who), LKSTATS_ESTALE);
        heap.before_growth = [] {};
        heap.expect_no_record_lost();
    }
}

} // namespace

int main() {
    plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_connection_counts_before_anybody_knows_whose_it_is),
        cmocka_unit_test(the_first_resolution_counts),
        cmocka_unit_test(each_forgetting_is_counted),
        cmocka_unit_test(a_data_track_is_neither_resolved_nor_reset),
        cmocka_unit_test(a_stale_handle_resolves_and_resets_nobody_elses),
        cmocka_unit_test(a_reset_before_both_are_known_only_forgets),
        cmocka_unit_test(epochs_follow_each_other_without_a_gap),
        cmocka_unit_test(a_cut_takes_nothing_back),
        cmocka_unit_test(epochs_go_in_the_order_in_which_they_came),
        cmocka_unit_test(a_reset_without_a_record_changes_nothing),
        cmocka_unit_test(a_resolution_without_room_for_it_changes_nothing),
        cmocka_unit_test(a_stopped_one_may_become_known_until_the_wait_is_over),
        cmocka_unit_test(a_stopped_one_that_was_known_is_nobody_elses_ever),
        cmocka_unit_test(a_stopped_one_that_was_not_known_forgets_and_stays_stopped),
        cmocka_unit_test(one_that_was_reported_as_nobodys_stays_nobodys),
        cmocka_unit_test(what_is_nobodys_is_counted_as_its_record_says),
        cmocka_unit_test(whoever_was_first_while_memory_grew_counts),
        cmocka_unit_test(a_reset_that_somebody_else_made_while_memory_grew_is_made_once),
        cmocka_unit_test(a_handle_that_ended_while_memory_grew_is_stale),
    };
    return cmocka_run_group_tests_name("signal_table", tests, nullptr, nullptr);
}
