// SPDX-License-Identifier: Apache-2.0
// Whoever a handle counts for: checked when it comes in, kept encoded with the epoch record, and read back
// into reports. A record's parts are one stream of bytes: its identity first, then its overflow blocks.
#pragma once

#include "lkstats_slab.h"
#include "wire/identity.hpp"

#include <cstring>

namespace lkstats::track {

// Valid UTF-8 without NUL of at most LKSTATS_STRING_MAX bytes, which is what protobuf peers take.
bool valid(const lkstats_string_t &string);

// A part outside the shared memory, on its way in.
class Encoded {
  public:
    Encoded() = default;
    Encoded(const Encoded &) = delete; // its part points into it
    Encoded &operator=(const Encoded &) = delete;

    const wire::Part &part() const { return part_; }
    template <class T> void encode(const T &of) {
        part_ = wire::encode(of, std::span<uint8_t, wire::part_max>(bytes_));
    }

  private:
    uint8_t bytes_[wire::part_max];
    wire::Part part_;
};

// All that a handle begins with. LKSTATS_EINVAL: a string or a count is outside its range.
struct Identity {
    Encoded connection, room, participant;
    bool resolved = false; // a data track, which has them all

    lkstats_status_t encode(const lkstats_track_options_t &options);
    lkstats_status_t encode(const lkstats_signal_options_t &options);
    size_t size() const {
        return connection.part().bytes.size() + room.part().bytes.size() + participant.part().bytes.size();
    }
};
// The same for what a signal connection gets later; a sid has to be there.
lkstats_status_t encode(const lkstats_room_t &room, Encoded &encoded);
lkstats_status_t encode(const lkstats_participant_t &participant, Encoded &encoded);

// Overflow blocks that a stream of so many bytes needs.
constexpr uint32_t blocks_for(size_t size) {
    return size <= LKSTATS_SLAB_IDENTITY_SIZE
               ? 0
               : static_cast<uint32_t>((size - LKSTATS_SLAB_IDENTITY_SIZE + LKSTATS_SLAB_OVERFLOW_SIZE - 1) /
                                       LKSTATS_SLAB_OVERFLOW_SIZE);
}
inline constexpr uint32_t blocks_max = blocks_for(wire::parts_max);

// How long a record's stream is, by the parts that are known.
size_t stream_size(const lkstats_slab_record_t &record);
uint32_t block_count(const lkstats_slab_record_t *records, uint32_t record);
void add_block(lkstats_slab_record_t *records, uint32_t record, uint32_t block);
// Writes a part behind those that are known; there are blocks for it. place: one of the record's three. The
// known bit is the caller's, after this.
void append(lkstats_slab_record_t *records, uint32_t record, lkstats_slab_part_t &place,
            const wire::Part &part);
// Room and participant are not known any more.
void forget(lkstats_slab_record_t *records, uint32_t record);

// Of a part's place and bytes. A record's identity_sum is that of its connection and of its known parts, exclusive
// or. Of those that are not known it may have any: they come in before their bit, and go after it.
uint16_t sum_of(const lkstats_slab_part_t &place, std::span<const uint8_t> bytes);
// The same of a connection, and of the channel with it.
uint16_t sum_of_connection(const lkstats_slab_record_t &record, std::span<const uint8_t> bytes);

void load_overflow(const lkstats_slab_record_t *records, uint32_t record, size_t size, uint8_t *out);

// Copies the first bytes of a record's stream to out, which has place for load_size of them: whole lines,
// since the processor copies those much faster.
inline constexpr size_t load_unit = 32;
constexpr size_t load_size(size_t size) { return (size + load_unit - 1) / load_unit * load_unit; }
inline void load(const lkstats_slab_record_t *records, uint32_t record, size_t size, uint8_t *out) {
    static_assert(LKSTATS_SLAB_IDENTITY_SIZE % load_unit == 0);
    for (size_t at = 0; at < size && at < LKSTATS_SLAB_IDENTITY_SIZE; at += load_unit)
        std::memcpy(out + at, records[record].identity + at, load_unit);
    if (size > LKSTATS_SLAB_IDENTITY_SIZE)
        load_overflow(records, record, size, out);
}
// A part within what was loaded.
inline wire::Part part_of(const lkstats_slab_part_t &part, const uint8_t *stream) {
    return {std::span<const uint8_t>(stream + part.at, part.size), part.stat_size};
}

} // namespace lkstats::track
