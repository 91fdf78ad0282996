// SPDX-License-Identifier: Apache-2.0
// Whatever fails while a journal is written, a reader finds what was acknowledged, once, and nothing else.
#include "journal_files.hpp"
#include "os/seam.hpp"
#include "plant.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <new>
#include <optional>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;
using lkstats::os::Plan;
using lkstats::os::set_plan;

struct Batch {
    Rows rows;
    std::vector<lkstats_record_t> records; // point into them
    Origin origin;
    lkstats_time_t now;
};

// What a story has to tell, made before anything fails.
class Told {
  public:
    explicit Told(int count) {
        Story story(11, 2, 6);
        own = story.own();
        while (count-- > 0) {
            const Origin *origin;
            Rows rows = story.batch(4, &origin);
            all.insert(all.end(), rows.begin(), rows.end());
            batches.push_back({std::move(rows), {}, *origin, story.now()});
        }
        for (Batch &batch : batches)
            batch.records = records(batch.rows);
    }
    Origin own;
    std::vector<Batch> batches;
    Rows all;
};

size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// The same, where memory that there is none of counts as a failure.
bool attempt(Writer &writer, std::span<const lkstats_record_t> records, const Batch &of) {
    try {
        return writer.write(records, of.origin, of.now);
    } catch (const std::bad_alloc &) {
        errno = ENOMEM;
        return false;
    }
}

// ---- A full disk ----

void a_full_disk_costs_time_and_nothing_else(void **) {
    const Told told(90);
    const Directory directory;
    Writer writer(directory.folder(), told.own, {});
    assert_true(attempt(writer, told.batches[0].records, told.batches[0]));
    const std::string name = directory.names().front();
    uint64_t failed = 0;
    for (size_t i = 1; i < told.batches.size(); ++i) {
        // Every call of a write in turn; of some it does not matter.
        const Batch &batch = told.batches[i];
        const Bytes before = directory.read(name);
        set_plan({.nth = 1 + i % 15, .error = ENOSPC});
        const bool done = attempt(writer, batch.records, batch);
        const int error = errno;
        set_plan({});
        if (!done) {
            assert_true(error == ENOSPC || error == ENOMEM);
            assert_int_equal(writer.figures().failed_writes, ++failed);
            assert_true(writer.figures().failing);
            assert_true(directory.read(name) == before);
            assert_true(attempt(writer, batch.records, batch));
        }
        assert_false(writer.figures().failing);
        assert_int_equal(directory.names().size(), 1);
    }
    assert_true(failed > 5);
    expect_equal(read_all(directory), told.all);
    assert_int_equal(writer.figures().written_bytes, directory.bytes());
    // Not a byte is other than where nothing ever failed.
    const Directory quiet;
    Writer undisturbed(quiet.folder(), told.own, {});
    for (const Batch &batch : told.batches)
        assert_true(attempt(undisturbed, batch.records, batch));
    assert_true(quiet.read(name) == directory.read(name));
}

void what_was_written_and_not_synced_is_cut_off_again(void **) {
    const Told told(2);
    int given_up = 0;
    for (uint64_t nth = 1;; ++nth) {
        const Directory directory;
        Writer writer(directory.folder(), told.own, {.sync = true});
        assert_true(attempt(writer, told.batches[0].records, told.batches[0]));
        set_plan({.nth = nth, .error = EIO});
        const bool done = attempt(writer, told.batches[1].records, told.batches[1]);
        const int error = errno;
        const bool reached = lkstats::os::calls_since_plan() >= nth;
        set_plan({});
        if (!done) {
            const bool disk = error == EIO;
            expect_equal(read_all(directory), told.batches[0].rows);
            assert_true(attempt(writer, told.batches[1].records, told.batches[1]));
            // Nobody knows what a disk does with a file that it failed.
            assert_int_equal(directory.names().size(), disk ? 2 : 1);
            given_up += disk ? 1 : 0;
        }
        expect_equal(read_all(directory), told.all);
        if (!reached)
            break;
    }
    assert_int_equal(given_up, 2); // to write and to sync
}

void with_sync_a_write_asks_the_disk(void **) {
    const Told told(2);
    uint64_t calls[2];
    for (const bool sync : {false, true}) {
        const Directory directory;
        Writer writer(directory.folder(), told.own, {.sync = sync});
        assert_true(attempt(writer, told.batches[0].records, told.batches[0]));
        set_plan({});
        assert_true(attempt(writer, told.batches[1].records, told.batches[1]));
        calls[sync ? 1 : 0] = lkstats::os::calls_since_plan();
    }
    assert_int_equal(calls[1], calls[0] + 1);
}

// ---- Everything else ----

struct Scenario {
    Options options;
    bool twice_allowed; // the disk fails to cut off what it did not sync
    bool some_removed;
};

// Tells the story while calls fail as planned, and on until all of it is acknowledged. Answers whether any failed.
bool tell(const Told &told, Plan plan, const Scenario &scenario) {
    const Directory directory;
    const size_t descriptors = open_descriptors();
    bool reached = false, planned = true;
    const auto heal = [&] {
        if (planned)
            reached = lkstats::os::calls_since_plan() >= plan.nth;
        planned = false;
        set_plan({});
    };
    std::optional<Writer> writer;
    const auto open = [&] {
        try {
            lkstats::os::Folder folder(directory.path());
            if (folder)
                writer.emplace(std::move(folder), told.own, scenario.options);
        } catch (const std::bad_alloc &) {
        }
    };
    set_plan(plan);
    open();
    if (!writer) {
        heal();
        open();
    }
    size_t acknowledged = 0; // records
    for (const Batch &batch : told.batches) {
        if (!attempt(*writer, batch.records, batch)) {
            assert_true(writer->figures().failing);
            // Somebody who looks now finds what was acknowledged.
            if (!plan.for_good) {
                assert_true(errno == plan.error || errno == ENOMEM);
                heal();
                const Rows found = read_all(directory);
                assert_true(found.size() <= acknowledged);
                assert_true(scenario.some_removed || found.size() == acknowledged);
            } else {
                assert_false(planned && attempt(*writer, batch.records, batch));
                heal();
            }
            // It comes again, not always in the same company.
            const std::span<const lkstats_record_t> all(batch.records);
            const size_t half = all.size() / 2;
            assert_true(attempt(*writer, all.first(half), batch));
            assert_true(attempt(*writer, all.subspan(half), batch));
        }
        acknowledged += batch.rows.size();
    }
    assert_int_equal(writer->figures().written_records, told.all.size());
    assert_false(writer->figures().failing);
    writer.reset();
    heal();
    assert_int_equal(open_descriptors(), descriptors);

    // Nothing is left behind that was begun in vain, not even a gap in the numbers.
    if (!plan.for_good) {
        const auto names = directory.names();
        uint32_t number = 0;
        for (const std::string &name : names) {
            const Bytes bytes = directory.read(name);
            assert_true(bytes.size() > sizeof(lkstats_journal_segment_t));
            const uint32_t next = Reader(bytes).header().number;
            assert_true(next == number + 1 || (number == 0 && scenario.some_removed));
            number = next;
        }
    }
    Rows found = read_all(directory);
    if (scenario.twice_allowed && plan.for_good)
        for (size_t i = 0; i < found.size(); ++i)
            found.erase(
                std::remove(found.begin() + static_cast<std::ptrdiff_t>(i) + 1, found.end(), found[i]),
                found.end());
    if (scenario.some_removed)
        expect_equal(found, Rows(told.all.end() - static_cast<std::ptrdiff_t>(found.size()), told.all.end()));
    else
        expect_equal(found, told.all);
    assert_true(std::ranges::find(found, told.all.back()) != found.end());
    return reached;
}

void expect_with_every_fault(const Scenario &scenario) {
    const Told told(14);
    for (const int error : {EIO, ENOSPC})
        for (const bool for_good : {false, true}) {
            uint64_t nth = 1;
            while (tell(told, {.nth = nth, .for_good = for_good, .error = error}, scenario))
                ++nth;
            assert_true(nth > 50);
        }
}

constexpr uint64_t small = 3'000; // some segments in a story

void whatever_fails_what_was_acknowledged_is_found_once(void **) {
    expect_with_every_fault({.options = {.segment_bytes = small}});
}

void whatever_fails_what_was_synced_is_found(void **) {
    expect_with_every_fault({.options = {.segment_bytes = small, .sync = true}, .twice_allowed = true});
}

void whatever_fails_only_the_oldest_are_removed(void **) {
    expect_with_every_fault({.options = {.segment_bytes = small, .keep_segments = 2}, .some_removed = true});
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_costs_time_and_nothing_else),
        cmocka_unit_test(what_was_written_and_not_synced_is_cut_off_again),
        cmocka_unit_test(with_sync_a_write_asks_the_disk),
        cmocka_unit_test(whatever_fails_what_was_acknowledged_is_found_once),
        cmocka_unit_test(whatever_fails_what_was_synced_is_found),
        cmocka_unit_test(whatever_fails_only_the_oldest_are_removed),
    };
    return cmocka_run_group_tests_name("journal_fault", tests, nullptr, nullptr);
}
