// SPDX-License-Identifier: Apache-2.0
// A journal is segments of bounded size and age, each of which can be read alone; the oldest are removed, but never
// one that somebody writes to.
#include "journal_files.hpp"
#include "plant.hpp"

#include <algorithm>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cmocka.hpp"

namespace {

using namespace lkstats::journal;
namespace fs = std::filesystem;

constexpr lkstats_time_t then = {5'000'000'000, 1'700'000'000'000'000'000};
constexpr size_t header_size = sizeof(lkstats_journal_segment_t);

// One track that sends a byte at each instant.
class Sender {
  public:
    Sender(const Directory &directory, const Options &options, uint64_t seed)
        : random_(seed), own_(any_origin(random_)), writer(directory.folder(), own_, options),
          epoch_(random_, own_, 1, 1, LKSTATS_CHANNEL_DATA, then) {}
    void send(int64_t at = 0) {
        const lkstats_time_t now = {then.monotonic_ns + at, then.wall_ns + at};
        rows.push_back(epoch_.traffic(now, {1, 1, 0, 0}));
        assert_true(write(writer, {rows.back()}, own_, now));
    }

  private:
    Random random_;
    Origin own_;

  public:
    Writer writer;
    Rows rows;

  private:
    Epoch epoch_;
};

Options each_its_own_segment() { return {.segment_bytes = 1}; }

void expect_tail(const Rows &found, const Rows &all) {
    assert_true(found.size() <= all.size());
    expect_equal(found, Rows(all.end() - static_cast<std::ptrdiff_t>(found.size()), all.end()));
}

// ---- Rotation ----

void nothing_is_made_before_there_is_something_to_write(void **) {
    const Directory directory;
    {
        const Sender sender(directory, {}, 1);
        assert_true(sender.writer.figures().segments == 0);
        assert_true(Sender(directory, {}, 2).writer.write({}, {}, then));
    }
    assert_true(directory.names().empty());
}

void a_segment_ends_before_it_is_larger(void **) {
    for (const uint64_t most : {2'000, 4'000, 10'000}) {
        const Directory directory;
        Story story(most);
        Rows rows;
        size_t largest = 0;
        {
            Writer writer(directory.folder(), story.own(), {.segment_bytes = most});
            for (int i = 0; i < 300; ++i) {
                const Origin *origin;
                const uint64_t before = writer.figures().written_bytes;
                const Rows batch = story.batch(6, &origin);
                assert_true(write(writer, batch, *origin, story.now()));
                largest = std::max<size_t>(largest, writer.figures().written_bytes - before);
                rows.insert(rows.end(), batch.begin(), batch.end());
            }
            assert_int_equal(writer.figures().segments, directory.names().size());
            assert_int_equal(writer.figures().written_bytes, directory.bytes());
            assert_int_equal(writer.figures().written_records, rows.size());
        }
        // Each of them is read by a reader that has seen no other.
        expect_equal(read_all(directory), rows);
        const auto names = directory.names();
        assert_true(names.size() > 5);
        for (size_t i = 0; i < names.size(); ++i) {
            const Bytes bytes = directory.read(names[i]);
            assert_true(bytes.size() <= std::max<size_t>(most, largest));
            // Not before there was need, either.
            if (i + 1 < names.size())
                assert_true(bytes.size() + largest > most);
            assert_int_equal(Reader(bytes).header().number, i + 1);
        }
    }
}

void a_batch_that_is_larger_than_a_segment_has_one_of_its_own(void **) {
    const Directory directory;
    Sender sender(directory, each_its_own_segment(), 1);
    for (int64_t i = 0; i < 5; ++i)
        sender.send(i);
    assert_int_equal(directory.names().size(), 5);
    expect_equal(read_all(directory), sender.rows);
}

void a_segment_that_is_older_takes_nothing_more(void **) {
    const Directory directory;
    Sender sender(directory, {.segment_age_ns = 1'000}, 1);
    const std::pair<int64_t, size_t> expected[] = {{0, 1},     {1'000, 1}, {1'001, 2}, {1'500, 2},
                                                   {2'001, 2}, {2'002, 3}, {9'000, 4}, {9'001, 4}};
    for (const auto &[at, segments] : expected) {
        sender.send(at);
        assert_int_equal(directory.names().size(), segments);
    }
    expect_equal(read_all(directory), sender.rows);
}

void a_segment_never_passes_the_file_size_limit_of_the_process(void **) {
    const Directory directory;
    Sender sender(directory, {}, 1);
    rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small = {4'000, before.rlim_max}; // past it there is a signal
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int64_t i = 0; i < 1'000; ++i)
        sender.send(i);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(directory.names().size() > 2);
    assert_int_equal(sender.writer.figures().failed_writes, 0);
    expect_equal(read_all(directory), sender.rows);
}

void writers_in_one_directory_are_in_nobodys_way(void **) {
    const Directory directory;
    Sender first(directory, each_its_own_segment(), 1), second(directory, {}, 2);
    for (int64_t i = 0; i < 10; ++i) {
        first.send(i);
        second.send(i);
    }
    assert_int_equal(directory.names().size(), 11);
    Rows both = first.rows, found = read_all(directory);
    both.insert(both.end(), second.rows.begin(), second.rows.end());
    const auto by_key = [](const Row &a, const Row &b) { return a.key() < b.key(); };
    std::ranges::sort(both, by_key);
    std::ranges::sort(found, by_key);
    expect_equal(found, both);
}

void what_comes_after_somebody_removed_the_segment_is_not_lost(void **) {
    const Directory directory;
    Sender sender(directory, {}, 1);
    sender.send(0);
    assert_true(fs::remove(directory.at(directory.names().front())));
    sender.send(1);
    sender.send(2);
    const Rows found = read_all(directory);
    assert_int_equal(found.size(), 2);
    expect_tail(found, sender.rows);
}

// ---- Retention ----

void no_more_segments_are_kept_than_were_asked_for(void **) {
    for (const uint32_t keep : {1u, 2u, 5u}) {
        const Directory directory;
        Sender sender(directory, {.segment_bytes = 1, .keep_segments = keep}, keep);
        for (uint32_t i = 1; i <= 9; ++i) {
            sender.send(i);
            assert_int_equal(directory.names().size(), std::min(i, keep));
            assert_int_equal(sender.writer.figures().directory_segments, std::min(i, keep));
            assert_int_equal(sender.writer.figures().removed_segments, i - std::min(i, keep));
        }
        expect_tail(read_all(directory), sender.rows);
    }
}

void no_more_bytes_are_kept_than_were_asked_for_when_a_segment_is_begun(void **) {
    const Directory directory;
    constexpr uint64_t keep = 20'000;
    Sender sender(directory, {.segment_bytes = 3'000, .keep_bytes = keep}, 1);
    uint64_t most = 0;
    for (int64_t i = 0; i < 3'000; ++i) {
        const uint64_t segments = sender.writer.figures().segments;
        sender.send(i);
        most = std::max(most, directory.bytes());
        const Figures figures = sender.writer.figures();
        if (figures.segments != segments)
            assert_true(figures.directory_bytes <= keep + header_size);
        assert_int_equal(figures.removed_bytes + directory.bytes(), figures.written_bytes);
    }
    assert_true(sender.writer.figures().removed_segments > 3);
    assert_true(most > keep && most <= keep + 3'000);
    expect_tail(read_all(directory), sender.rows);
}

void the_oldest_go_first_whoever_wrote_them(void **) {
    const Directory directory;
    Rows rows;
    const Bytes bytes = segment_of(1, 3, 3, rows);
    directory.put("lkstats-a-00000001.journal", bytes, 100);
    directory.put("lkstats-b-00000001.journal", bytes, 300);
    directory.put("lkstats-c-00000001.journal", bytes, 200);
    Sender sender(directory, {.segment_bytes = 1, .keep_segments = 3}, 1);
    const auto left = [&](const char *letter) {
        return fs::exists(directory.at(std::string("lkstats-") + letter + "-00000001.journal"));
    };
    sender.send();
    assert_true(left("a") && !left("b") && left("c"));
    sender.send();
    assert_true(left("a") && !left("c"));
    sender.send();
    assert_false(left("a"));
}

void a_segment_that_a_living_writer_has_is_never_removed(void **) {
    const Directory directory;
    Rows found;
    Sender sender(directory, {.segment_bytes = 1, .keep_bytes = 1, .keep_segments = 1}, 1);
    {
        Sender other(directory, {}, 2);
        other.send();
        for (int64_t i = 0; i < 5; ++i)
            sender.send(i);
        assert_int_equal(directory.names().size(), 2);
        other.send(1);
        found = read_all(directory);
        assert_int_equal(found.size(), 3);
        for (const Row &row : other.rows)
            assert_true(std::ranges::find(found, row) != found.end());
    }
    // Once it is gone its segments are like any others.
    sender.send(6);
    found = read_all(directory);
    assert_int_equal(found.size(), 1);
    assert_true(found.front() == sender.rows.back());
}

void what_is_no_segment_of_this_users_is_left_alone(void **) {
    const Directory directory;
    const Bytes bytes = {1, 2, 3};
    for (const char *name : {"lkstats-x.journal.gz", "other-00000001.journal", "notes", "lkstats:x:dir"})
        directory.put(name, bytes, 1'000);
    directory.put("lkstats-others-00000001.journal", bytes, 1'000);
    fs::permissions(directory.at("lkstats-others-00000001.journal"), fs::perms(0644)); // not made by us
    fs::create_symlink("notes", directory.at("lkstats-link-00000001.journal"));
    fs::create_directory(directory.at("lkstats-folder-00000001.journal"));
    assert_int_equal(mkfifo(directory.at("lkstats-pipe-00000001.journal").c_str(), 0600), 0);
    assert_int_equal(mknod(directory.at("lkstats-socket-00000001.journal").c_str(), S_IFSOCK | 0600, 0), 0);
    const auto before = directory.names();
    Sender sender(directory, {.segment_bytes = 1, .keep_bytes = 1, .keep_segments = 1}, 1);
    sender.send();
    sender.send();
    assert_int_equal(directory.names().size(), before.size() + 1);
    for (const std::string &name : before)
        assert_true(fs::exists(fs::symlink_status(directory.at(name))));
    assert_int_equal(sender.writer.figures().directory_segments, 1);
}

} // namespace

int main() {
    lkstats::plant_from_environment();
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_made_before_there_is_something_to_write),
        cmocka_unit_test(a_segment_ends_before_it_is_larger),
        cmocka_unit_test(a_batch_that_is_larger_than_a_segment_has_one_of_its_own),
        cmocka_unit_test(a_segment_that_is_older_takes_nothing_more),
        cmocka_unit_test(a_segment_never_passes_the_file_size_limit_of_the_process),
        cmocka_unit_test(writers_in_one_directory_are_in_nobodys_way),
        cmocka_unit_test(what_comes_after_somebody_removed_the_segment_is_not_lost),
        cmocka_unit_test(no_more_segments_are_kept_than_were_asked_for),
        cmocka_unit_test(no_more_bytes_are_kept_than_were_asked_for_when_a_segment_is_begun),
        cmocka_unit_test(the_oldest_go_first_whoever_wrote_them),
        cmocka_unit_test(a_segment_that_a_living_writer_has_is_never_removed),
        cmocka_unit_test(what_is_no_segment_of_this_users_is_left_alone),
    };
    return cmocka_run_group_tests_name("journal_segments", tests, nullptr, nullptr);
}
