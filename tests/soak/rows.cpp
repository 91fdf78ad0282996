// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include "journal/reader.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

namespace soak {

namespace {

bool load(const std::string &path, std::vector<uint8_t> &bytes) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file)
        return false;
    bytes.resize(static_cast<size_t>(file.tellg()));
    file.seekg(0);
    file.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<bool>(file);
}

// Where a frame lies: in which segment, and where there.
using Frame = std::pair<size_t, uint64_t>;

class Journal {
  public:
    explicit Journal(std::vector<soak_row> &rows) : rows_(rows), first_(rows.size()) {}
    std::string read(const std::string &path);
    // A reporter writes one batch after the other: but for the last of each context, a writer's are acknowledged.
    void acknowledge();

  private:
    // The writer's number, and whose records they are.
    std::pair<uint32_t, std::string> of(const soak_row &row) const {
        return {stored_by(row), {reinterpret_cast<const char *>(row.key.context), sizeof row.key.context}};
    }

    std::vector<soak_row> &rows_;
    size_t first_;
    size_t segments_ = 0;
    std::vector<Frame> frames_; // of each row
    std::map<std::pair<uint32_t, std::string>, Frame> last_;
};

std::string Journal::read(const std::string &path) {
    using lkstats::journal::Reader;
    std::vector<uint8_t> bytes;
    if (!load(path, bytes))
        return path + " cannot be read";
    Reader reader(bytes);
    // A kill may come while the header is written.
    if (!reader.header_ok())
        return bytes.size() <= sizeof(lkstats_journal_segment_t) ? std::string() : path + " has no header";
    const auto writer = static_cast<uint32_t>(std::stoul(std::string(reader.node().substr(1))));
    ++segments_;
    for (;;) {
        lkstats_record_t record = {};
        lkstats::journal::Found found = {};
        switch (reader.next(record, found)) {
        case Reader::Next::end:
            return reader.lost() == 0 ? std::string() : path + " has records of nobody";
        case Reader::Next::damaged:
            return path + " is damaged";
        case Reader::Next::record:
            break;
        }
        if (found.start_unknown || found.running_unknown)
            return path + " has a record whose predecessor is not there";
        soak_row row;
        soak_row_fill(&row, &record, {found.node.data(), found.node.size()});
        row.batch = writer | stored_in_journal;
        rows_.push_back(row);
        frames_.push_back({segments_, found.offset});
        last_[of(row)] = frames_.back();
    }
}

void Journal::acknowledge() {
    for (size_t i = 0; i < frames_.size(); ++i) {
        soak_row &row = rows_[first_ + i];
        if (frames_[i] != last_[of(row)])
            row.batch |= stored_acknowledged;
    }
}

} // namespace

std::string read_rows(const std::string &path, uint32_t life, std::vector<soak_row> &rows) {
    std::vector<uint8_t> bytes;
    if (!std::filesystem::exists(path)) // killed before it took anything
        return {};
    if (!load(path, bytes))
        return path + " cannot be read";
    const size_t first = rows.size();
    std::set<uint32_t> acknowledged;
    // What is left over is a row that a kill cut short.
    for (size_t at = 0; at + sizeof(soak_row) <= bytes.size(); at += sizeof(soak_row)) {
        soak_row row;
        memcpy(&row, bytes.data() + at, sizeof row);
        if (row.last == SOAK_ROW_ACK)
            acknowledged.insert(row.batch);
        else if (row.last == SOAK_ROW_END)
            rows.push_back(row);
        else
            return path + " has no row at byte " + std::to_string(at);
    }
    for (size_t i = first; i < rows.size(); ++i)
        rows[i].batch = life | (acknowledged.contains(rows[i].batch) ? stored_acknowledged : 0);
    return {};
}

std::string read_journal(const std::string &directory, std::vector<soak_row> &rows) {
    std::vector<std::string> paths;
    for (const auto &entry : std::filesystem::directory_iterator(directory))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    Journal journal(rows);
    for (const std::string &path : paths) {
        if (std::string wrong = journal.read(path); !wrong.empty())
            return wrong;
    }
    journal.acknowledge();
    return {};
}

} // namespace soak
