// SPDX-License-Identifier: Apache-2.0
// File descriptors of the library's: close-on-exec, at least 3, and closed in a forked child.
#pragma once

#include <utility>

namespace lkstats::os {

class Descriptor {
  public:
    Descriptor() = default;
    // Takes over fd, which may be -1; moves it up when it is below 3, and is empty when that fails.
    explicit Descriptor(int fd);
    Descriptor(Descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor &operator=(Descriptor &&other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_ = -1;
};

// Remembers descriptors that somebody else opened for the library (an event loop), so that a forked child
// closes them too.
void close_in_child(int fd);
void forget_in_child(int fd);
// In a forked child: closes all of them.
void close_all_in_child();

// Keeps descriptors 0, 1 and 2 taken while somebody opens others; false: fewer than eight are free.
class Floor {
  public:
    Floor();
    ~Floor();
    explicit operator bool() const { return enough_; }

  private:
    int low_[3] = {-1, -1, -1};
    bool enough_ = false;
};

// An eventfd: readable or not.
Descriptor make_event();
void set_event(const Descriptor &event);
void clear_event(const Descriptor &event);

} // namespace lkstats::os
