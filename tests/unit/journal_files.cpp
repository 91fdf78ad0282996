// SPDX-License-Identifier: Apache-2.0
#include "journal_files.hpp"

#include "cmocka.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace lkstats::journal {

namespace fs = std::filesystem;

Directory::Directory() {
    // Thousands of files, half of them synced: in memory, where there is a directory for it.
    const fs::path memory = "/dev/shm";
    path_ = ((fs::exists(memory) ? memory : fs::temp_directory_path()) / "lkstats-journal-XXXXXX").string();
    assert_non_null(mkdtemp(path_.data()));
}

Directory::~Directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::vector<std::string> Directory::names() const {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(path_))
        names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

Bytes Directory::read(const std::string &name) const {
    std::ifstream file(at(name), std::ios::binary);
    assert_true(file.good());
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

void Directory::put(const std::string &name, const Bytes &bytes, int64_t seconds_ago) const {
    std::ofstream(at(name), std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    fs::permissions(at(name), fs::perms::owner_read | fs::perms::owner_write);
    fs::last_write_time(at(name), fs::file_time_type::clock::now() - std::chrono::seconds(seconds_ago));
}

uint64_t Directory::bytes() const {
    uint64_t sum = 0;
    for (const auto &entry : fs::directory_iterator(path_))
        sum += entry.file_size();
    return sum;
}

Reading read(const Bytes &segment) {
    Reading reading;
    Reader reader(segment);
    reading.header_ok = reader.header_ok();
    lkstats_record_t record;
    Found found;
    for (;;) {
        switch (reader.next(record, found)) {
        case Reader::Next::record:
            reading.rows.emplace_back(record, found.node, found.analytics_key);
            reading.places.push_back({found.offset, found.start_unknown, found.running_unknown});
            break;
        case Reader::Next::damaged:
            ++reading.damaged;
            break;
        case Reader::Next::end:
            reading.torn = reader.torn();
            reading.lost = reader.lost();
            return reading;
        }
    }
}

Rows read_all(const Directory &directory) {
    Rows all;
    for (const std::string &name : directory.names()) {
        const Reading reading = read(directory.read(name));
        if (!reading.header_ok && reading.torn)
            continue;
        assert_true(reading.whole());
        all.insert(all.end(), reading.rows.begin(), reading.rows.end());
    }
    return all;
}

bool write(Writer &writer, const Rows &rows, const Origin &origin, lkstats_time_t now) {
    return writer.write(records(rows), origin, now);
}

void expect_equal(const Rows &found, const Rows &expected) {
    assert_int_equal(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
        assert_true(found[i] == expected[i]);
}

Bytes segment_of(uint64_t seed, int batches, size_t most, Rows &rows) {
    const Directory directory;
    Story story(seed);
    Writer writer(directory.folder(), story.own(), {});
    for (int i = 0; i < batches; ++i) {
        const Origin *origin;
        const Rows batch = story.batch(most, &origin);
        assert_true(write(writer, batch, *origin, story.now()));
        rows.insert(rows.end(), batch.begin(), batch.end());
    }
    assert_int_equal(directory.names().size(), 1);
    return directory.read(directory.names().front());
}

} // namespace lkstats::journal
