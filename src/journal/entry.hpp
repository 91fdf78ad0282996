// SPDX-License-Identifier: Apache-2.0
// The entries of a frame, as lkstats_journal.h has them: one function writes each kind and one takes it.
#pragma once

#include "journal/origin.hpp"
#include "lkstats_journal.h"

#include <span>
#include <string_view>
#include <vector>

namespace lkstats::journal {

// What a frame is written to; its memory is kept.
class Out {
  public:
    void clear() { used_ = 0; }
    size_t size() const { return used_; }
    std::span<uint8_t> bytes() { return std::span(bytes_).first(used_); }
    // So many bytes can be appended without an exception. May throw std::bad_alloc.
    void reserve(size_t more);

    void byte(uint8_t value);
    void number(uint64_t value); // a varint
    void difference(uint64_t value) {
        number(value << 1 ^ static_cast<uint64_t>(static_cast<int64_t>(value) >> 63));
    }
    void bytes(std::span<const uint8_t> from);
    void text(std::string_view from) {
        number(from.size());
        bytes({reinterpret_cast<const uint8_t *>(from.data()), from.size()});
    }

  private:
    std::vector<uint8_t> bytes_; // with more behind what is used
    size_t used_ = 0;
};

// What is left of a frame that somebody may have made by hand. After something that does not fit it is no longer
// good, and gives zeros.
class In {
  public:
    In() = default;
    explicit In(std::span<const uint8_t> bytes) : left_(bytes) {}
    bool good() const { return good_; }
    bool empty() const { return left_.empty(); }
    const uint8_t *at() const { return left_.data(); }

    uint8_t byte();
    uint64_t number();
    uint32_t number32();
    uint64_t difference() {
        const uint64_t value = number();
        return value >> 1 ^ -(value & 1);
    }
    int32_t difference32();
    std::span<const uint8_t> bytes(uint64_t size);
    // Valid UTF-8 of at most so many bytes.
    lkstats_string_t text(uint64_t most);

    void fail() { good_ = false; }

  private:
    std::span<const uint8_t> left_;
    bool good_ = true;
};

// An instant as it is written: wall time as its distance to monotonic time, which hardly ever changes.
struct Instant {
    uint64_t monotonic = 0, distance = 0;

    Instant() = default;
    explicit Instant(const lkstats_time_t &from)
        : monotonic(static_cast<uint64_t>(from.monotonic_ns)),
          distance(static_cast<uint64_t>(from.wall_ns) - monotonic) {}
    lkstats_time_t time() const {
        return {static_cast<int64_t>(monotonic), static_cast<int64_t>(monotonic + distance)};
    }
};

// What the next window of a frame is written as a difference to.
struct Place {
    uint32_t number = 0;
    Instant end;
};

struct Track {
    uint32_t number = 0, origin = 0;
    uint32_t first = 0; // sequence of its first record in the segment
};

struct Window {
    uint32_t number = 0;
    uint32_t sequence = 0; // minus its track's first
    uint32_t kind = LKSTATS_RECORD_TRAFFIC;
    bool same_sequence = false;
    bool whole = false; // start and running are there
    lkstats_time_t start = {}, end = {};
    lkstats_traffic_t window = {}, running = {};
};

// These may throw std::bad_alloc, having appended anything.
void put_origin(Out &out, uint32_t number, const Origin &origin);
void put_track(Out &out, const Track &track, const lkstats_record_t &record, Place &place);
void put_window(Out &out, const Window &window, Place &place);

// Behind the tag. Malformed, where in is no longer good.
struct OriginView {
    uint8_t context[16];
    std::string_view node, analytics_key;
};
uint32_t take_origin(In &in, OriginView &origin);
// kind_details is room for LKSTATS_KIND_DETAILS_MAX, which record points into. Of the key: slot, tag and epoch.
Track take_track(In &in, lkstats_record_t &record, int32_t *kind_details, Place &place);
Window take_window(In &in, uint8_t tag, Place &place);

} // namespace lkstats::journal
