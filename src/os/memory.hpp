// SPDX-License-Identifier: Apache-2.0
// Address ranges that are reserved at once and filled piece by piece with shared or private memory.
#pragma once

#include "os/descriptor.hpp"

#include <cstddef>
#include <cstdint>

namespace lkstats::os {

// Every piece begins and ends at a multiple of this, whatever the size of a page is.
inline constexpr size_t granule = size_t{64} * 1024;

// Addresses, of whole granules, that read as zeros where readable, else not at all. nullptr: there are none.
void *reserve(size_t size, bool readable);
void unreserve(void *base, size_t size);
// Whether the address space has a limit.
bool address_space_limited();
// Makes a piece of an unreadable reserve writable private memory.
bool commit(void *at, size_t size);
// Maps zeros over a piece of a readable reserve, so that nothing is shared any more. Safe after fork.
bool blank(void *at, size_t size);

// A new memory file of that size, readable by others, shrinkable by nobody. Empty: errno says why; EFBIG when
// it is over the file-size limit, past which the kernel would send a signal.
Descriptor memory_file(const char *name, size_t size);
// The same for a file that has just been made: gives it its size.
bool enlarge(const Descriptor &file, size_t size);
// The largest size of a file.
size_t file_size_limit();
// Maps a piece of the file over a piece of a readable reserve.
bool map_shared(void *at, size_t size, const Descriptor &file, size_t offset);
// No forked child has that piece: a mapping holds on to its file's locks.
void keep_from_children(void *at, size_t size);
// No new mapping may write to the memory file, nobody may resize it. After map_shared.
void seal(const Descriptor &file);
// Takes memory for a piece of a file. Where it is mapped before that, even a look at it may be a SIGBUS.
bool allocate(const Descriptor &file, size_t offset, size_t size);
// Makes the pages of a mapped piece that is allocated present, so that nobody waits for them.
void populate(void *at, size_t size);

} // namespace lkstats::os
