// SPDX-License-Identifier: Apache-2.0
// Appends batches of records to the segments of a directory, in the format of lkstats_journal.h. A batch that is
// written is acknowledged.
#pragma once

#include "journal/origin.hpp"
#include "lkstats.h"
#include "os/folder.hpp"

#include <memory>
#include <span>

namespace lkstats::journal {

struct Options {
    uint64_t segment_bytes = LKSTATS_JOURNAL_SEGMENT_DEFAULT_BYTES;
    int64_t segment_age_ns = int64_t{LKSTATS_JOURNAL_SEGMENT_AGE_DEFAULT_MS} * 1'000'000;
    uint64_t keep_bytes = 0;    // 0: all
    uint32_t keep_segments = 0; // 0: all
    bool sync = false;
};

struct Figures {
    uint64_t written_records = 0;
    uint64_t written_bytes = 0; // headers of segments included
    uint64_t failed_writes = 0;
    uint64_t segments = 0; // begun by this writer, those that never took a batch left out
    uint64_t removed_segments = 0;
    uint64_t removed_bytes = 0;
    uint64_t directory_bytes = 0; // of all segments, when one was last begun
    uint64_t directory_segments = 0;
    bool failing = false; // the last write was in vain
};

class Writer {
  public:
    // Touches nothing yet: the first segment is begun when there is something to write. May throw std::bad_alloc.
    Writer(os::Folder folder, Origin own, const Options &options);
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    // All of the records, in one frame, or none of them: false, errno says why, and no reader finds anything of them
    // (but for a disk that fails to cut a file as well; then the same keys and contents come twice). May throw
    // std::bad_alloc, which means the same. The key.context of each is origin's. now: for the age of segments.
    // Thread: one at a time.
    bool write(std::span<const lkstats_record_t> records, const Origin &origin, lkstats_time_t now);
    // Thread: any.
    Figures figures() const;

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace lkstats::journal
