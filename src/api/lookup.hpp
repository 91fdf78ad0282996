// SPDX-License-Identifier: Apache-2.0
// From what a host holds to what it means: a call runs in the context of its token or handle, guarded.
#pragma once

#include "api/context.hpp"
#include "api/guard.hpp"
#include "api/process.hpp"

namespace lkstats::api {

// f(context), where the token or the handle has one.
template <class Of, class F> lkstats_status_t in_context(Of of, F f) {
    return guard([&]() -> lkstats_status_t {
        Process *process = Process::current();
        if (process == nullptr)
            return Process::nobody();
        std::shared_ptr<Context> context;
        const auto status = process->find(of, context);
        return status == LKSTATS_OK ? f(*context) : status;
    });
}

// The same for a handle. A parent's may have the index of a slot of this process's own: it is not stale for
// that.
template <class F> lkstats_status_t on_track(lkstats_track_t track, F f) {
    const auto status = in_context(track, f);
    if (status != LKSTATS_ESTALE)
        return status;
    const Process *process = Process::current();
    return process != nullptr && process->refusal(track) == LKSTATS_EFORKED ? LKSTATS_EFORKED : status;
}

} // namespace lkstats::api
