// SPDX-License-Identifier: Apache-2.0
// What an input of the targets "slab" and "slab_files" says: which image, and what becomes of its bytes. Four bytes, then
// eight for each change, so that libFuzzer's changes to an input are changes to fields of slots, records and the directory.
#pragma once

#include "image.hpp"
#include "input.hpp"

namespace lkstats::fuzz {

struct Damaged {
    Image image;
    uint32_t number;           // of the image that it was, and how it was split
    uint8_t lives, answers;    // for whoever recovers it
    bool directory = false;    // was touched
    std::vector<bool> touched; // by place of the slot

    bool untouched(uint32_t place) const { return !directory && !touched[place]; }
};

Damaged run_script(Input &input);
// The same without a change.
Damaged whole(uint32_t number);
constexpr uint32_t ways_to_split = 4;

} // namespace lkstats::fuzz
