// SPDX-License-Identifier: Apache-2.0
// What the files of a context are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lkstats::slab {

inline constexpr std::string_view file_prefix = "lkstats:";
inline constexpr std::string_view damaged_prefix = "lkstats-damaged:";

inline std::string uuid_text(const uint8_t (&uuid)[16]) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < sizeof uuid; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += digits[uuid[i] >> 4];
        text += digits[uuid[i] & 15];
    }
    return text;
}

// "lkstats:<uuid>:" and what: "dir", or "slots" or "records" and a number.
inline std::string file_name(const uint8_t (&uuid)[16], std::string_view what) {
    return std::string(file_prefix).append(uuid_text(uuid)).append(":").append(what);
}
inline std::string chunk_name(const uint8_t (&uuid)[16], bool slots, uint32_t number) {
    return file_name(uuid, slots ? "slots" : "records").append(std::to_string(number));
}

} // namespace lkstats::slab
