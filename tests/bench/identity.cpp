// SPDX-License-Identifier: Apache-2.0
#include "identity.hpp"

#include <cstdio>

namespace bench {

namespace {

constexpr uint32_t participants_per_room = 10;

// Twelve characters that differ for every number and look like LiveKit's random ones.
std::string sid(const char *prefix, uint64_t number) {
    static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    std::string text = prefix;
    uint64_t digits = (number + 1) * 0x9e3779b97f4a7c15u; // odd factor: no two numbers meet
    for (int i = 0; i < 12; i++) {
        text += alphabet[digits % (sizeof alphabet - 1)];
        digits /= sizeof alphabet - 1;
    }
    return text;
}

std::string name(const char *prefix, uint32_t number, size_t size) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "%07u", number);
    std::string text = prefix;
    text += digits;
    text.resize(size, 'x');
    return text;
}

lkstats_string_t view(const std::string &text) { return {text.data(), text.size()}; }

} // namespace

Identity::Identity(uint32_t number)
    : room_sid_(sid("RM_", number / participants_per_room)),
      room_name_(name("lk-", number / participants_per_room, 10 + number / participants_per_room % 11)),
      participant_sid_(sid("PA_", number)), participant_identity_(name("user-", number, 15)) {}

lkstats_track_options_t Identity::options() const {
    lkstats_track_options_t options{};
    options.struct_size = sizeof options;
    options.room_sid = view(room_sid_);
    options.room_name = view(room_name_);
    options.participant_sid = view(participant_sid_);
    options.participant_identity = view(participant_identity_);
    return options;
}

} // namespace bench
