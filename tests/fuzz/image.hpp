// SPDX-License-Identifier: Apache-2.0
// A dead context's memory as its files have it, without what was never used: what make_slabs keeps in slabs/, and what
// a script then damages.
#pragma once

#include "lkstats_slab.h"
#include "scratch.hpp"

#include <string>
#include <vector>

namespace lkstats::fuzz {

struct Image {
    lkstats_slab_directory_t directory = {};
    std::vector<Bytes> slots, records; // by the number of the chunk

    uint32_t slot_count() const;
    uint32_t record_count() const;
    // By their place in all chunks of their kind.
    lkstats_slab_slot_t &slot(uint32_t place);
    lkstats_slab_record_t &record(uint32_t place);
    // Nowhere: the counts.
    uint32_t slot_place(uint32_t index) const;
    uint32_t record_place(uint32_t index) const;
    uint32_t slot_index(uint32_t place) const;

    // Two chunks in the place of each.
    void split_slots();
    void split_records();
    std::string name(const char *what) const; // of a file
    Files files() const;
};

// Of a folder with one context in it; its owner is of another boot.
Image image_of(const Files &folder);
Image load_image(const std::string &path);
void save_image(Image &image, const std::string &path);
// Those in slabs/, by name. Loaded once.
const std::vector<Image> &images();

// For each record the place of the slot that leads to it, or the count of slots.
std::vector<uint32_t> owners(const Image &image);

} // namespace lkstats::fuzz
