// SPDX-License-Identifier: Apache-2.0
// Whoever a track counts for: checked when it comes in, kept encoded in the epoch record, and read back
// into reports.
#pragma once

#include "lkstats_slab.h"
#include "wire/identity.hpp"

#include <cstring>

namespace lkstats::track {

// Valid UTF-8 without NUL of at most LKSTATS_STRING_MAX bytes, which is what protobuf peers take.
bool valid(const lkstats_string_t &string);

// An encoded identity outside the shared memory, on its way in.
class Parts {
  public:
    Parts() = default;
    Parts(const Parts &) = delete; // its parts point into it
    Parts &operator=(const Parts &) = delete;

    // LKSTATS_EINVAL: a string or a count is outside its range.
    lkstats_status_t encode(const lkstats_track_options_t &options);

    const wire::Part &room() const { return room_; }
    const wire::Part &participant() const { return participant_; }

    // How many overflow blocks it needs besides its record: blocks_max at most.
    uint32_t blocks() const;
    static constexpr uint32_t blocks_max = 10;
    // Writes it to a record that has no identity yet, and to that many blocks.
    void store(lkstats_slab_record_t *records, uint32_t record, std::span<const uint32_t> blocks) const;

  private:
    uint8_t room_bytes_[wire::part_max];
    uint8_t participant_bytes_[wire::part_max];
    wire::Part room_;
    wire::Part participant_;
};

// Of a part that is in overflow blocks.
void load_overflow(const lkstats_slab_record_t *records, const lkstats_slab_part_t &part, uint8_t *out);

// Copies a part out of shared memory to out, which has place for part.size bytes.
inline wire::Part load(const lkstats_slab_record_t *records, uint32_t record, const lkstats_slab_part_t &part,
                       uint8_t *out) {
    if (part.overflow == 0)
        std::memcpy(out, records[record].identity + part.at, part.size);
    else
        load_overflow(records, part, out);
    return {std::span<const uint8_t>(out, part.size), part.stat_size};
}

} // namespace lkstats::track
