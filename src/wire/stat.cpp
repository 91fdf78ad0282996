// SPDX-License-Identifier: Apache-2.0
#include "wire/stat.hpp"

#include "wire/stat_id.hpp"
#include "wire/timestamp.hpp"
#include "wire/varint.hpp"

#include <algorithm>

namespace lkstats::wire {
namespace {

// As LiveKit's direction of a stream, and its StreamType.
enum class Direction : uint8_t { upstream = 0, downstream = 1 };

// The id ends every stat, so whatever is written before it may touch that much more.
static_assert(stat_id_size > varint_slack);
constexpr size_t id_field_size = 2 + stat_id_size;
constexpr size_t kind_field_size = 2;
constexpr uint8_t start_time_tag[] = {0x8a, 0x01};
constexpr uint8_t end_time_tag[] = {0x92, 0x01};

// What one stat takes; peers hold packets and bytes in signed integers.
struct Counts {
    static constexpr uint64_t packets_max = INT32_MAX;
    static constexpr uint64_t bytes_max = INT64_MAX;

    uint64_t packets;
    uint64_t bytes;

    bool any() const { return (packets | bytes) != 0; }
    Counts take() {
        const Counts taken{std::min(packets, packets_max), std::min(bytes, bytes_max)};
        packets -= taken.packets;
        bytes -= taken.bytes;
        return taken;
    }
};

// std::memcpy is a call when the size is not constant, and most of what is copied here is short.
inline uint8_t *copy(uint8_t *out, std::span<const uint8_t> bytes) {
    const uint8_t *from = bytes.data();
    const size_t size = bytes.size();
    if (size >= 16 && size <= 64) {
        std::memcpy(out, from, 16);
        if (size > 32) {
            std::memcpy(out + 16, from + 16, 16);
            std::memcpy(out + size - 32, from + size - 32, 16);
        }
        std::memcpy(out + size - 16, from + size - 16, 16);
    } else if (size >= 8 && size < 16) {
        std::memcpy(out, from, 8);
        std::memcpy(out + size - 8, from + size - 8, 8);
    } else if (size != 0) {
        std::memcpy(out, from, size);
    }
    return out + size;
}

// Of a stat: two bytes, but where next to nothing is known of the track.
uint8_t *write_length(uint8_t *out, size_t length) {
    static_assert(2 * part_max + 2 * LKSTATS_STRING_MAX + 128 < 0x4000);
    if (length < 0x80) [[unlikely]] {
        *out = static_cast<uint8_t>(length);
        return out + 1;
    }
    out[0] = static_cast<uint8_t>(length | 0x80);
    out[1] = static_cast<uint8_t>(length >> 7);
    return out + 2;
}

std::span<const uint8_t> span(const std::string &text) {
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

// What all stats of a record have in common.
class Frame {
  public:
    Frame(const Origin &origin, const Report &report)
        : origin_(origin), report_(report), start_(report.record.start.wall_ns),
          end_(report.record.end.wall_ns),
          times_size_(sizeof start_time_tag + start_.size() + sizeof end_time_tag + end_.size()),
          shared_size_(origin.analytics_key.size() + 1 + end_.size() + origin.node.size() +
                       report.room.size() + report.participant.size() + 1 + id_field_size) {}

    size_t entry_size(Direction direction, Counts counts) const {
        const size_t stat = stat_size(direction, stream_size(counts));
        return 1 + varint_size(stat) + stat;
    }

    size_t size(Direction direction, Counts counts) const {
        size_t size = 0;
        while (counts.any()) {
            // A count from a damaged file may be split into more stats than there is time to walk.
            const uint64_t alike = counts.bytes == 0 ? counts.packets / Counts::packets_max : 0;
            size += alike * entry_size(direction, {Counts::packets_max, 0});
            counts.packets -= alike * Counts::packets_max;
            if (counts.any())
                size += entry_size(direction, counts.take());
        }
        return size;
    }

    uint8_t *write(const KeyHash &hash, Direction direction, Counts counts, uint8_t *out) const {
        for (uint64_t ordinal = 0; counts.any(); ++ordinal)
            out = write_entry(hash, direction, ordinal, counts.take(), out);
        return out;
    }

  private:
    size_t stream_size(Counts counts) const {
        return field_size(counts.packets) + field_size(counts.bytes) + times_size_;
    }

    // A stream's length is one byte: it is two counts and two times.
    size_t stat_size(Direction direction, size_t stream) const {
        return shared_size_ + (direction == Direction::downstream ? kind_field_size : 0) + 1 + stream;
    }

    uint8_t *write_entry(const KeyHash &hash, Direction direction, uint64_t ordinal, Counts counts,
                         uint8_t *out) const {
        const size_t stream = stream_size(counts);
        *out++ = bytes_tag(1);
        out = write_length(out, stat_size(direction, stream));
        out = copy(out, span(origin_.analytics_key));
        if (direction == Direction::downstream) {
            *out++ = varint_tag(2);
            *out++ = static_cast<uint8_t>(direction);
        }
        *out++ = bytes_tag(3);
        out = end_.write(out);
        out = copy(out, span(origin_.node));
        out = copy(out, report_.room);
        out = copy(out, report_.participant);
        *out++ = bytes_tag(10);
        *out++ = static_cast<uint8_t>(stream);
        out = write_stream(counts, out);
        *out++ = bytes_tag(14);
        *out++ = stat_id_size;
        write_stat_id(out, hash, static_cast<uint64_t>(direction) + 2 * ordinal);
        return out + stat_id_size;
    }

    uint8_t *write_stream(Counts counts, uint8_t *out) const {
        out = write_field(out, 2, counts.packets);
        out = write_field(out, 3, counts.bytes);
        std::memcpy(out, start_time_tag, sizeof start_time_tag);
        out = start_.write(out + sizeof start_time_tag);
        std::memcpy(out, end_time_tag, sizeof end_time_tag);
        return end_.write(out + sizeof end_time_tag);
    }

    const Origin &origin_;
    const Report &report_;
    Timestamp start_, end_;
    size_t times_size_, shared_size_;
};

Counts received(const lkstats_traffic_t &window) { return {window.recv_messages, window.recv_bytes}; }
Counts sent(const lkstats_traffic_t &window) { return {window.send_messages, window.send_bytes}; }

std::string string_field(uint8_t number, std::string_view text) {
    if (text.empty())
        return {};
    uint8_t size[10 + varint_slack];
    const uint8_t *size_end = write_varint(size, text.size());
    std::string field(1, static_cast<char>(bytes_tag(number)));
    field.append(reinterpret_cast<const char *>(size), static_cast<size_t>(size_end - size));
    return field.append(text);
}

} // namespace

Origin encode_origin(std::string_view node, std::string_view analytics_key) {
    return {string_field(1, analytics_key), string_field(4, node)};
}

size_t stats_size(const Origin &origin, const Report &report) {
    const Frame frame(origin, report);
    const lkstats_traffic_t &window = report.record.window;
    return frame.size(Direction::upstream, received(window)) +
           frame.size(Direction::downstream, sent(window));
}

uint8_t *write_stats(const Origin &origin, const Report &report, uint8_t *out) {
    const Frame frame(origin, report);
    const KeyHash hash = hash_key(report.record.key);
    const lkstats_traffic_t &window = report.record.window;
    out = frame.write(hash, Direction::upstream, received(window), out);
    return frame.write(hash, Direction::downstream, sent(window), out);
}

} // namespace lkstats::wire
