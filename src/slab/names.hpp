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

// Of a file's name. False: it is none.
inline bool uuid_of(std::string_view name, uint8_t (&uuid)[16]) {
    constexpr size_t size = 36;
    if (!name.starts_with(file_prefix) || name.size() < file_prefix.size() + size)
        return false;
    const std::string_view text = name.substr(file_prefix.size(), size);
    size_t digits = 0;
    for (const char each : text) {
        const int value = each >= '0' && each <= '9'   ? each - '0'
                          : each >= 'a' && each <= 'f' ? each - 'a' + 10
                                                       : -1;
        if (value < 0)
            continue;
        if (digits == 32)
            return false;
        uint8_t &byte = uuid[digits++ / 2];
        byte = static_cast<uint8_t>(byte << 4 | value);
    }
    return uuid_text(uuid) == text;
}

// "lkstats:<uuid>:" and what: "dir", or "slots" or "records" and a number.
inline std::string file_name(const uint8_t (&uuid)[16], std::string_view what) {
    return std::string(file_prefix).append(uuid_text(uuid)).append(":").append(what);
}
inline std::string chunk_name(const uint8_t (&uuid)[16], bool slots, uint32_t number) {
    return file_name(uuid, slots ? "slots" : "records").append(std::to_string(number));
}

} // namespace lkstats::slab
