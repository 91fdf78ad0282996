// SPDX-License-Identifier: Apache-2.0
// google.protobuf.Timestamp: nanos count forward from seconds, also before 1970.
#pragma once

#include "wire/varint.hpp"

namespace lkstats::wire {

// A wall clock, encoded once and written several times.
class Timestamp {
  public:
    explicit Timestamp(int64_t wall_ns) {
        int64_t seconds = wall_ns / second, nanos = wall_ns % second;
        if (nanos < 0) {
            nanos += second;
            --seconds;
        }
        seconds_ = static_cast<uint64_t>(seconds);
        seconds_size_ = field_size(seconds_);
        nanos_size_ = field_size(static_cast<uint64_t>(nanos));
        if (seconds > 0)
            seconds_word_ = word(1, seconds_, seconds_size_);
        if (nanos != 0)
            nanos_word_ = word(2, static_cast<uint64_t>(nanos), nanos_size_);
    }

    // The message and the length in front of it.
    size_t size() const { return 1 + seconds_size_ + nanos_size_; }

    // Touches up to varint_slack + 1 bytes more.
    uint8_t *write(uint8_t *out) const {
        *out++ = static_cast<uint8_t>(seconds_size_ + nanos_size_);
        if (static_cast<int64_t>(seconds_) < 0) [[unlikely]]
            write_field(out, 1, seconds_);
        else
            write_word(out, seconds_word_);
        out += seconds_size_;
        write_word(out, nanos_word_);
        return out + nanos_size_;
    }

  private:
    static constexpr int64_t second = 1000000000;

    // Nanoseconds in 63 bits are seconds of at most five bytes, nanos have no more.
    static uint64_t word(uint8_t number, uint64_t value, size_t size) {
        return varint_word(value, size - 1) << 8 | varint_tag(number);
    }

    uint64_t seconds_, seconds_word_ = 0, nanos_word_ = 0;
    size_t seconds_size_, nanos_size_;
};

} // namespace lkstats::wire
