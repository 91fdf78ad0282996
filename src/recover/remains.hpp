// SPDX-License-Identifier: Apache-2.0
// What a dead context left in its files: read into memory of our own, every bound and every chain checked, and
// packed: the slots that are in use one after the other, and the records that they lead to.
#pragma once

#include "lkstats_slab.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lkstats::recover {

// Where the bytes come from.
class Source {
  public:
    enum class File { directory, slots, records };
    enum class Got {
        all,
        nothing, // they are not all there
        end,     // the file ends before them
        failure, // that can't be told now
    };
    // The bytes from offset of that file on.
    virtual Got read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) = 0;

  protected:
    ~Source() = default;
};

struct Remains {
    lkstats_slab_directory_t directory = {};
    // By new index, which the links between them have too; what fields named "slot" say is as it was. Record 0 is none.
    std::vector<lkstats_slab_slot_t> slots;
    std::vector<lkstats_slab_record_t> records;
    std::vector<uint32_t> slot_indexes, record_indexes; // what they were
    uint32_t damaged = 0;                               // slots that were left out, and unreadable stretches
};

// Whether it is a directory of this layout that can be followed.
bool sound(const lkstats_slab_directory_t &directory);

// Reads all that the directory, which is sound, leads to. False: some of it can't be read now. May throw
// std::bad_alloc.
bool read(Source &source, Remains &remains);

// Where an index lies: the number of the chunk's file, and the offset in it. False: nowhere.
struct Place {
    uint32_t file;
    uint64_t offset;
};
bool find(std::span<const lkstats_slab_chunk_t> chunks, uint32_t index, size_t item_size, Place &place);

} // namespace lkstats::recover
