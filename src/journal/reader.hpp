// SPDX-License-Identifier: Apache-2.0
// Reads one segment, whoever made it and whatever became of it: every bound is checked, and what is kept is bounded by
// what is there.
#pragma once

#include "journal/chain.hpp"

#include <string_view>
#include <unordered_map>

namespace lkstats::journal {

// Where a record was found, and what is not known of it.
struct Found {
    uint64_t offset = 0; // of the frame
    std::string_view node, analytics_key;
    // The record before is in a frame that is damaged: record.start, or record.running, is zero.
    bool start_unknown = false, running_unknown = false;
};

class Reader {
  public:
    // All bytes of a file, which outlive the reader.
    explicit Reader(std::span<const uint8_t> segment);
    Reader(const Reader &) = delete; // what is kept points into it
    Reader &operator=(const Reader &) = delete;

    // Without a header nothing can be read.
    bool header_ok() const { return header_ok_; }
    const lkstats_journal_segment_t &header() const { return header_; } // in the host's byte order
    std::string_view node() const { return own_.node; }
    std::string_view analytics_key() const { return own_.analytics_key; }

    enum class Next {
        record,
        damaged, // a header or frame, at found.offset; more may follow
        end
    };
    // record and found are set for a record only, of found the offset always. The record's texts are the
    // segment's bytes, its kind details the reader's until the next call. May throw std::bad_alloc.
    Next next(lkstats_record_t &record, Found &found);

    // After the end: a frame was begun there and is not whole.
    bool torn() const { return torn_; }
    // Where the frames end that were read so far.
    uint64_t offset() const { return at_; }
    // Records so far that belong to a track or origin whose entry is in a damaged frame.
    uint64_t lost() const { return lost_; }

  private:
    struct Known {
        const uint8_t *entry; // behind its tag
        const OriginView *origin;
        Chain chain;
    };
    enum class Entry { record, other, malformed };

    Next next_frame(Found &found);
    Entry next_entry(lkstats_record_t &record, Found &found);
    Entry origin_entry();
    Entry track_entry();
    Entry window_entry(uint8_t tag, lkstats_record_t &record, Found &found);

    std::span<const uint8_t> segment_;
    lkstats_journal_segment_t header_ = {};
    bool header_ok_ = false, over_ = false, torn_ = false;
    uint64_t at_ = 0, lost_ = 0;

    // Of the frame that is being read.
    uint64_t frame_ = 0;
    In in_;
    Place place_;

    OriginView own_ = {};
    std::unordered_map<uint32_t, OriginView> origins_; // by number, but for the own one
    std::unordered_map<uint32_t, Known> tracks_;
    int32_t kind_details_[LKSTATS_KIND_DETAILS_MAX];
};

} // namespace lkstats::journal
