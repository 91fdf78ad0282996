// SPDX-License-Identifier: Apache-2.0
#include "content.hpp"

#include "must.hpp"
#include "track/utf8.hpp"

#include <algorithm>

namespace lkstats::fuzz {

Key::Key(const lkstats_key_t &key)
    : slot(key.slot), tag(key.tag), epoch(key.epoch), sequence(key.sequence), kind(key.kind) {
    std::copy(std::begin(key.context), std::end(key.context), context.begin());
}

std::string text(const lkstats_string_t &string) {
    return string.size == 0 ? std::string() : std::string(string.data, string.size);
}

lkstats_string_t string(std::string_view text) { return {text.data(), text.size()}; }

namespace {

template <class T> void put(std::string &to, const T &value) {
    to.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void put(std::string &to, std::string_view value) {
    put(to, value.size());
    to.append(value);
}

} // namespace

std::string content(const lkstats_record_t &r, std::string_view node, std::string_view analytics_key) {
    std::string all;
    put(all, r.start);
    put(all, r.end);
    put(all, r.window);
    put(all, r.running);
    for (const lkstats_string_t *each : {&r.country, &r.room_sid, &r.room_name, &r.participant_sid,
                                         &r.participant_identity, &r.track_id, &r.tenant})
        put(all, std::string_view(text(*each)));
    put(all, r.kind_details_count);
    for (uint32_t i = 0; i < r.kind_details_count; ++i)
        put(all, r.kind_details[i]);
    put(all, r.participant_kind);
    put(all, r.channel);
    put(all, r.flags);
    put(all, node);
    put(all, analytics_key);
    return all;
}

bool at_most(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return a.send_bytes <= b.send_bytes && a.send_messages <= b.send_messages &&
           a.recv_bytes <= b.recv_bytes && a.recv_messages <= b.recv_messages;
}

std::string shown(const lkstats_traffic_t &t) {
    return "sent " + std::to_string(t.send_bytes) + " in " + std::to_string(t.send_messages) + ", received " +
           std::to_string(t.recv_bytes) + " in " + std::to_string(t.recv_messages);
}

void expect_sound(const lkstats_record_t &r) {
    constexpr uint64_t most = uint64_t{1} << 63;
    const lkstats_traffic_t nothing = {};
    must(r.key.reserved == 0 && r.key.tag != 0 && r.key.epoch != 0 && r.key.sequence != 0,
         "a key has zeros, or none where there is one");
    must(r.key.kind >= LKSTATS_RECORD_TRAFFIC && r.key.kind <= LKSTATS_RECORD_LEFT, "kind %u", r.key.kind);
    must(r.channel >= LKSTATS_CHANNEL_DATA && r.channel <= LKSTATS_CHANNEL_SIGNAL, "channel %d", r.channel);
    must((r.flags & ~uint32_t{LKSTATS_UNATTRIBUTED}) == 0, "flags %u", r.flags);
    must(r.start.monotonic_ns <= r.end.monotonic_ns, "a window ends before it starts");
    must(at_most(r.window, r.running), "a window is larger than what ran");
    must(std::max({r.running.send_bytes, r.running.send_messages, r.running.recv_bytes,
                   r.running.recv_messages}) < most,
         "running totals past 2^63: %s", shown(r.running).c_str());
    must((r.window == nothing) == (r.key.kind != LKSTATS_RECORD_TRAFFIC), "a record of kind %u: window %s",
         r.key.kind, shown(r.window).c_str());
    must(r.kind_details_count <= LKSTATS_KIND_DETAILS_MAX, "%u kind details", r.kind_details_count);
    for (const lkstats_string_t *each :
         {&r.country, &r.room_sid, &r.room_name, &r.participant_sid, &r.participant_identity, &r.tenant})
        must(each->size <= LKSTATS_STRING_MAX, "a text of %llu bytes",
             static_cast<unsigned long long>(each->size));
    // One that is made of a participant's sid is longer by its prefix.
    must(r.track_id.size <= LKSTATS_STRING_MAX + 5, "a track id of %llu bytes",
         static_cast<unsigned long long>(r.track_id.size));
    for (const lkstats_string_t *each : {&r.country, &r.room_sid, &r.room_name, &r.participant_sid,
                                         &r.participant_identity, &r.track_id, &r.tenant})
        must(each->size == 0 || track::valid_text({each->data, each->size}), "a text is not UTF-8");
}

} // namespace lkstats::fuzz
