// SPDX-License-Identifier: Apache-2.0
// AnalyticsStat.id: "AS_" and 72 bits. Ids are how a store keeps one row a stat, so they never change with
// the library's version: wire_test holds one.
#pragma once

#include "lkstats.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lkstats::wire {

inline constexpr size_t stat_id_size = 15;

// What all ids of a record have in common: two independent hashes of its key.
struct KeyHash {
    uint64_t base;
    uint8_t extra;
};

// Both halves of a 128-bit product, folded. The constants in this file are digits of pi.
inline uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline KeyHash hash_key(const lkstats_key_t &key) {
    uint64_t context[2];
    static_assert(sizeof context == sizeof key.context);
    std::memcpy(context, key.context, sizeof context);
    const uint64_t place = static_cast<uint64_t>(key.tag) << 32 | key.slot;
    const uint64_t turn = static_cast<uint64_t>(key.epoch) << 32 | key.sequence;

    const uint64_t who = fold(context[0] ^ 0x243f6a8885a308d3, context[1] ^ 0x13198a2e03707344);
    const uint64_t what = fold(place ^ 0xa4093822299f31d0, turn ^ 0x082efa98ec4e6c89);
    const uint64_t who2 = fold(context[0] ^ 0x452821e638d01377, context[1] ^ 0xbe5466cf34e90c6c);
    const uint64_t what2 = fold(place ^ 0xc0ac29b7c97c50dd, turn ^ 0x3f84d5b5b5470917);
    return {fold(who ^ 0x9216d5d98979fb1b, what ^ key.kind ^ 0xd1310ba698dfb5ac),
            static_cast<uint8_t>(fold(who2 ^ 0x2ffd72dbd01adfb7, what2 ^ key.kind ^ 0xb8e1afed6a267e96))};
}

// part numbers a record's stats. Every step can be undone, so two parts of a record never share an id.
inline uint64_t mix(uint64_t base, uint64_t part) {
    uint64_t x = base + part;
    x = (x ^ x >> 32) * 0xba7c9045f12c7f99;
    x = (x ^ x >> 29) * 0x24a19947b3916cf7;
    return x ^ x >> 32;
}

// All twelve letters at once, in what every 64-bit processor has.
using Words = uint64_t __attribute__((vector_size(16)));
using Letters = int8_t __attribute__((vector_size(16)));

// Groups of six bits, the lowest first, to bytes.
inline Letters spread(Words bits) {
    bits = (bits & 0x0000000000ffffff) | (bits & 0x0000ffffff000000) << 8;
    bits = (bits & 0x00000fff00000fff) | (bits & 0x00fff00000fff000) << 4;
    return reinterpret_cast<Letters>((bits & 0x003f003f003f003f) | (bits & 0x0fc00fc00fc00fc0) << 2);
}

// base64url's alphabet in ASCII order, -0..9A..Z_a..z, which needs no table.
inline Letters alphabet(Letters six) {
    return six + '-' + ((six > 0) & 2) + ((six > 10) & 7) + ((six > 36) & 4) + ((six > 37) & 1);
}

// Writes stat_id_size bytes.
inline void write_stat_id(uint8_t *out, const KeyHash &hash, uint64_t part) {
    const uint64_t bits = mix(hash.base, part);
    const Letters id = alphabet(spread(Words{bits, bits >> 48 | uint64_t{hash.extra} << 16}));
    std::memcpy(out, "AS_", 3);
    std::memcpy(out + 3, &id, stat_id_size - 3);
}

} // namespace lkstats::wire
