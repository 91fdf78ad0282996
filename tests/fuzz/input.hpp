// SPDX-License-Identifier: Apache-2.0
// An input, taken from its beginning. Past its end everything is zero.
#pragma once

#include <cstdint>
#include <span>

namespace lkstats::fuzz {

class Input {
  public:
    Input(const uint8_t *data, size_t size) : left_(data, size) {}

    bool more() const { return !left_.empty(); }
    uint8_t byte() {
        if (left_.empty())
            return 0;
        const uint8_t first = left_[0];
        left_ = left_.subspan(1);
        return first;
    }
    uint16_t half() {
        const unsigned low = byte();
        return static_cast<uint16_t>(low | unsigned{byte()} << 8);
    }
    uint32_t word() {
        const uint32_t low = half();
        return low | uint32_t{half()} << 16;
    }
    uint64_t number() {
        const uint64_t low = word();
        return low | uint64_t{word()} << 32;
    }

  private:
    std::span<const uint8_t> left_;
};

} // namespace lkstats::fuzz
