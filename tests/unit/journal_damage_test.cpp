// SPDX-License-Identifier: Apache-2.0
// A segment may be cut off or damaged: whatever a reader still gives is right, or says what of it is not known, and what
// is missing is never passed over in silence.
#include "journal_files.hpp"
#include "plant.hpp"

#include <algorithm>
#include <cstring>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;

constexpr size_t header_size = sizeof(lkstats_journal_segment_t);

// A segment, what is in it, and where its frames begin.
struct Whole {
    explicit Whole(uint64_t seed, int batches = 9, size_t most = 6)
        : bytes(segment_of(seed, batches, most, rows)), reading(read(bytes)) {
        assert_true(reading.whole());
        for (size_t at = header_size; at < bytes.size();) {
            frames.push_back(at);
            lkstats_journal_frame_t frame;
            std::memcpy(&frame, bytes.data() + at, sizeof frame);
            at += sizeof frame + frame.size;
        }
        frames.push_back(bytes.size());
    }
    // How many records there are in frames that end at or before an offset.
    size_t before(uint64_t offset) const {
        size_t count = 0;
        for (const auto &place : reading.places)
            count += *std::ranges::upper_bound(frames, place.offset) <= offset ? 1 : 0;
        return count;
    }
    size_t in_frame(uint64_t frame) const {
        return static_cast<size_t>(
            std::ranges::count(reading.places, frame, [](const auto &place) { return place.offset; }));
    }

    Rows rows;
    Bytes bytes;
    Reading reading;
    std::vector<size_t> frames; // and the end
};

// Each of them is a record of the whole one, in the same order, but for what is said not to be known. Answers how many
// are not known in full.
size_t expect_some_of(const Reading &found, const Rows &all) {
    size_t at = 0, unknown = 0;
    for (size_t i = 0; i < found.rows.size(); ++i, ++at) {
        const auto &place = found.places[i];
        while (at < all.size() && all[at].key() != found.rows[i].key())
            ++at;
        assert_true(at < all.size());
        Row expected = all[at];
        if (place.start_unknown)
            expected.start = {};
        if (place.running_unknown)
            expected.running = {};
        assert_true(found.rows[i] == expected);
        unknown += place.start_unknown || place.running_unknown ? 1 : 0;
    }
    return unknown;
}

void a_segment_that_is_cut_off_anywhere_has_what_is_before(void **) {
    const Whole whole(1);
    for (size_t size = 0; size <= whole.bytes.size(); ++size) {
        // A copy of that size, so that whoever reads beyond it is found out.
        const Reading reading =
            read(Bytes(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(size)));
        assert_int_equal(reading.header_ok, size >= header_size);
        assert_int_equal(reading.torn, !std::ranges::binary_search(whole.frames, size));
        assert_int_equal(reading.damaged, 0);
        assert_int_equal(reading.lost, 0);
        assert_int_equal(reading.rows.size(), whole.before(size));
        assert_int_equal(expect_some_of(reading, whole.rows), 0);
    }
}

void a_tail_of_zeros_is_torn_and_not_damaged(void **) {
    const Whole whole(2);
    for (const size_t zeros : {1, 7, 8, 100, 5'000}) {
        Bytes longer = whole.bytes;
        longer.resize(longer.size() + zeros);
        const Reading reading = read(longer);
        assert_true(reading.torn && reading.damaged == 0);
        expect_equal(reading.rows, whole.rows);
    }
}

// One bit of each byte in turn, from the first to before the last.
template <class Expect>
void with_each_byte_flipped(const Whole &whole, size_t first, size_t last, Expect expect) {
    for (size_t at = first; at < last; ++at) {
        Bytes damaged = whole.bytes;
        damaged[at] ^= static_cast<uint8_t>(1u << at % 8);
        const Reading reading = read(damaged);
        expect(at, reading);
    }
}

void a_damaged_header_is_told(void **) {
    const Whole whole(3);
    with_each_byte_flipped(whole, 0, header_size, [&](size_t, const Reading &reading) {
        assert_false(reading.header_ok || reading.torn);
        assert_true(reading.rows.empty() && reading.damaged == 1);
    });
}

void damage_costs_its_frame_and_is_told(void **) {
    size_t lost = 0, start_unknown = 0, running_unknown = 0;
    for (uint64_t seed = 0; seed < 3; ++seed) {
        const Whole whole(seed);
        const size_t last = whole.frames[whole.frames.size() - 2];
        with_each_byte_flipped(
            whole, header_size, whole.bytes.size(), [&](size_t at, const Reading &reading) {
                const size_t frame = *(std::ranges::upper_bound(whole.frames, at) - 1);
                // What comes before it is as it was, and so is the rest, or it says what is not known.
                const size_t before = whole.before(frame);
                assert_true(reading.rows.size() >= before);
                for (size_t i = 0; i < before; ++i)
                    assert_true(reading.rows[i] == whole.rows[i] && !reading.places[i].start_unknown &&
                                !reading.places[i].running_unknown);
                expect_some_of(reading, whole.rows);
                // Nothing is missing in silence.
                assert_true(reading.damaged != 0 || reading.torn);
                const bool in_size = at - frame < sizeof lkstats_journal_frame_t{}.size;
                if (in_size)
                    return;
                assert_int_equal(reading.damaged, frame == last ? 0 : 1);
                assert_int_equal(reading.torn, frame == last);
                assert_int_equal(reading.rows.size() + reading.lost + whole.in_frame(frame),
                                 whole.rows.size());
                lost += reading.lost;
                for (const auto &place : reading.places) {
                    start_unknown += place.start_unknown ? 1 : 0;
                    running_unknown += place.running_unknown ? 1 : 0;
                }
            });
    }
    assert_true(lost > 100 && start_unknown > 100 && running_unknown > start_unknown);
}

void a_left_whose_traffic_is_damaged_does_not_make_up_its_totals(void **) {
    // Given a joined, traffic, traffic, and the left that belongs to it, in a frame each
    const Directory directory;
    Random random(4);
    const Origin own = any_origin(random);
    const lkstats_time_t then = {1'000, 1'000}, end = {9'000, 9'000};
    Epoch epoch(random, own, 1, 1, LKSTATS_CHANNEL_SIGNAL, then);
    const Rows rows = {epoch.joined(then), epoch.traffic(end, {10, 1, 0, 0}),
                       epoch.traffic(end, {20, 1, 0, 0}), epoch.left(end, true)};
    {
        Writer writer(directory.folder(), own, {});
        for (const Row &row : rows)
            assert_true(write(writer, {row}, own, then));
    }
    Bytes bytes = directory.read(directory.names().front());
    const Reading whole = read(bytes);
    expect_equal(whole.rows, rows);
    // When the last traffic is damaged
    bytes[whole.places[2].offset + sizeof(lkstats_journal_frame_t)] ^= 1;
    // Then the left, which could follow the traffic before it too, does not.
    const Reading reading = read(bytes);
    assert_int_equal(reading.rows.size(), 3);
    assert_true(reading.places[2].running_unknown && !reading.places[2].start_unknown);
    assert_int_equal(expect_some_of(reading, rows), 1);
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_that_is_cut_off_anywhere_has_what_is_before),
        cmocka_unit_test(a_tail_of_zeros_is_torn_and_not_damaged),
        cmocka_unit_test(a_damaged_header_is_told),
        cmocka_unit_test(damage_costs_its_frame_and_is_told),
        cmocka_unit_test(a_left_whose_traffic_is_damaged_does_not_make_up_its_totals),
    };
    return cmocka_run_group_tests_name("journal_damage", tests, nullptr, nullptr);
}
