// SPDX-License-Identifier: Apache-2.0
#include "api/process.hpp"

#include "api/context.hpp"
#include "api/refused_adds.hpp"
#include "os/anchor.hpp"
#include "os/descriptor.hpp"
#include "os/system.hpp"

#include <algorithm>

namespace lkstats::api {

namespace {

// These outlive a fork: a child must not give out what a parent's handle or token may say.
std::atomic<uint32_t> next_tag;
std::atomic<uint64_t> next_generation;
std::atomic<bool> ever_opened;
// The parent's ranges, for the child that must let go of them.
track::Places inherited;
uint32_t inherited_limit;

// In the place of the process while a thread makes it.
Process *const in_the_making = reinterpret_cast<Process *>(1);

std::atomic_ref<void *> current_process() { return std::atomic_ref(os::anchor().process); }

// A token: its generation, and in the low byte its seat, counted from 1.
uint64_t generation_of(const lkstats_t *token) { return reinterpret_cast<uintptr_t>(token) >> 8; }

} // namespace

std::atomic<uint32_t> &Process::tags() { return next_tag; }

Process *Process::current() {
    void *process = current_process().load(std::memory_order_acquire);
    return process == in_the_making ? nullptr : static_cast<Process *>(process);
}

lkstats_status_t Process::nobody() { return ever_opened ? LKSTATS_EFORKED : LKSTATS_ESTALE; }

void Process::in_child() {
    if (mutant(Mutant::child))
        return;
    if (inherited_limit != 0)
        Ranges::blank(inherited, inherited_limit);
    os::close_all_in_child();
    forget_refused_adds();
}

lkstats_status_t Process::make(Process *&process) {
    if ((process = current()) != nullptr)
        return LKSTATS_OK;
    auto made = std::make_unique<Process>();
    // Before anything stands in the anchor: who forks in between finds it empty.
    os::wipe_in_children();
    for (;;) {
        void *expected = nullptr;
        if (current_process().compare_exchange_strong(expected, in_the_making, std::memory_order_acq_rel))
            break;
        if (expected != in_the_making) {
            process = static_cast<Process *>(expected);
            return LKSTATS_OK;
        }
        os::yield();
    }
    // What the others wait for: the process, or none.
    struct Publish {
        Process *process = nullptr;
        ~Publish() {
            current_process().store(process, std::memory_order_release);
            if (process != nullptr)
                ever_opened = true;
        }
    } publish;
    if (const auto status = made->prepare(); status != LKSTATS_OK)
        return status;
    process = publish.process = made.release();
    return LKSTATS_OK;
}

lkstats_status_t Process::prepare() {
    if (!ranges_.reserve())
        return LKSTATS_ENOMEM;
    after_fork_ = ever_opened;
    if (!after_fork_) {
        uint64_t random[2];
        if (!os::random_bytes(random, sizeof random))
            return LKSTATS_ESYSTEM;
        next_tag = static_cast<uint32_t>(random[0]);
        next_generation = (random[1] & 0xffffffffff) | 1;
    }
    first_tag_ = next_tag;
    first_generation_ = next_generation;
    inherited = ranges_.places();
    inherited_limit = ranges_.limit();
    if (!os::run_in_children(in_child)) {
        inherited_limit = 0;
        return LKSTATS_ENOMEM;
    }
    lkstats_slab_anchor_t &slab = os::anchor().slab;
    std::atomic_ref(slab.slots).store(ranges_.places().slots, std::memory_order_relaxed);
    std::atomic_ref(slab.limit).store(ranges_.limit(), std::memory_order_release);
    return LKSTATS_OK;
}

lkstats_status_t Process::add(std::shared_ptr<Context> context, lkstats_t *&token) {
    std::lock_guard lock(mutex_);
    for (uintptr_t i = 0; i < LKSTATS_CONTEXTS_MAX; ++i) {
        if (seats_[i].context)
            continue;
        seats_[i].context = std::move(context);
        seats_[i].generation = next_generation.fetch_add(1);
        token = reinterpret_cast<lkstats_t *>(seats_[i].generation << 8 | (i + 1));
        return LKSTATS_OK;
    }
    return LKSTATS_EFULL;
}

void Process::remove(const lkstats_t *token) {
    std::shared_ptr<Context> removed; // let go of after the lock
    std::lock_guard lock(mutex_);
    removed.swap(seats_[seat_of(token) - 1].context);
}

bool Process::claim(const recover::Uuid &uuid) {
    const auto wanted = std::to_array(uuid);
    std::lock_guard lock(mutex_);
    const bool open = std::any_of(std::begin(seats_), std::end(seats_), [&](const Seat &seat) {
        return seat.context && std::to_array(seat.context->uuid()) == wanted;
    });
    if (open || std::find(claimed_.begin(), claimed_.end(), wanted) != claimed_.end())
        return false;
    claimed_.push_back(wanted);
    return true;
}

void Process::release(const recover::Uuid &uuid) {
    std::lock_guard lock(mutex_);
    std::erase(claimed_, std::to_array(uuid));
}

lkstats_status_t Process::find(const lkstats_t *token, std::shared_ptr<Context> &context) {
    const uint8_t seat = seat_of(token);
    const uint64_t generation = generation_of(token);
    if (seat == 0 || seat > LKSTATS_CONTEXTS_MAX)
        return LKSTATS_ESTALE;
    std::lock_guard lock(mutex_);
    if (seats_[seat - 1].generation == generation && seats_[seat - 1].context) {
        context = seats_[seat - 1].context;
        return LKSTATS_OK;
    }
    if (generation >= first_generation_ && generation < next_generation)
        return LKSTATS_ECLOSED;
    return after_fork_ && generation < first_generation_ ? LKSTATS_EFORKED : LKSTATS_ESTALE;
}

lkstats_status_t Process::find(lkstats_track_t track, std::shared_ptr<Context> &context) {
    const uint64_t index = track & 0xffffffff;
    if (index < ranges_.limit()) {
        std::lock_guard lock(mutex_); // a context gives up its slots first, then its seat
        if (const uint8_t owner = ranges_.owner(static_cast<uint32_t>(index)); owner != 0) {
            context = seats_[owner - 1].context;
            if (context)
                return LKSTATS_OK;
        }
    }
    return refusal(track);
}

lkstats_status_t Process::refusal(lkstats_track_t track) const {
    const uint64_t index = track & 0xffffffff;
    const auto tag = static_cast<uint32_t>(track >> 32);
    if (index < ranges_.limit() && tag != 0) {
        const slab::Id id = slab::Slot(ranges_.places().slots[index]).id();
        if (id.tag == tag && id.state != slab::State::free)
            return LKSTATS_ECLOSED;
        if (after_fork_ && static_cast<int32_t>(tag - first_tag_) < 0)
            return LKSTATS_EFORKED;
    }
    return LKSTATS_ESTALE;
}

} // namespace lkstats::api
