// SPDX-License-Identifier: Apache-2.0
// Where tests make the n-th system call or allocation fail. In a release every call is what it looks like.
#pragma once

#include <cerrno>
#include <cstdint>

namespace lkstats::os {

#ifdef LKSTATS_SEAMS
// A plan: calls are counted from when it is set, the nth (from 1) fails with error; for_good: all later ones
// too. nth 0: none fails. Allocations by operator new count as calls, and fail with std::bad_alloc.
struct Plan {
    uint64_t nth = 0;
    bool for_good = false;
    int error = ENOMEM;
};
void set_plan(Plan plan);
uint64_t calls_since_plan();
bool fails(); // sets errno
#else
constexpr bool fails() { return false; }
#endif

// f(), or what f returns on failure: -1, as an int or as a pointer.
template <class F> auto call(F f) -> decltype(f()) {
    if (fails())
        return (decltype(f()))(-1);
    return f();
}

} // namespace lkstats::os
