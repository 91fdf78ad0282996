// SPDX-License-Identifier: Apache-2.0
#include "os/anchor.hpp"

#include "os/seam.hpp"

#include <atomic>
#include <cstring>
#include <pthread.h>
#include <sys/mman.h>

namespace lkstats::os {

alignas(sizeof(AnchorPage)) constinit AnchorPage anchor_page = {.bytes = {}};

namespace {

// Kept by hand for whoever forks through the C library: the kernel's wiping happens for all others, and has
// already emptied the page when this runs. So in_child works on what it remembers itself.
std::atomic<void (*)()> child_handler;

void wipe_in_child() {
    child_handler.load(std::memory_order_relaxed)();
    std::memset(&anchor(), 0, sizeof(Anchor));
}

} // namespace

void wipe_in_children() {
    // A kernel before 4.14 does not know it: then only a raw clone is not noticed.
    call([] { return madvise(&anchor_page, sizeof anchor_page, MADV_WIPEONFORK); });
}

bool run_in_children(void (*in_child)()) {
    if (child_handler.exchange(in_child) != nullptr)
        return true; // inherited from a parent, with its handler
    if (call([] { return pthread_atfork(nullptr, nullptr, wipe_in_child) == 0 ? 0 : -1; }) == 0)
        return true;
    child_handler = nullptr;
    return false;
}

} // namespace lkstats::os
