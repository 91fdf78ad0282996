// SPDX-License-Identifier: Apache-2.0
// Former epochs wait in memory for a consumer that is behind: as many as have their share, and never in anybody
// else's place.
#include "plant.hpp"

#include <random>
#include <vector>

#include "heap_table.hpp"

namespace {

using namespace lkstats;

constexpr uint64_t both[] = {LKSTATS_SLAB_ROOM_KNOWN, LKSTATS_SLAB_PARTICIPANT_KNOWN};
const Somebody alice(4, 'a'), lengthy(LKSTATS_STRING_MAX, 'l');

// What an epoch of somebody takes as long as it waits for its acknowledgement.
uint32_t records_of(HeapTable &heap, lkstats_signal_t signal) {
    return 1 + track::block_count(heap.records(), heap.newest(signal));
}

// Resets until there are too many former epochs. Answers how often.
uint32_t move_until_full(HeapTable &heap, lkstats_signal_t signal, const Somebody &who) {
    for (uint32_t resets = 0;; ++resets) {
        heap.resolve(signal, who);
        const auto status = heap.reset(signal);
        if (status != LKSTATS_OK) {
            assert_int_equal(status, LKSTATS_EFULL);
            return resets;
        }
        assert_true(resets < 1000);
    }
}

constexpr uint32_t longest_epoch = 1 + track::blocks_max;

// As a context has it for so many tracks.
track::Table::Limits limits_for(uint32_t tracks) {
    return {tracks, 2 * tracks * longest_epoch, tracks * longest_epoch, HeapTable::resolution_wait};
}

void former_epochs_have_their_share_and_no_more(void **) {
    for (const Somebody *who : {&alice, &lengthy})
        for (uint32_t backlog = longest_epoch; backlog <= 3 * longest_epoch; ++backlog) {
            HeapTable heap({2, 2, 1000, 100}, 1, {2, HeapTable::plenty, backlog, HeapTable::resolution_wait});
            const lkstats_signal_t signal = heap.create(*who), other = heap.create(*who);
            heap.resolve(other, *who);
            const uint32_t resets = move_until_full(heap, signal, *who);
            assert_int_equal(resets, backlog / records_of(heap, signal));
            bool urgent = false;
            const Sight before(heap);
            for (int i = 0; i < 100; ++i) {
                assert_int_equal(heap.reset(signal, &urgent), LKSTATS_EFULL);
                assert_int_equal(heap.reset(other, &urgent), LKSTATS_EFULL); // it is everybody's
            }
            assert_false(urgent);
            before.expect_unchanged();
            // What is acknowledged makes place for as much.
            heap.release_epoch(signal);
            assert_int_equal(heap.reset(other), LKSTATS_OK);
            assert_int_equal(heap.reset(signal), LKSTATS_EFULL);
            heap.release_epoch(other);
            for (uint32_t more = 1; more < resets; ++more)
                heap.release_epoch(signal);
            assert_int_equal(move_until_full(heap, other, *who), resets);
            while (heap.oldest(other) != heap.newest(other))
                heap.release_epoch(other);
            heap.end(signal);
            heap.end(other);
            heap.expect_no_record_lost();
        }
}

void a_backlog_of_epochs_takes_no_tracks_place(void **) {
    constexpr uint32_t tracks = 6;
    const Identity longest(LKSTATS_STRING_MAX);
    for (uint32_t made_before = 1; made_before <= tracks; ++made_before) {
        HeapTable heap({tracks, tracks, 2 * tracks * longest_epoch, 7}, 1, limits_for(tracks));
        std::vector<lkstats_track_t> made = {heap.create(alice)};
        const lkstats_signal_t signal = made[0];
        while (made.size() < made_before)
            made.push_back(heap.create(longest));
        assert_true(move_until_full(heap, signal, alice) > 0);
        while (made.size() < tracks)
            made.push_back(heap.create(longest));
        lkstats_track_t surplus;
        assert_int_equal(heap.create(longest, surplus), LKSTATS_EFULL);
    }
}

// Whatever comes and goes, in any order: only a reset is refused, and only for what waits.
void tracks_that_come_again_always_find_their_place(void **) {
    const Identity longest(LKSTATS_STRING_MAX), brief(4);
    uint32_t refused = 0, made = 0;
    for (uint32_t seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const uint32_t tracks = 1 + seed % 4;
        const track::Table::Limits limits = limits_for(tracks);
        HeapTable heap({tracks, tracks, limits.records, 7}, 1, limits);
        std::vector<std::pair<lkstats_track_t, bool>> all; // and whether it is a signal connection
        uint32_t waiting = 0;
        const auto acknowledge = [&](lkstats_signal_t signal) {
            if (heap.oldest(signal) == heap.newest(signal))
                return false;
            waiting -= 1 + track::block_count(heap.records(), heap.oldest(signal));
            heap.release_epoch(signal);
            return true;
        };
        for (int i = 0; i < 400; ++i) {
            const Somebody &who = random() % 3 == 0 ? lengthy : alice;
            if (all.size() < tracks && random() % 4 == 0) {
                heap.let_rest();
                const bool signal = random() % 2 == 0;
                all.emplace_back(signal ? heap.create(who) : heap.create(random() % 2 == 0 ? longest : brief),
                                 signal);
                ++made;
                continue;
            }
            if (all.empty())
                continue;
            const size_t which = random() % all.size();
            const auto [id, signal] = all[which];
            const uint64_t what = random() % 40;
            if (what == 0) {
                while (signal && acknowledge(id))
                    continue;
                heap.end(id);
                all.erase(all.begin() + static_cast<ptrdiff_t>(which));
            } else if (signal && what < 5) {
                acknowledge(id);
            } else if (signal) {
                for (const uint64_t bit : both)
                    assert_int_not_equal(heap.resolve(id, bit, who), LKSTATS_EFULL);
                const uint32_t own = records_of(heap, id);
                const auto status = heap.reset(id);
                assert_int_equal(status, waiting + own > limits.backlog ? LKSTATS_EFULL : LKSTATS_OK);
                (status == LKSTATS_OK ? waiting : refused) += status == LKSTATS_OK ? own : 1;
            }
        }
    }
    assert_true(refused > 1000 && made > 1000);
}

} // namespace

int main() {
    plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(former_epochs_have_their_share_and_no_more),
        cmocka_unit_test(a_backlog_of_epochs_takes_no_tracks_place),
        cmocka_unit_test(tracks_that_come_again_always_find_their_place),
    };
    return cmocka_run_group_tests_name("backlog", tests, nullptr, nullptr);
}
