// SPDX-License-Identifier: Apache-2.0
#include "os/seam.hpp"

#ifdef LKSTATS_SEAMS

#include <atomic>
#include <cstdlib>
#include <new>

namespace lkstats::os {

namespace {
std::atomic<uint64_t> nth, calls;
std::atomic<bool> for_good;
std::atomic<int> error;
} // namespace

void set_plan(Plan plan) {
    nth = 0;
    calls = 0;
    for_good = plan.for_good;
    error = plan.error;
    nth = plan.nth;
}

uint64_t calls_since_plan() { return calls; }

bool fails() {
    const uint64_t call = ++calls;
    const uint64_t planned = nth;
    if (planned == 0 || call < planned || (call > planned && !for_good))
        return false;
    errno = error;
    return true;
}

} // namespace lkstats::os

namespace {
void *given(void *memory) {
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}
} // namespace

// NOLINTBEGIN(misc-new-delete-overloads): those that do not throw end here too
void *operator new(std::size_t size) {
    return given(lkstats::os::fails() ? nullptr : std::malloc(size == 0 ? 1 : size));
}
void *operator new(std::size_t size, std::align_val_t alignment) {
    const auto to = static_cast<std::size_t>(alignment);
    return given(lkstats::os::fails() ? nullptr : std::aligned_alloc(to, (size + to - 1) / to * to));
}
void *operator new[](std::size_t size) { return operator new(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete[](void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void *memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(misc-new-delete-overloads)

#endif
