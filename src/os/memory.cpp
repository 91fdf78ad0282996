// SPDX-License-Identifier: Apache-2.0
#include "os/memory.hpp"

#include "os/seam.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace lkstats::os {

namespace {
size_t round_up(size_t size) { return (size + granule - 1) & ~(granule - 1); }
} // namespace

void *reserve(size_t size, bool readable) {
    // One granule more than is wanted has an aligned piece in it; what is before and after goes back.
    size = round_up(size);
    auto *base = static_cast<char *>(call([&] {
        return mmap(nullptr, size + granule, readable ? PROT_READ : PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }));
    if (base == MAP_FAILED)
        return nullptr;
    const size_t before = -reinterpret_cast<uintptr_t>(base) & (granule - 1);
    if (before != 0)
        munmap(base, before);
    munmap(base + before + size, granule - before);
    call([&] { return madvise(base + before, size, MADV_DONTDUMP); });
    return base + before;
}

void unreserve(void *base, size_t size) {
    if (base != nullptr)
        munmap(base, round_up(size));
}

bool address_space_limited() {
    rlimit limit;
    return call([&] { return getrlimit(RLIMIT_AS, &limit); }) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

bool commit(void *at, size_t size) {
    return call([&] { return mprotect(at, size, PROT_READ | PROT_WRITE); }) == 0;
}

bool blank(void *at, size_t size) {
    return call([&] {
               return mmap(at, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                           0);
           }) != MAP_FAILED;
}

size_t file_size_limit() {
    rlimit limit;
    return call([&] { return getrlimit(RLIMIT_FSIZE, &limit); }) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

Descriptor memory_file(const char *name, size_t size) {
    if (size > file_size_limit()) {
        errno = EFBIG;
        return {};
    }
    Descriptor file(call([&] { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }));
    if (file && !enlarge(file, size))
        return {};
    return file;
}

bool enlarge(const Descriptor &file, size_t size) {
    if (size > file_size_limit()) {
        errno = EFBIG;
        return false;
    }
    return call([&] { return ftruncate(file.get(), static_cast<off_t>(size)); }) == 0;
}

bool map_shared(void *at, size_t size, const Descriptor &file, size_t offset) {
    return call([&] {
               return mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file.get(),
                           static_cast<off_t>(offset));
           }) != MAP_FAILED;
}

void keep_from_children(void *at, size_t size) {
    call([&] { return madvise(at, size, MADV_DONTFORK); });
}

void seal(const Descriptor &file) {
    constexpr int size = F_SEAL_SHRINK | F_SEAL_GROW;
    const auto add = [&](int seals) {
        return call([&] { return fcntl(file.get(), F_ADD_SEALS, seals); }) == 0;
    };
    if (!add(size | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL))
        add(size | F_SEAL_SEAL); // a kernel before 5.1
}

bool allocate(const Descriptor &file, size_t offset, size_t size) {
    int allocated;
    do // a signal may interrupt it, again and again
        allocated = call(
            [&] { return fallocate(file.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(size)); });
    while (allocated != 0 && errno == EINTR);
    return allocated == 0;
}

void populate(void *at, size_t size) {
    if (call([&] { return madvise(at, size, MADV_POPULATE_WRITE); }) == 0)
        return;
    // A kernel before 5.14: touch each page. What is allocated can't fail to be touched.
    for (size_t i = 0; i < size; i += 4096)
        std::atomic_ref(*reinterpret_cast<uint64_t *>(static_cast<char *>(at) + i)).fetch_add(0);
}

} // namespace lkstats::os
