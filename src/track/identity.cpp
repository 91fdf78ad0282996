// SPDX-License-Identifier: Apache-2.0
#include "track/identity.hpp"

#include "track/utf8.hpp"

#include <cstring>
#include <string_view>

namespace lkstats::track {

namespace {

std::string_view view(const lkstats_string_t &string) {
    return string.size == 0 ? std::string_view() : std::string_view(string.data, string.size);
}

uint32_t blocks_for(const wire::Part &part) {
    return static_cast<uint32_t>((part.bytes.size() + LKSTATS_SLAB_OVERFLOW_SIZE - 1) /
                                 LKSTATS_SLAB_OVERFLOW_SIZE);
}

lkstats_slab_overflow_t &block_at(lkstats_slab_record_t *records, uint32_t index) {
    return *reinterpret_cast<lkstats_slab_overflow_t *>(&records[index]);
}

// Both parts go in line where there is place for both; else the longer one moves out, else both.
struct Plan {
    bool room_out, participant_out;
};
Plan plan(const wire::Part &room, const wire::Part &participant) {
    const size_t place = LKSTATS_SLAB_IDENTITY_SIZE;
    const size_t r = room.bytes.size(), p = participant.bytes.size();
    if (r + p <= place)
        return {false, false};
    const bool room_longer = r > p;
    const bool other_fits = (room_longer ? p : r) <= place;
    return {room_longer || !other_fits, !room_longer || !other_fits};
}

} // namespace

bool valid(const lkstats_string_t &string) {
    if (string.size == 0)
        return true;
    return string.data != nullptr && string.size <= LKSTATS_STRING_MAX && valid_text(view(string));
}

lkstats_status_t Parts::encode(const lkstats_track_options_t &options) {
    const lkstats_string_t *strings[] = {&options.country,   &options.room_sid,
                                         &options.room_name, &options.participant_sid,
                                         &options.track_id,  &options.participant_identity,
                                         &options.tenant};
    for (const lkstats_string_t *string : strings)
        if (!valid(*string))
            return LKSTATS_EINVAL;
    const uint32_t details = options.kind_details_count;
    if (details > LKSTATS_KIND_DETAILS_MAX || (details != 0 && options.kind_details == nullptr))
        return LKSTATS_EINVAL;

    const std::string_view sid = view(options.participant_sid);
    std::string_view track_id = view(options.track_id);
    char made_up[LKSTATS_STRING_MAX + 5];
    if (track_id.empty() && !sid.empty()) {
        std::memcpy(made_up, "TR_DT", 5);
        std::memcpy(made_up + 5, sid.data(), sid.size());
        track_id = std::string_view(made_up, sid.size() + 5);
    }
    room_ = wire::encode(wire::Room{view(options.room_sid), view(options.room_name), view(options.tenant)},
                         std::span<uint8_t, wire::part_max>(room_bytes_));
    participant_ = wire::encode(
        wire::Participant{view(options.country), sid, view(options.participant_identity), track_id,
                          options.participant_kind, std::span(options.kind_details, details)},
        std::span<uint8_t, wire::part_max>(participant_bytes_));
    return LKSTATS_OK;
}

uint32_t Parts::blocks() const {
    const Plan out = plan(room_, participant_);
    return (out.room_out ? blocks_for(room_) : 0) + (out.participant_out ? blocks_for(participant_) : 0);
}

void Parts::store(lkstats_slab_record_t *records, uint32_t record, std::span<const uint32_t> blocks) const {
    lkstats_slab_record_t &to = records[record];
    const Plan out = plan(room_, participant_);
    uint16_t at = 0;
    const auto put = [&](const wire::Part &part, bool outside) {
        lkstats_slab_part_t place = {};
        place.size = static_cast<uint16_t>(part.bytes.size());
        place.stat_size = static_cast<uint16_t>(part.stat_size);
        if (!outside) {
            place.at = at;
            std::memcpy(to.identity + at, part.bytes.data(), part.bytes.size());
            at = static_cast<uint16_t>(at + place.size);
            return place;
        }
        uint32_t *link = &place.overflow;
        for (auto rest = part.bytes; !rest.empty(); blocks = blocks.subspan(1)) {
            lkstats_slab_overflow_t &block = block_at(records, blocks.front());
            *link = blocks.front();
            link = &block.next;
            block.next = 0;
            block.size = static_cast<uint32_t>(std::min<size_t>(rest.size(), LKSTATS_SLAB_OVERFLOW_SIZE));
            std::memcpy(block.bytes, rest.data(), block.size);
            rest = rest.subspan(block.size);
        }
        return place;
    };
    to.room = put(room_, out.room_out);
    to.participant = put(participant_, out.participant_out);
}

void load_overflow(const lkstats_slab_record_t *records, const lkstats_slab_part_t &part, uint8_t *out) {
    for (uint32_t index = part.overflow; index != 0;) {
        const auto &block = *reinterpret_cast<const lkstats_slab_overflow_t *>(&records[index]);
        std::memcpy(out, block.bytes, block.size);
        out += block.size;
        index = block.next;
    }
}

} // namespace lkstats::track
