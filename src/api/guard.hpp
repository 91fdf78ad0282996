// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lkstats.h"

#include <cerrno>
#include <new>

namespace lkstats::api {

// Of a system call that failed: what errno says.
inline lkstats_status_t status_of_errno() {
    switch (errno) {
    case EMFILE:
    case ENFILE:
        return LKSTATS_ENOFILE;
    case ENOMEM:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return LKSTATS_ENOMEM;
    default:
        return LKSTATS_ESYSTEM;
    }
}

// What every extern "C" function that does more than add runs in: no exception leaves, errno stays as it was.
template <class F> lkstats_status_t guard(F f) noexcept {
    const int before = errno;
    lkstats_status_t status;
    try {
        status = f();
    } catch (const std::bad_alloc &) {
        status = LKSTATS_ENOMEM;
    } catch (...) {
        status = LKSTATS_EINTERNAL;
    }
    errno = before;
    return status;
}

} // namespace lkstats::api
