// SPDX-License-Identifier: Apache-2.0
// A context's directory in shared memory, its chunks' files, and their names: how other processes find what there
// is. In memory, or in a folder, where they outlive the process.
#pragma once

#include "lkstats_slab.h"
#include "os/folder.hpp"
#include "track/table.hpp"

#include <string>

namespace lkstats::api {

class Directory {
  public:
    Directory() = default;
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;
    ~Directory();

    // folder: empty for memory. LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ESYSTEM.
    lkstats_status_t make(os::Folder folder, const uint8_t (&context)[16], const lkstats_options_t &options,
                          lkstats_time_t opened);
    // A new file of that size for a chunk. Empty: errno says why.
    os::Descriptor chunk_file(track::Kind kind, uint32_t number, size_t size);
    void add(track::Kind kind, lkstats_slab_chunk_t chunk);
    // Whether the process's end leaves it there.
    bool outlives() const { return static_cast<bool>(folder_); }
    const os::Folder &folder() const { return folder_; }
    // The reporter runs.
    void alive(lkstats_time_t now);
    // Nothing is owed any more: removes the files.
    void remove();

  private:
    os::Folder folder_;
    uint8_t context_[16] = {};
    os::Descriptor file_;
    lkstats_slab_directory_t *map_ = nullptr;
    bool ready_ = false; // map_ is there to be written to
};

} // namespace lkstats::api
