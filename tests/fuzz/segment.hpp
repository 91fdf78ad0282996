// SPDX-License-Identifier: Apache-2.0
// What an input of the target "journal" says: a segment as it is, or, behind a first byte that is even, frames for a header
// and checksums that are right, so that libFuzzer's changes get past them. Of each frame: two bytes of size, one that
// says whether it is damaged, and its payload.
#pragma once

#include "input.hpp"
#include "scratch.hpp"

#include <span>

namespace lkstats::fuzz {

Bytes segment_of(std::span<const uint8_t> input);
// The input that says the same. Of a segment that is whole.
Bytes input_of(const Bytes &segment);

} // namespace lkstats::fuzz
