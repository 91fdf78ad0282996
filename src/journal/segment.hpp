// SPDX-License-Identifier: Apache-2.0
// The file that a writer appends to.
#pragma once

#include "journal/header.hpp"
#include "os/folder.hpp"

namespace lkstats::journal {

class Segment {
  public:
    explicit operator bool() const { return static_cast<bool>(file_); }
    // Makes the file, locks it and writes its header. False: errno, and there is no segment; EEXIST: one of that name.
    // May throw std::bad_alloc, before anything is made.
    bool begin(const os::Folder &folder, const Origin &own, uint32_t number, const lkstats_time_t &created);
    // Appends it as a whole. False: errno, and it is cut off again, as far as that is possible.
    bool append(std::span<const uint8_t> frame, bool sync);
    // It may not end where it should, or what it has may not reach the disk.
    bool spoilt() const { return spoilt_; }
    // Somebody has removed it: nobody would find what is appended.
    bool removed() const;
    // Whether nothing was appended.
    bool empty() const { return size_ == sizeof(lkstats_journal_segment_t); }
    uint64_t size() const { return size_; }
    const lkstats_time_t &created() const { return created_; }
    // Nothing more is appended. One that is empty is removed.
    void end(const os::Folder &folder);

  private:
    std::string name_;
    os::Descriptor file_;
    uint64_t size_ = 0; // up to here it is as it should be
    lkstats_time_t created_ = {};
    bool spoilt_ = false;
};

} // namespace lkstats::journal
