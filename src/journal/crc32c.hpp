// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli), eight bytes a step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lkstats::journal {

namespace crc {
using Tables = std::array<std::array<uint32_t, 256>, 8>;
constexpr Tables tables = [] {
    Tables made{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? value >> 1 ^ 0x82f63b78 : value >> 1;
        made[0][byte] = value;
    }
    // A byte, with one more zero byte behind it in each.
    for (size_t zeros = 1; zeros < 8; ++zeros)
        for (size_t byte = 0; byte < 256; ++byte) {
            const uint32_t before = made[zeros - 1][byte];
            made[zeros][byte] = before >> 8 ^ made[0][before & 0xff];
        }
    return made;
}();
} // namespace crc

// Of bytes behind others, whose checksum is before.
constexpr uint32_t crc32c(std::span<const uint8_t> bytes, uint32_t before = 0) {
    uint32_t value = ~before;
    size_t at = 0;
    for (; bytes.size() - at >= 8; at += 8) {
        const uint8_t *const eight = bytes.data() + at;
        const uint32_t first =
            value ^ (eight[0] | static_cast<uint32_t>(eight[1]) << 8 | static_cast<uint32_t>(eight[2]) << 16 |
                     static_cast<uint32_t>(eight[3]) << 24);
        value = crc::tables[7][first & 0xff] ^ crc::tables[6][first >> 8 & 0xff] ^
                crc::tables[5][first >> 16 & 0xff] ^ crc::tables[4][first >> 24] ^ crc::tables[3][eight[4]] ^
                crc::tables[2][eight[5]] ^ crc::tables[1][eight[6]] ^ crc::tables[0][eight[7]];
    }
    for (; at < bytes.size(); ++at)
        value = value >> 8 ^ crc::tables[0][(value ^ bytes[at]) & 0xff];
    return ~value;
}

} // namespace lkstats::journal
