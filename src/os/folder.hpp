// SPDX-License-Identifier: Apache-2.0
// Files in a directory that others may write to as well: never through a link, never one that is not ours.
#pragma once

#include "os/descriptor.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lkstats::os {

class Folder {
  public:
    Folder() = default;
    // Empty: errno says why; EPERM: others could replace files in it.
    explicit Folder(std::string_view path);
    explicit operator bool() const { return static_cast<bool>(directory_); }

    // A new file, mode 0600, for reading and writing. EEXIST.
    Descriptor create(const std::string &name) const;
    // One that is there, for reading and writing. Empty, with EPERM: not a regular file of this user's alone.
    Descriptor open(const std::string &name) const;
    bool remove(const std::string &name) const;
    // Whether that name is still this file's; false with errno 0: it is not.
    bool has(const std::string &name, const Descriptor &file) const;
    bool rename(const std::string &from, const std::string &to) const;
    // The names that begin so, in no order. False: errno. May throw std::bad_alloc.
    bool list(std::string_view prefix, std::vector<std::string> &names) const;
    // Its names to the disk.
    bool sync() const;
    // Whether files in it certainly are more than memory.
    bool on_disk() const;

  private:
    Descriptor directory_;
};

// All of the bytes, or false: errno, and any of them may have been written. Past the file-size limit: EFBIG, nothing
// written, no signal.
bool write_at(const Descriptor &file, std::span<const uint8_t> bytes, uint64_t offset);
// How many there were, fewer than wanted at the end of the file; -1: errno.
int64_t read_at(const Descriptor &file, std::span<uint8_t> bytes, uint64_t offset);
bool cut(const Descriptor &file, uint64_t size);
// To the disk.
bool sync(const Descriptor &file);
// -1: errno.
int64_t size_of(const Descriptor &file);
// Of errno after Folder::open: that there is none, or none that is this user's. Else it can't be told now.
bool nothing_of_ours(int error);
// Whether it still has a name; false with errno 0: it has none.
bool linked(const Descriptor &file);
// Locks one byte of it, without waiting, against every other open file description; who inherits this one has the
// lock too. EAGAIN, EACCES: somebody else has it.
bool lock(const Descriptor &file, uint64_t byte);
// The same against every other process. No child has it, and it ends as soon as this process closes any descriptor of
// the file.
bool lock_for_process(const Descriptor &file, uint64_t byte);
// Nanoseconds since 1970 at which it was last written to; 0: not known.
int64_t written_ns(const Descriptor &file);

} // namespace lkstats::os
