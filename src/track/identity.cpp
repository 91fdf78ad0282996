// SPDX-License-Identifier: Apache-2.0
#include "track/identity.hpp"

#include "slab/mutant.hpp"
#include "slab/record.hpp"
#include "track/utf8.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string_view>

namespace lkstats::track {

namespace {

std::string_view view(const lkstats_string_t &string) {
    return string.size == 0 ? std::string_view() : std::string_view(string.data, string.size);
}

std::span<const int32_t> details(const int32_t *values, uint32_t count) { return {values, count}; }
bool details_ok(const int32_t *values, uint32_t count) {
    return count <= LKSTATS_KIND_DETAILS_MAX && (count == 0 || values != nullptr);
}

// A track id that is made up: prefix and participant sid.
class TrackId {
  public:
    TrackId(std::string_view prefix, std::string_view sid) : size_(prefix.size() + sid.size()) {
        prefix.copy(text_, prefix.size());
        sid.copy(text_ + prefix.size(), sid.size());
    }
    std::string_view view() const { return {text_, size_}; }

  private:
    char text_[LKSTATS_STRING_MAX + 5];
    size_t size_;
};

lkstats_slab_overflow_t &block_at(lkstats_slab_record_t *records, uint32_t index) {
    return *reinterpret_cast<lkstats_slab_overflow_t *>(&records[index]);
}
const lkstats_slab_overflow_t &block_at(const lkstats_slab_record_t *records, uint32_t index) {
    return *reinterpret_cast<const lkstats_slab_overflow_t *>(&records[index]);
}

} // namespace

bool valid(const lkstats_string_t &string) {
    if (string.size == 0)
        return true;
    return string.data != nullptr && string.size <= LKSTATS_STRING_MAX && valid_text(view(string));
}

lkstats_status_t Identity::encode(const lkstats_track_options_t &options) {
    const lkstats_string_t *strings[] = {&options.country,   &options.room_sid,
                                         &options.room_name, &options.participant_sid,
                                         &options.track_id,  &options.participant_identity,
                                         &options.tenant};
    for (const lkstats_string_t *string : strings)
        if (!valid(*string))
            return LKSTATS_EINVAL;
    if (!details_ok(options.kind_details, options.kind_details_count))
        return LKSTATS_EINVAL;
    const std::string_view sid = view(options.participant_sid);
    const TrackId made_up("TR_DT", sid);
    const bool given = options.track_id.size != 0 || sid.empty();
    connection.encode(wire::Connection{view(options.country), view(options.tenant)});
    room.encode(wire::Room{view(options.room_sid), view(options.room_name)});
    participant.encode(wire::Participant{
        sid, view(options.participant_identity), given ? view(options.track_id) : made_up.view(),
        options.participant_kind, details(options.kind_details, options.kind_details_count)});
    resolved = true;
    return LKSTATS_OK;
}

lkstats_status_t Identity::encode(const lkstats_signal_options_t &options) {
    if (!valid(options.country) || !valid(options.tenant))
        return LKSTATS_EINVAL;
    connection.encode(wire::Connection{view(options.country), view(options.tenant)});
    return LKSTATS_OK;
}

lkstats_status_t encode(const lkstats_room_t &room, Encoded &encoded) {
    if (room.sid.size == 0 || !valid(room.sid) || !valid(room.name) || !valid(room.tenant))
        return LKSTATS_EINVAL;
    encoded.encode(wire::Room{view(room.sid), view(room.name), view(room.tenant)});
    return LKSTATS_OK;
}

lkstats_status_t encode(const lkstats_participant_t &of, Encoded &encoded) {
    if (of.sid.size == 0 || !valid(of.sid) || !valid(of.identity) || !valid(of.tenant) ||
        !details_ok(of.kind_details, of.kind_details_count))
        return LKSTATS_EINVAL;
    const TrackId track_id("TR_SG", view(of.sid));
    encoded.encode(wire::Participant{view(of.sid), view(of.identity), track_id.view(), of.kind,
                                     details(of.kind_details, of.kind_details_count), view(of.tenant)});
    return LKSTATS_OK;
}

size_t stream_size(const lkstats_slab_record_t &record) {
    const auto end = [](const lkstats_slab_part_t &part) { return size_t{part.at} + part.size; };
    size_t size = end(record.connection);
    if ((record.control & LKSTATS_SLAB_ROOM_KNOWN) != 0)
        size = std::max(size, end(record.room));
    if ((record.control & LKSTATS_SLAB_PARTICIPANT_KNOWN) != 0)
        size = std::max(size, end(record.participant));
    return size;
}

uint32_t block_count(const lkstats_slab_record_t *records, uint32_t record) {
    uint32_t count = 0;
    for (uint32_t block = records[record].overflow; block != 0; block = block_at(records, block).next)
        ++count;
    return count;
}

void add_block(lkstats_slab_record_t *records, uint32_t record, uint32_t block) {
    uint32_t *link = &records[record].overflow;
    while (*link != 0)
        link = &block_at(records, *link).next;
    block_at(records, block) = {};
    step();
    std::atomic_signal_fence(std::memory_order_release); // a kill falls between two instructions
    *link = block;
    step();
}

uint16_t sum_of(const lkstats_slab_part_t &place, std::span<const uint8_t> bytes) {
    // Finds what changed in a file, like the checksums of src/slab, and is no defence against anybody either.
    uint64_t sum =
        (uint64_t{place.at} << 32 | uint64_t{place.size} << 16 | place.stat_size) * 0x9e3779b97f4a7c15ULL;
    uint64_t factor = 0xd1b54a32d192ed03ULL;
    for (size_t i = 0; i < bytes.size(); i += 8, factor += 0xd1b54a32d192ed02ULL) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, std::min<size_t>(8, bytes.size() - i));
        sum += (word ^ bytes.size()) * factor;
    }
    sum ^= sum >> 32;
    sum *= 0x9e3779b97f4a7c15ULL;
    return static_cast<uint16_t>(sum >> 48);
}

uint16_t sum_of_connection(const lkstats_slab_record_t &record, std::span<const uint8_t> bytes) {
    const uint64_t channel = record.control >> LKSTATS_SLAB_CHANNEL_SHIFT & 0xff;
    return static_cast<uint16_t>(sum_of(record.connection, bytes) ^ channel * 0x9e37);
}

void forget(lkstats_slab_record_t *records, uint32_t record) {
    lkstats_slab_record_t &r = records[record];
    slab::Record(r).forget_identity();
    step();
    uint8_t connection[wire::part_max + load_unit];
    load(records, record, r.connection.size, connection);
    r.identity_sum = sum_of_connection(r, {connection, r.connection.size});
}

void append(lkstats_slab_record_t *records, uint32_t record, lkstats_slab_part_t &place,
            const wire::Part &part) {
    size_t at = stream_size(records[record]);
    place = {static_cast<uint16_t>(at), static_cast<uint16_t>(part.bytes.size()),
             static_cast<uint16_t>(part.stat_size)};
    auto rest = part.bytes;
    // Copies what belongs to one stretch of memory, from offset at of the stretch on.
    const auto fill = [&](uint8_t *stretch, size_t size) {
        if (at >= size) {
            at -= size;
            return;
        }
        const auto here = rest.first(std::min(rest.size(), size - at));
        if (!here.empty())
            std::memcpy(stretch + at, here.data(), here.size());
        rest = rest.subspan(here.size());
        at = 0;
    };
    fill(records[record].identity, LKSTATS_SLAB_IDENTITY_SIZE);
    for (uint32_t block = records[record].overflow; !rest.empty() && block != 0;
         block = block_at(records, block).next)
        fill(block_at(records, block).bytes, LKSTATS_SLAB_OVERFLOW_SIZE);
    step();
    records[record].identity_sum ^= &place == &records[record].connection
                                        ? sum_of_connection(records[record], part.bytes)
                                        : sum_of(place, part.bytes);
}

void load_overflow(const lkstats_slab_record_t *records, uint32_t record, size_t size, uint8_t *out) {
    out += LKSTATS_SLAB_IDENTITY_SIZE;
    size -= LKSTATS_SLAB_IDENTITY_SIZE;
    for (uint32_t index = records[record].overflow; index != 0 && size != 0;
         index = block_at(records, index).next) {
        const size_t here = std::min<size_t>(size, LKSTATS_SLAB_OVERFLOW_SIZE);
        std::memcpy(out, block_at(records, index).bytes, here);
        out += here;
        size -= here;
    }
}

} // namespace lkstats::track
