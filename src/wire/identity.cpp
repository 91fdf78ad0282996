// SPDX-License-Identifier: Apache-2.0
#include "wire/identity.hpp"

#include "wire/analytics.pb-c.h"
#include "wire/field_reader.hpp"

#include <cstring>

namespace lkstats::wire {
namespace {

// A track id that was made up is a prefix and a participant sid.
constexpr size_t track_id_max = LKSTATS_STRING_MAX + sizeof "TR_DT" - 1;

// What the longest parts take: a tag of one byte, a size of two, an integer of ten.
constexpr size_t text_max(size_t size) { return 1 + 2 + size; }
constexpr size_t connection_max = 2 * text_max(LKSTATS_STRING_MAX);
constexpr size_t room_max = 3 * text_max(LKSTATS_STRING_MAX);
constexpr size_t participant_max = 3 * text_max(LKSTATS_STRING_MAX) + text_max(track_id_max) + 1 + 10 +
                                   text_max(10 * LKSTATS_KIND_DETAILS_MAX);
static_assert(participant_max <= part_max && connection_max + room_max + participant_max <= parts_max);

// protobuf-c takes strings with a terminator only; track_new may not allocate.
class Terminated {
  public:
    char *operator()(std::string_view text) {
        if (text.empty())
            return const_cast<char *>(protobuf_c_empty_string);
        char *start = at_;
        std::memcpy(start, text.data(), text.size());
        start[text.size()] = '\0';
        at_ = start + text.size() + 1;
        return start;
    }

  private:
    char text_[3 * (LKSTATS_STRING_MAX + 1) + track_id_max + 1];
    char *at_ = text_;
};

Part pack(const Lkstats__Wire__AnalyticsStat &stat, const Lkstats__Wire__TrackIdentity &identity,
          uint8_t *buffer) {
    const size_t stat_size = lkstats__wire__analytics_stat__pack(&stat, buffer);
    const size_t rest = lkstats__wire__track_identity__pack(&identity, buffer + stat_size);
    return {{buffer, stat_size + rest}, stat_size};
}

// A part's last field. One that says no tenant leaves the one that is there.
bool decode_tenant(FieldReader &rest, lkstats_record_t &record) {
    lkstats_string_t tenant = {};
    if (!rest.string(5, tenant))
        return false;
    if (tenant.size != 0)
        record.tenant = tenant;
    return rest.done();
}

} // namespace

Part encode(const Connection &connection, std::span<uint8_t, part_max> buffer) {
    Terminated terminated;
    Lkstats__Wire__TrackIdentity rest = LKSTATS__WIRE__TRACK_IDENTITY__INIT;
    rest.country = terminated(connection.country);
    rest.tenant = terminated(connection.tenant);
    return pack(LKSTATS__WIRE__ANALYTICS_STAT__INIT, rest, buffer.data());
}

Part encode(const Room &room, std::span<uint8_t, part_max> buffer) {
    Terminated terminated;
    Lkstats__Wire__AnalyticsStat stat = LKSTATS__WIRE__ANALYTICS_STAT__INIT;
    stat.room_id = terminated(room.sid);
    stat.room_name = terminated(room.name);
    Lkstats__Wire__TrackIdentity rest = LKSTATS__WIRE__TRACK_IDENTITY__INIT;
    rest.tenant = terminated(room.tenant);
    return pack(stat, rest, buffer.data());
}

Part encode(const Participant &participant, std::span<uint8_t, part_max> buffer) {
    Terminated terminated;
    Lkstats__Wire__AnalyticsStat stat = LKSTATS__WIRE__ANALYTICS_STAT__INIT;
    stat.participant_id = terminated(participant.sid);
    stat.track_id = terminated(participant.track_id);
    Lkstats__Wire__TrackIdentity rest = LKSTATS__WIRE__TRACK_IDENTITY__INIT;
    rest.identity = terminated(participant.identity);
    rest.kind = participant.kind;
    rest.n_kind_details = participant.kind_details.size();
    rest.kind_details = const_cast<int32_t *>(participant.kind_details.data());
    rest.tenant = terminated(participant.tenant);
    return pack(stat, rest, buffer.data());
}

bool decode_connection(const Part &part, lkstats_record_t &record) {
    FieldReader rest(part.bytes);
    return part.stat_size == 0 && rest.string(4, record.country) && decode_tenant(rest, record);
}

bool decode_room(const Part &part, lkstats_record_t &record) {
    if (part.stat_size > part.bytes.size())
        return false;
    FieldReader stat(part.stat()), rest(part.bytes.subspan(part.stat_size));
    return stat.string(5, record.room_sid) && stat.string(6, record.room_name) && stat.done() &&
           decode_tenant(rest, record);
}

bool decode_participant(const Part &part, lkstats_record_t &record, int32_t *details) {
    if (part.stat_size > part.bytes.size())
        return false;
    FieldReader stat(part.stat());
    FieldReader rest(part.bytes.subspan(part.stat_size));
    if (!stat.string(7, record.participant_sid) || !stat.string(8, record.track_id, track_id_max) ||
        !stat.done())
        return false;
    uint32_t count = 0;
    if (!rest.string(1, record.participant_identity) || !rest.int32(2, record.participant_kind) ||
        !rest.packed(3, details, count, LKSTATS_KIND_DETAILS_MAX) || !decode_tenant(rest, record))
        return false;
    if (count != 0) {
        record.kind_details = details;
        record.kind_details_count = count;
    }
    return true;
}

} // namespace lkstats::wire
