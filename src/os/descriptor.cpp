// SPDX-License-Identifier: Apache-2.0
#include "os/descriptor.hpp"

#include "os/seam.hpp"

#include <atomic>
#include <cstdint>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace lkstats::os {

namespace {

constexpr int lowest = 3;

// Zero is empty, so that the table needs no constructor; else descriptor + 1.
std::atomic<int> ours[4096];

} // namespace

void close_in_child(int fd) {
    for (auto &place : ours) {
        int empty = 0;
        if (place.load(std::memory_order_relaxed) == 0 && place.compare_exchange_strong(empty, fd + 1))
            return;
    }
}

void forget_in_child(int fd) {
    for (auto &place : ours) {
        int kept = fd + 1;
        if (place.load(std::memory_order_relaxed) == kept && place.compare_exchange_strong(kept, 0))
            return;
    }
}

void close_all_in_child() {
    for (auto &place : ours)
        if (const int kept = place.exchange(0, std::memory_order_relaxed); kept != 0)
            close(kept - 1);
}

Descriptor::Descriptor(int fd) : fd_(fd) {
    if (fd_ >= 0 && fd_ < lowest) {
        fd_ = call([&] { return fcntl(fd, F_DUPFD_CLOEXEC, lowest); });
        close(fd);
    }
    if (fd_ >= 0)
        close_in_child(fd_);
}

Descriptor::~Descriptor() {
    if (fd_ < 0)
        return;
    forget_in_child(fd_);
    close(fd_);
}

Floor::Floor() {
    constexpr int wanted = 8;
    int taken[wanted];
    int count = 0;
    while (count < wanted) {
        const int fd = call([] { return eventfd(0, EFD_CLOEXEC); });
        if (fd < 0)
            break;
        (fd < lowest ? low_[fd] : taken[count++]) = fd;
    }
    enough_ = count == wanted;
    while (count > 0)
        close(taken[--count]);
}

Floor::~Floor() {
    for (int fd : low_)
        if (fd >= 0)
            close(fd);
}

Descriptor make_event() {
    return Descriptor(call([] { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }));
}

// Neither can fail but for a host that closed the descriptor, and then nobody waits for it.
void set_event(const Descriptor &event) {
    const uint64_t one = 1;
    [[maybe_unused]] const auto written = write(event.get(), &one, sizeof one);
}
void clear_event(const Descriptor &event) {
    uint64_t count;
    [[maybe_unused]] const auto got = read(event.get(), &count, sizeof count);
}

} // namespace lkstats::os
