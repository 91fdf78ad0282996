// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace lkstats::journal {

// A number as a segment has it, and the other way round.
template <std::integral T> T little(T value) {
    if constexpr (std::endian::native == std::endian::little)
        return value;
    else if constexpr (sizeof(T) == 4)
        return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
    else
        return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
}

} // namespace lkstats::journal
