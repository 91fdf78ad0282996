// SPDX-License-Identifier: Apache-2.0
// A context's directory in shared memory, and the names of its memory files: how other processes find what
// there is.
#pragma once

#include "lkstats_slab.h"
#include "os/descriptor.hpp"
#include "track/table.hpp"

#include <string>

namespace lkstats::api {

class Directory {
  public:
    Directory() = default;
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;
    ~Directory();

    // LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ESYSTEM.
    lkstats_status_t make(const uint8_t (&context)[16], const lkstats_options_t &options,
                          lkstats_time_t opened);
    void add(track::Kind kind, lkstats_slab_chunk_t chunk);

  private:
    os::Descriptor file_;
    lkstats_slab_directory_t *map_ = nullptr;
};

// "lkstats:<uuid>:" and what.
std::string memory_name(const uint8_t (&context)[16], const std::string &what);

} // namespace lkstats::api
