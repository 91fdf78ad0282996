// SPDX-License-Identifier: Apache-2.0
#include "journal/entry.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::journal {

namespace {

std::string_view view(const lkstats_string_t &text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

// All texts of a record, in their order in an entry.
template <class Record, class Visit> void each_text(Record &record, Visit visit) {
    visit(record.country, LKSTATS_STRING_MAX);
    visit(record.room_sid, LKSTATS_STRING_MAX);
    visit(record.room_name, LKSTATS_STRING_MAX);
    visit(record.participant_sid, LKSTATS_STRING_MAX);
    visit(record.participant_identity, LKSTATS_STRING_MAX);
    visit(record.track_id, LKSTATS_JOURNAL_TRACK_ID_MAX);
    visit(record.tenant, LKSTATS_STRING_MAX);
}

uint64_t widened(int32_t value) { return static_cast<uint64_t>(int64_t{value}); }

} // namespace

void put_origin(Out &out, uint32_t number, const Origin &origin) {
    out.byte(LKSTATS_JOURNAL_ORIGIN);
    out.number(number);
    out.bytes(origin.context);
    out.text(origin.node);
    out.text(origin.analytics_key);
}

uint32_t take_origin(In &in, OriginView &origin) {
    const uint32_t number = in.number32();
    const auto context = in.bytes(sizeof origin.context);
    std::ranges::copy(context, origin.context);
    const auto node = in.text(LKSTATS_STRING_MAX), analytics_key = in.text(LKSTATS_STRING_MAX);
    origin.node = view(node);
    origin.analytics_key = view(analytics_key);
    return number;
}

void put_track(Out &out, const Track &track, const lkstats_record_t &record, Place &place) {
    out.byte(LKSTATS_JOURNAL_TRACK);
    out.number(track.number);
    out.number(track.origin);
    out.number(record.key.slot);
    out.number(record.key.tag);
    out.number(record.key.epoch);
    out.number(track.first);
    out.number(record.flags);
    out.difference(widened(record.channel));
    out.difference(widened(record.participant_kind));
    out.number(record.kind_details_count);
    for (uint32_t i = 0; i < record.kind_details_count; ++i)
        out.difference(widened(record.kind_details[i]));
    each_text(record, [&](const lkstats_string_t &text, uint64_t) { out.text(view(text)); });
    place.number = track.number;
}

Track take_track(In &in, lkstats_record_t &record, int32_t *kind_details, Place &place) {
    Track track;
    track.number = in.number32();
    track.origin = in.number32();
    record.key.slot = in.number32();
    record.key.tag = in.number32();
    record.key.epoch = in.number32();
    track.first = in.number32();
    record.flags = in.number32();
    record.channel = in.difference32();
    record.participant_kind = in.difference32();
    record.kind_details = kind_details;
    record.kind_details_count = in.number32();
    if (record.kind_details_count > LKSTATS_KIND_DETAILS_MAX) {
        record.kind_details_count = 0;
        in.fail();
    }
    for (uint32_t i = 0; i < record.kind_details_count; ++i)
        kind_details[i] = in.difference32();
    each_text(record, [&](lkstats_string_t &text, uint64_t most) { text = in.text(most); });
    place.number = track.number;
    return track;
}

void put_window(Out &out, const Window &window, Place &place) {
    const Instant end(window.end);
    const auto &moved = window.window;
    const auto bit = [](bool is, unsigned value) { return is ? value : 0; };
    const unsigned kind = window.kind | bit(window.same_sequence, LKSTATS_JOURNAL_SAME_SEQUENCE);
    const unsigned has = bit(window.number != place.number, LKSTATS_JOURNAL_HAS_NUMBER) |
                         bit(kind != LKSTATS_RECORD_TRAFFIC, LKSTATS_JOURNAL_HAS_KIND) |
                         bit(end.monotonic != place.end.monotonic, LKSTATS_JOURNAL_HAS_MONOTONIC) |
                         bit(end.distance != place.end.distance, LKSTATS_JOURNAL_HAS_WALL) |
                         bit(window.whole, LKSTATS_JOURNAL_HAS_WHOLE) |
                         bit((moved.send_bytes | moved.send_messages) != 0, LKSTATS_JOURNAL_HAS_SEND) |
                         bit((moved.recv_bytes | moved.recv_messages) != 0, LKSTATS_JOURNAL_HAS_RECV);
    out.byte(static_cast<uint8_t>(LKSTATS_JOURNAL_WINDOW | has));
    out.number(window.sequence);
    if ((has & LKSTATS_JOURNAL_HAS_NUMBER) != 0)
        out.difference(uint64_t{window.number} - place.number);
    if ((has & LKSTATS_JOURNAL_HAS_KIND) != 0)
        out.byte(static_cast<uint8_t>(kind));
    if ((has & LKSTATS_JOURNAL_HAS_MONOTONIC) != 0)
        out.difference(end.monotonic - place.end.monotonic);
    if ((has & LKSTATS_JOURNAL_HAS_WALL) != 0)
        out.difference(end.distance - place.end.distance);
    if (window.whole) {
        const Instant start(window.start);
        out.difference(end.monotonic - start.monotonic);
        out.difference(end.distance - start.distance);
        out.number(window.running.send_bytes);
        out.number(window.running.send_messages);
        out.number(window.running.recv_bytes);
        out.number(window.running.recv_messages);
    }
    if ((has & LKSTATS_JOURNAL_HAS_SEND) != 0) {
        out.number(moved.send_bytes);
        out.number(moved.send_messages);
    }
    if ((has & LKSTATS_JOURNAL_HAS_RECV) != 0) {
        out.number(moved.recv_bytes);
        out.number(moved.recv_messages);
    }
    place = {window.number + 1, end};
}

Window take_window(In &in, uint8_t tag, Place &place) {
    Window window;
    window.sequence = in.number32();
    window.number = place.number;
    if ((tag & LKSTATS_JOURNAL_HAS_NUMBER) != 0) {
        const uint64_t number = place.number + in.difference();
        if (number > UINT32_MAX)
            in.fail();
        window.number = static_cast<uint32_t>(number);
    }
    if ((tag & LKSTATS_JOURNAL_HAS_KIND) != 0) {
        const uint8_t kind = in.byte();
        window.same_sequence = (kind & LKSTATS_JOURNAL_SAME_SEQUENCE) != 0;
        window.kind = kind & ~uint32_t{LKSTATS_JOURNAL_SAME_SEQUENCE};
        if (window.kind < LKSTATS_RECORD_TRAFFIC || window.kind > LKSTATS_RECORD_LEFT)
            in.fail();
    }
    Instant end = place.end;
    if ((tag & LKSTATS_JOURNAL_HAS_MONOTONIC) != 0)
        end.monotonic += in.difference();
    if ((tag & LKSTATS_JOURNAL_HAS_WALL) != 0)
        end.distance += in.difference();
    window.end = end.time();
    window.whole = (tag & LKSTATS_JOURNAL_HAS_WHOLE) != 0;
    if (window.whole) {
        Instant start = end;
        start.monotonic -= in.difference();
        start.distance -= in.difference();
        window.start = start.time();
        window.running.send_bytes = in.number();
        window.running.send_messages = in.number();
        window.running.recv_bytes = in.number();
        window.running.recv_messages = in.number();
    }
    if ((tag & LKSTATS_JOURNAL_HAS_SEND) != 0) {
        window.window.send_bytes = in.number();
        window.window.send_messages = in.number();
    }
    if ((tag & LKSTATS_JOURNAL_HAS_RECV) != 0) {
        window.window.recv_bytes = in.number();
        window.window.recv_messages = in.number();
    }
    place = {window.number + 1, end};
    return window;
}

} // namespace lkstats::journal
