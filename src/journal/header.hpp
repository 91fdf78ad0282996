// SPDX-License-Identifier: Apache-2.0
// A segment's name and the header at its beginning.
#pragma once

#include "journal/origin.hpp"
#include "lkstats_journal.h"

#include <span>
#include <string_view>

namespace lkstats::journal {

inline constexpr std::string_view name_prefix = "lkstats-", name_suffix = ".journal";
std::string segment_name(const uint8_t (&context)[16], uint32_t number);

// As it lies in the file.
lkstats_journal_segment_t encode_header(const Origin &origin, uint32_t number, const lkstats_time_t &created);
// Takes it from the beginning of a file, in the host's byte order. False: there is none, or it is damaged.
bool decode_header(std::span<const uint8_t> file, lkstats_journal_segment_t &header);

} // namespace lkstats::journal
