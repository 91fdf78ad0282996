// SPDX-License-Identifier: Apache-2.0
// The hot path: nothing here locks, allocates or makes a system call, so a signal handler may add too.
#include "api/process.hpp"
#include "api/refused_adds.hpp"
#include "api/structs.hpp"
#include "os/anchor.hpp"

namespace lkstats::api {

namespace {

struct Refused {
    std::atomic<uint64_t> invalid, none, stale, closed, forked;
} refused;

lkstats_status_t count(lkstats_status_t status, lkstats_track_t track) {
    std::atomic<uint64_t> &counter = status == LKSTATS_EINVAL    ? refused.invalid
                                     : status == LKSTATS_ECLOSED ? refused.closed
                                     : status == LKSTATS_EFORKED ? refused.forked
                                     : track == 0                ? refused.none
                                                                 : refused.stale;
    counter.fetch_add(1, std::memory_order_relaxed);
    return status;
}

[[gnu::cold, gnu::noinline]] lkstats_status_t refuse(lkstats_track_t track) {
    const Process *process = Process::current();
    return count(process == nullptr ? Process::nobody() : process->refusal(track), track);
}

[[gnu::cold, gnu::noinline]] lkstats_status_t refuse(lkstats_status_t status) { return count(status, 0); }

// The slot of a handle; nullptr: its index is none, or this process has no slots.
lkstats_slab_slot_t *line(lkstats_track_t track) {
    const lkstats_slab_anchor_t &slab = os::anchor().slab;
    const uint64_t index = track & 0xffffffff;
    if (index >= std::atomic_ref(const_cast<uint64_t &>(slab.limit)).load(std::memory_order_acquire))
        [[unlikely]]
        return nullptr;
    return slab.slots + index;
}

lkstats_status_t add(lkstats_track_t track, uint64_t bytes, uint64_t messages, int32_t is_send) {
    using slab::Counter;
    if (!Counter::fits(bytes, messages)) [[unlikely]]
        return refuse(lkstats_status_t{LKSTATS_EINVAL});
    lkstats_slab_slot_t *at = line(track);
    if (at == nullptr) [[unlikely]]
        return refuse(track);
    slab::Slot slot(*at);
    if (!slot.live(track)) [[unlikely]]
        return refuse(track);
    const auto direction = is_send != 0 ? slab::Direction::send : slab::Direction::recv;
    if (!slot.add(direction, Counter::increment(bytes, messages))) [[unlikely]]
        return refuse(lkstats_status_t{LKSTATS_ECLOSED});
    return LKSTATS_OK;
}

} // namespace

report::RefusedAdds refused_adds() {
    return {refused.invalid, refused.none, refused.stale, refused.closed, refused.forked};
}

void forget_refused_adds() {
    for (std::atomic<uint64_t> *each :
         {&refused.invalid, &refused.none, &refused.stale, &refused.closed, &refused.forked})
        each->store(0, std::memory_order_relaxed);
}

} // namespace lkstats::api

using namespace lkstats;
using namespace lkstats::api;

extern "C" {

lkstats_status_t lkstats_add_bytes(lkstats_track_t track, uint64_t bytes, int32_t is_send) {
    return add(track, bytes, 1, is_send);
}

lkstats_status_t lkstats_add_messages(lkstats_track_t track, uint64_t bytes, uint64_t messages,
                                      int32_t is_send) {
    return add(track, bytes, messages, is_send);
}

void lkstats_prefetch(lkstats_track_t track) {
    if (const lkstats_slab_slot_t *at = line(track))
        __builtin_prefetch(at, 1);
}

lkstats_status_t lkstats_slab_attach(uint32_t version, lkstats_slab_t *slab) {
    if (!size_ok(slab))
        return LKSTATS_EINVAL;
    if (version != LKSTATS_SLAB_VERSION)
        return LKSTATS_ELAYOUT;
    write_struct(slab, {0, version, &os::anchor().slab, lkstats_add_messages});
    return LKSTATS_OK;
}

} // extern "C"
