// SPDX-License-Identifier: Apache-2.0
// Shared memory of the kind that holds the counters, for the limits: same pages, all of them present.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <span>

namespace bench {

template <class T> class Mapping {
  public:
    explicit Mapping(size_t count) : count_(count) {
        const int fd = memfd_create("lkstats_bench", MFD_CLOEXEC);
        if (fd >= 0 && ftruncate(fd, static_cast<off_t>(bytes())) == 0)
            at_ = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
        if (at_ == MAP_FAILED) {
            std::perror("lkstats_bench: no memory for a limit");
            std::exit(EXIT_FAILURE);
        }
        close(fd);
    }
    ~Mapping() { munmap(at_, bytes()); }
    Mapping(const Mapping &) = delete;
    Mapping &operator=(const Mapping &) = delete;

    std::span<T> items() const { return {static_cast<T *>(at_), count_}; }

  private:
    size_t bytes() const { return count_ * sizeof(T); }

    size_t count_;
    void *at_ = MAP_FAILED;
};

} // namespace bench
