// SPDX-License-Identifier: Apache-2.0
// What recovery makes of an image, without files.
#pragma once

#include "recover/remains.hpp"
#include "script.hpp"

namespace lkstats::fuzz {

// The directory is sound.
recover::Remains remains_of(const Image &image);
// Whether a record of that slot's is somebody else's now: one whose own memory is whole may claim what was not his.
bool robbed(const Damaged &damaged, const recover::Remains &remains, uint32_t place);

} // namespace lkstats::fuzz
