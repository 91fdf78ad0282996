// SPDX-License-Identifier: Apache-2.0
// A directory of segments, as a reader finds it.
#pragma once

#include "journal/reader.hpp"
#include "journal/writer.hpp"
#include "journal_rows.hpp"

namespace lkstats::journal {

using Bytes = std::vector<uint8_t>;

class Directory {
  public:
    Directory();
    ~Directory(); // with all that is in it
    os::Folder folder() const { return os::Folder(path_); }
    const std::string &path() const { return path_; }
    std::string at(const std::string &name) const { return path_ + "/" + name; }
    // The names of all files, in order.
    std::vector<std::string> names() const;
    Bytes read(const std::string &name) const;
    // A file with these bytes, written to so long ago.
    void put(const std::string &name, const Bytes &bytes, int64_t seconds_ago = 0) const;
    uint64_t bytes() const; // of all files

  private:
    std::string path_;
};

struct Reading {
    Rows rows;
    bool header_ok = false, torn = false;
    uint64_t damaged = 0, lost = 0;
    // Of each row.
    struct Place {
        uint64_t offset;
        bool start_unknown, running_unknown;
    };
    std::vector<Place> places;

    bool whole() const {
        for (const Place &place : places)
            if (place.start_unknown || place.running_unknown)
                return false;
        return header_ok && !torn && damaged == 0 && lost == 0;
    }
};
Reading read(const Bytes &segment);
// All segments in the order of their names, each of which has to be whole, or too short for its header: begun and no more.
Rows read_all(const Directory &directory);

bool write(Writer &writer, const Rows &rows, const Origin &origin, lkstats_time_t now);
void expect_equal(const Rows &found, const Rows &expected);

// One segment with a whole story, and its rows.
Bytes segment_of(uint64_t seed, int batches, size_t most, Rows &rows);

} // namespace lkstats::journal
