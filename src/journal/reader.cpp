// SPDX-License-Identifier: Apache-2.0
#include "journal/reader.hpp"

#include "journal/crc32c.hpp"
#include "journal/header.hpp"
#include "journal/little.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::journal {

namespace {
std::string_view text(const uint8_t *bytes, uint32_t size) {
    return {reinterpret_cast<const char *>(bytes), size};
}
} // namespace

Reader::Reader(std::span<const uint8_t> segment)
    : segment_(segment), header_ok_(decode_header(segment, header_)) {
    if (!header_ok_)
        return;
    at_ = sizeof header_;
    std::ranges::copy(header_.context, own_.context);
    own_.node = text(header_.node, header_.node_size);
    own_.analytics_key = text(header_.analytics_key, header_.analytics_key_size);
}

Reader::Next Reader::next(lkstats_record_t &record, Found &found) {
    for (;;) {
        while (!in_.empty()) {
            const Entry entry = next_entry(record, found);
            if (entry == Entry::record)
                return Next::record;
            if (entry == Entry::malformed) {
                in_ = {};
                return Next::damaged;
            }
        }
        if (over_)
            return Next::end;
        const Next frame = next_frame(found);
        if (frame != Next::record)
            return frame;
    }
}

// Next::record: there is one to read.
Reader::Next Reader::next_frame(Found &found) {
    found = {};
    found.offset = frame_ = at_;
    if (!header_ok_) {
        over_ = true;
        torn_ = segment_.size() < sizeof header_;
        return torn_ ? Next::end : Next::damaged;
    }
    const auto left = segment_.subspan(static_cast<size_t>(at_));
    lkstats_journal_frame_t frame = {};
    std::memcpy(&frame, left.data(), std::min(sizeof frame, left.size()));
    const uint64_t size = little(frame.size);
    const bool possible = size != 0 && size <= LKSTATS_JOURNAL_FRAME_MAX;
    if (left.size() < sizeof frame || (possible && size > left.size() - sizeof frame)) {
        over_ = true;
        torn_ = !left.empty();
        return Next::end;
    }
    if (!possible) {
        // A crash of the machine may leave a file longer than what of it was written.
        over_ = true;
        torn_ = std::ranges::all_of(left, [](uint8_t byte) { return byte == 0; });
        return torn_ ? Next::end : Next::damaged;
    }
    const auto payload = left.subspan(sizeof frame, size);
    const bool last = payload.size() == left.size() - sizeof frame;
    const bool whole = crc32c(payload, crc32c(left.first(sizeof frame.size))) == little(frame.checksum);
    if (!whole && last) {
        over_ = torn_ = true;
        return Next::end;
    }
    at_ += sizeof frame + size;
    if (!whole)
        return Next::damaged;
    in_ = In(payload);
    place_ = {0, Instant(header_.created)};
    return Next::record;
}

Reader::Entry Reader::next_entry(lkstats_record_t &record, Found &found) {
    found = {};
    found.offset = frame_;
    const uint8_t tag = in_.byte();
    if ((tag & LKSTATS_JOURNAL_WINDOW) != 0)
        return window_entry(tag, record, found);
    return tag == LKSTATS_JOURNAL_ORIGIN  ? origin_entry()
           : tag == LKSTATS_JOURNAL_TRACK ? track_entry()
                                          : Entry::malformed;
}

Reader::Entry Reader::origin_entry() {
    OriginView origin = {};
    const uint32_t number = take_origin(in_, origin);
    if (!in_.good() || number == 0 || !origins_.try_emplace(number, origin).second)
        return Entry::malformed;
    return Entry::other;
}

Reader::Entry Reader::track_entry() {
    const uint8_t *const entry = in_.at();
    lkstats_record_t record;
    const Track track = take_track(in_, record, kind_details_, place_);
    if (!in_.good())
        return Entry::malformed;
    const auto origin = origins_.find(track.origin);
    const bool own = track.origin == 0;
    // Whose it is was said in a frame that is damaged: what follows of it is lost.
    if (!own && origin == origins_.end())
        return Entry::other;
    const Known known = {entry, own ? &own_ : &origin->second, {}};
    return tracks_.try_emplace(track.number, known).second ? Entry::other : Entry::malformed;
}

Reader::Entry Reader::window_entry(uint8_t tag, lkstats_record_t &record, Found &found) {
    Window window = take_window(in_, tag, place_);
    if (!in_.good())
        return Entry::malformed;
    const auto at = tracks_.find(window.number);
    if (at == tracks_.end()) {
        ++lost_;
        return Entry::other;
    }
    Known &known = at->second;
    known.chain.complete(window, found.start_unknown, found.running_unknown);
    known.chain.add(window, found.start_unknown, found.running_unknown);

    const OriginView &origin = *known.origin;
    found.node = origin.node;
    found.analytics_key = origin.analytics_key;
    In entry({known.entry, segment_.data() + segment_.size()});
    Place unused;
    record = {};
    const Track track = take_track(entry, record, kind_details_, unused);
    std::ranges::copy(origin.context, record.key.context);
    record.key.sequence = window.sequence + track.first;
    record.key.kind = window.kind;
    record.start = window.start;
    record.end = window.end;
    record.window = window.window;
    record.running = window.running;
    return Entry::record;
}

} // namespace lkstats::journal
