// SPDX-License-Identifier: Apache-2.0
// What is written to a journal is what is read from it, every kind of record and every figure, and a steady track costs
// next to nothing.
#include "journal_files.hpp"
#include "plant.hpp"

#include <limits>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;
using lkstats::os::Folder;

constexpr lkstats_time_t then = {5'000'000'000, 1'700'000'000'000'000'000};
constexpr int64_t second = 1'000'000'000;

lkstats_time_t later(lkstats_time_t time, int64_t by) { return {time.monotonic_ns + by, time.wall_ns + by}; }

// ---- Every record comes back ----

void every_kind_of_record_comes_back_as_it_was(void **) {
    bool unattributed = false, left_alone = false, left_with_traffic = false, recovered = false;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        Rows rows;
        const Reading reading = read(segment_of(seed, 40, 24, rows));
        assert_true(reading.whole());
        expect_equal(reading.rows, rows);
        for (size_t i = 0; i < rows.size(); ++i) {
            const Row &row = rows[i];
            unattributed |= row.flags != 0;
            recovered |= row.context != rows.front().context;
            if (row.kind == LKSTATS_RECORD_LEFT)
                (i > 0 && rows[i - 1].sequence == row.sequence ? left_with_traffic : left_alone) = true;
        }
    }
    assert_true(unattributed && left_alone && left_with_traffic && recovered);
}

void figures_at_the_ends_of_their_ranges_come_back(void **) {
    const Directory directory;
    Random random(1);
    const Origin own = any_origin(random);
    Writer writer(directory.folder(), own, {});
    constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
    constexpr auto first = std::numeric_limits<int64_t>::min(), last = std::numeric_limits<int64_t>::max();
    Rows rows;
    const auto row = [&](uint32_t slot) -> Row & {
        rows.push_back(Epoch(random, own, slot, 1, LKSTATS_CHANNEL_DATA, then).traffic(then, {1, 2, 3, 4}));
        return rows.back();
    };
    row(1).window = {most, 0, most, 0};
    row(2).running = {most, most, most, most};
    row(3).end = {first, last};
    row(4).end = {last, first};
    row(5).start = {first, first};
    row(6).start = {last, last};
    Row &named = row(0xffffffff);
    named.tag = named.epoch = named.sequence = named.flags = 0xffffffff;
    named.channel = std::numeric_limits<int32_t>::min();
    named.participant_kind = std::numeric_limits<int32_t>::max();
    named.kind_details.assign(LKSTATS_KIND_DETAILS_MAX, std::numeric_limits<int32_t>::min());
    for (std::string &text : named.texts)
        text.assign(LKSTATS_STRING_MAX, 'x');
    named.texts[5].assign(LKSTATS_JOURNAL_TRACK_ID_MAX, 'x');
    // Backwards in everything: nothing may be taken for granted.
    rows.push_back(named);
    rows.back().sequence = 0;
    rows.push_back(rows.front());
    rows.back().end = {0, 0};
    assert_true(write(writer, rows, own, then));
    expect_equal(read_all(directory), rows);
}

void one_key_in_two_contexts_is_two_tracks(void **) {
    const Directory directory;
    Random random(2);
    const Origin own = any_origin(random), dead = any_origin(random);
    Writer writer(directory.folder(), own, {});
    Epoch ours(random, own, 7, 1, LKSTATS_CHANNEL_DATA, then);
    Epoch theirs(random, dead, 7, 1, LKSTATS_CHANNEL_DATA, then);
    Rows rows;
    for (int64_t i = 1; i <= 3; ++i) {
        rows.push_back(ours.traffic(later(then, i), {1, 1, 0, 0}));
        assert_true(write(writer, {rows.back()}, own, then));
        rows.push_back(theirs.traffic(later(then, i), {0, 0, 2, 1}));
        assert_true(write(writer, {rows.back()}, dead, then));
    }
    expect_equal(read_all(directory), rows);
}

void a_record_that_does_not_follow_from_the_one_before_is_right(void **) {
    const Directory directory;
    Random random(3);
    const Origin own = any_origin(random);
    Writer writer(directory.folder(), own, {});
    Epoch epoch(random, own, 1, 1, LKSTATS_CHANNEL_SIGNAL, then);
    Rows rows = {epoch.joined(later(then, 10)), epoch.traffic(later(then, 20), {10, 1, 0, 0})};
    epoch.sequence += 5; // somebody else has them
    rows.push_back(epoch.traffic(later(then, 30), {1, 1, 1, 1}));
    rows.push_back(rows.back()); // twice the same
    rows.push_back(epoch.traffic(later(then, 40), {5, 1, 0, 0}));
    rows.back().running[2] += 17; // adds up to something else
    rows.push_back(epoch.traffic(later(then, 50), {5, 1, 0, 0}));
    rows.back().start[1] -= 1; // the clock was set
    rows.push_back(epoch.left(later(then, 50), true));
    rows.push_back(epoch.left(later(then, 60), false));
    for (const Row &row : rows)
        assert_true(write(writer, {row}, own, then));
    expect_equal(read_all(directory), rows);
}

// ---- What it costs ----

// Bytes a window, everything included: in an hour, of so many tracks, so many to a batch, so many of which have the
// same instant.
double cost(size_t tracks, size_t batch, size_t together) {
    constexpr int rounds = 720;
    const Directory directory;
    Random random(4);
    Origin own = any_origin(random);
    Writer writer(directory.folder(), own, {});
    std::vector<Epoch> epochs;
    for (uint32_t slot = 0; slot < tracks; ++slot)
        epochs.emplace_back(random, own, slot, 1, LKSTATS_CHANNEL_DATA, then);
    std::vector<lkstats_record_t> all;
    for (const Epoch &epoch : epochs) {
        all.push_back(epoch.who.record());
        all.back().key.kind = LKSTATS_RECORD_TRAFFIC;
        all.back().end = then;
    }
    lkstats_time_t now = then;
    for (int64_t round = 1; round <= rounds; ++round) {
        for (size_t i = 0; i < tracks; ++i) {
            if (i % together == 0) {
                // Each its turn in five seconds, a tenth of a millisecond early or late, and the two clocks are
                // read one after the other.
                now = later(then, 5 * second * round + static_cast<int64_t>(5 * second * i / tracks) +
                                      static_cast<int64_t>(random() % 100'000));
                now.wall_ns += static_cast<int64_t>(random() % 100);
            }
            lkstats_record_t &record = all[i];
            ++record.key.sequence;
            record.start = record.end;
            record.end = now;
            record.window = {58'000'000 + random() % 4'000'000, 58'000 + random() % 4'000,
                             58'000'000 + random() % 4'000'000, 58'000 + random() % 4'000};
            record.running.send_bytes += record.window.send_bytes;
            record.running.send_messages += record.window.send_messages;
            record.running.recv_bytes += record.window.recv_bytes;
            record.running.recv_messages += record.window.recv_messages;
        }
        for (size_t i = 0; i < tracks; i += batch)
            assert_true(writer.write(std::span(all).subspan(i, std::min(batch, tracks - i)), own, now));
    }
    const Figures figures = writer.figures();
    assert_int_equal(figures.segments, 1);
    assert_int_equal(figures.written_records, tracks * rounds);
    assert_int_equal(figures.written_bytes, directory.bytes());
    return static_cast<double>(figures.written_bytes) / static_cast<double>(figures.written_records);
}

void a_steady_tracks_window_costs_24_bytes_at_most(void **) {
    const double sweep = cost(1000, LKSTATS_BATCH_RECORDS_MAX, 20);
    const double each_its_own = cost(1000, LKSTATS_BATCH_RECORDS_MAX, 1);
    const double lone = cost(1, 1, 1);
    print_message(
        "bytes a window: %.2f in slices of a sweep, %.2f each at its own instant, %.2f of a lone track\n",
        sweep, each_its_own, lone);
    assert_true(sweep <= 24 && each_its_own <= 24);
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_record_comes_back_as_it_was),
        cmocka_unit_test(figures_at_the_ends_of_their_ranges_come_back),
        cmocka_unit_test(one_key_in_two_contexts_is_two_tracks),
        cmocka_unit_test(a_record_that_does_not_follow_from_the_one_before_is_right),
        cmocka_unit_test(a_steady_tracks_window_costs_24_bytes_at_most),
    };
    return cmocka_run_group_tests_name("journal_records", tests, nullptr, nullptr);
}
