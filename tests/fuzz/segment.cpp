// SPDX-License-Identifier: Apache-2.0
#include "segment.hpp"

#include "journal/crc32c.hpp"
#include "journal/header.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::fuzz {

namespace {

enum Flag : uint8_t { damaged = 1, torn = 2, empty = 4 };

void put(Bytes &to, const void *from, size_t size) {
    const auto *bytes = static_cast<const uint8_t *>(from);
    to.insert(to.end(), bytes, bytes + size);
}

void put_frame(Bytes &to, std::span<const uint8_t> payload, uint8_t flags) {
    lkstats_journal_frame_t frame = {};
    frame.size = flags & empty ? 0 : static_cast<uint32_t>(payload.size());
    const auto *size = reinterpret_cast<const uint8_t *>(&frame.size);
    frame.checksum = journal::crc32c(payload, journal::crc32c({size, sizeof frame.size}));
    frame.checksum ^= flags & damaged;
    put(to, &frame, sizeof frame);
    put(to, payload.data(), flags & torn ? payload.size() / 2 : payload.size());
}

} // namespace

Bytes segment_of(std::span<const uint8_t> input) {
    if (input.empty() || (input[0] & 1) != 0)
        return {input.begin() + (input.empty() ? 0 : 1), input.end()};
    journal::Origin origin;
    std::fill(std::begin(origin.context), std::end(origin.context), uint8_t{7});
    origin.node = "node";
    origin.analytics_key = "key";
    const lkstats_journal_segment_t header = journal::encode_header(origin, 1, {1000, 2000});
    Bytes segment;
    put(segment, &header, sizeof header);
    for (auto left = input.subspan(1); left.size() > 3;) {
        const size_t size = std::min<size_t>(left[0] | size_t{left[1]} << 8, left.size() - 3);
        put_frame(segment, left.subspan(3, size), left[2]);
        left = left.subspan(3 + size);
    }
    return segment;
}

Bytes input_of(const Bytes &segment) {
    Bytes input = {0};
    for (size_t at = sizeof(lkstats_journal_segment_t);
         at + sizeof(lkstats_journal_frame_t) < segment.size();) {
        lkstats_journal_frame_t frame;
        std::memcpy(&frame, &segment[at], sizeof frame);
        at += sizeof frame;
        const uint8_t head[] = {static_cast<uint8_t>(frame.size), static_cast<uint8_t>(frame.size >> 8), 0};
        put(input, head, sizeof head);
        put(input, &segment[at], frame.size);
        at += frame.size;
    }
    return input;
}

} // namespace lkstats::fuzz
