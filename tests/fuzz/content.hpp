// SPDX-License-Identifier: Apache-2.0
// A record as a store would keep it, without anything that points elsewhere.
#pragma once

#include "slab/traffic.hpp"

#include <array>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace lkstats::fuzz {

struct Key {
    std::array<uint8_t, 16> context;
    uint32_t slot, tag, epoch, sequence, kind;

    explicit Key(const lkstats_key_t &key);
    auto operator<=>(const Key &) const = default;
};

// Whose record it is: the key without its last two.
struct EpochKey {
    std::array<uint8_t, 16> context;
    uint32_t slot, tag, epoch;

    explicit EpochKey(const Key &key)
        : context(key.context), slot(key.slot), tag(key.tag), epoch(key.epoch) {}
    auto operator<=>(const EpochKey &) const = default;
};

// Everything but the key, in one order of bytes. Equal contents are equal strings.
std::string content(const lkstats_record_t &record, std::string_view node, std::string_view analytics_key);

std::string text(const lkstats_string_t &string);
lkstats_string_t string(std::string_view text);

bool at_most(const lkstats_traffic_t &a, const lkstats_traffic_t &b);
std::string shown(const lkstats_traffic_t &traffic);

// What holds of any record that the library hands out, whatever it was made from: fails the target otherwise.
void expect_sound(const lkstats_record_t &record);

} // namespace lkstats::fuzz
