// SPDX-License-Identifier: Apache-2.0
#include "recover/check.hpp"

#include "slab/record.hpp"
#include "slab/slot.hpp"
#include "track/identity.hpp"
#include "track/utf8.hpp"
#include "wire/identity.hpp"

#include <algorithm>
#include <string_view>

namespace lkstats::recover {

namespace {

// A total past 2^63 is outside the contract; what one more window adds must fit too.
constexpr uint64_t figure_most = uint64_t{1} << 62;
constexpr int64_t time_most = int64_t{1} << 62;

bool sound(const lkstats_time_t &time) {
    return time.monotonic_ns >= 0 && time.monotonic_ns < time_most && time.wall_ns > -time_most &&
           time.wall_ns < time_most;
}

bool at_most(const lkstats_traffic_t &a, const lkstats_traffic_t &b) { return slab::at_least(b, a) == b; }

bool good(const lkstats_slab_snapshot_t &snapshot, uint32_t sequence) {
    return slab::whole(snapshot) && snapshot.sequence == sequence && recover::sound(snapshot.traffic) &&
           sound(snapshot.at);
}

bool text(const lkstats_string_t &string) {
    return string.size == 0 || track::valid_text(std::string_view(string.data, string.size));
}

wire::Part part_of(const lkstats_slab_part_t &part, bool known, std::span<const uint8_t> stream) {
    return known ? wire::Part{stream.subspan(part.at, part.size), part.stat_size} : wire::Part{};
}

} // namespace

bool sound(const lkstats_traffic_t &traffic) {
    return std::max({traffic.send_bytes, traffic.send_messages, traffic.recv_bytes, traffic.recv_messages}) <
           figure_most;
}

bool sound(const lkstats_slab_slot_t &slot) {
    constexpr uint32_t most = uint32_t{1} << (62 - LKSTATS_SLAB_BYTE_BITS);
    return std::all_of(std::begin(slot.carry), std::end(slot.carry),
                       [](uint64_t carry) { return static_cast<uint32_t>(carry) < most; });
}

bool sound(const lkstats_slab_record_t &raw) {
    // The wrapper only reads here.
    const slab::Record record(const_cast<lkstats_slab_record_t &>(raw));
    if (record.channel() < LKSTATS_CHANNEL_DATA || record.channel() > LKSTATS_CHANNEL_SIGNAL ||
        (!record.signal() && !record.resolved()) || raw.epoch == 0 || (!record.signal() && raw.epoch != 1))
        return false;
    if (!sound(record.base()) || !sound(raw.start) || !sound(raw.end))
        return false;
    const unsigned acknowledged = raw.control & LKSTATS_SLAB_ACKNOWLEDGED;
    if (record.first()) {
        if (record.sequence() != (record.pending() ? 1U : 0U))
            return false;
    } else if (!good(raw.snapshot[acknowledged], record.acknowledged_sequence()) ||
               !at_most(record.base(), raw.snapshot[acknowledged].traffic)) {
        return false;
    }
    if (record.pending() && (!good(record.snapshot(), record.sequence()) ||
                             !at_most(record.acknowledged(), record.snapshot().traffic) ||
                             record.snapshot().at.monotonic_ns < record.window_start().monotonic_ns))
        return false;
    for (const lkstats_slab_totals_t &totals : raw.running)
        if (slab::whole(totals) && !sound(totals.traffic))
            return false;
    return true;
}

bool identity_size(const lkstats_slab_record_t &record, IdentitySize &size) {
    const size_t needed = track::stream_size(record);
    if (needed > wire::parts_max)
        return false;
    size = {static_cast<uint32_t>(needed), static_cast<uint32_t>(needed)};
    for (const lkstats_slab_part_t *part : {&record.room, &record.participant})
        if (const uint32_t end = uint32_t{part->at} + part->size; end <= wire::parts_max)
            size.possible = std::max(size.possible, end);
    return true;
}

bool identity_sound(const lkstats_slab_record_t &raw, std::span<const uint8_t> stream) {
    const slab::Record record(const_cast<lkstats_slab_record_t &>(raw));
    const bool room_known = record.knows(LKSTATS_SLAB_ROOM_KNOWN);
    const bool participant_known = record.knows(LKSTATS_SLAB_PARTICIPANT_KNOWN);
    uint16_t expected = 0, others[2] = {};
    const auto sum = [&](const lkstats_slab_part_t &part, bool known, uint16_t &other) {
        if (size_t{part.at} + part.size > stream.size())
            return;
        const uint16_t of = track::sum_of(part, stream.subspan(part.at, part.size));
        (known ? expected : other) ^= of;
    };
    expected = track::sum_of_connection(raw, stream.subspan(raw.connection.at, raw.connection.size));
    sum(raw.room, room_known, others[0]);
    sum(raw.participant, participant_known, others[1]);
    const auto rest = static_cast<uint16_t>(raw.identity_sum ^ expected);
    // A part that is not known may have lost its bit, or not have it yet: it need not make sense.
    const bool unknown_parts = !room_known || !participant_known;
    if (rest != 0 && !(unknown_parts && (rest == others[0] || rest == others[1] ||
                                         rest == static_cast<uint16_t>(others[0] ^ others[1]))))
        return false;
    // Each part into a record of its own: a tenant that another one's hides has to be text too.
    lkstats_record_t connection = {}, room = {}, participant = {};
    int32_t details[LKSTATS_KIND_DETAILS_MAX];
    return wire::decode_connection(part_of(raw.connection, true, stream), connection) &&
           wire::decode_room(part_of(raw.room, room_known, stream), room) &&
           wire::decode_participant(part_of(raw.participant, participant_known, stream), participant,
                                    details) &&
           text(connection.country) && text(connection.tenant) && text(room.room_sid) &&
           text(room.room_name) && text(room.tenant) && text(participant.participant_sid) &&
           text(participant.participant_identity) && text(participant.track_id) && text(participant.tenant);
}

} // namespace lkstats::recover
