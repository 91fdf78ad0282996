// SPDX-License-Identifier: Apache-2.0
#include "api/process.hpp"

#include "os/anchor.hpp"
#include "os/clock.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <sched.h>

namespace lkstats::api {

namespace {

constexpr uint32_t slots_max = uint32_t{1} << LKSTATS_SLAB_INDEX_BITS;
constexpr int64_t rest_ns = 10'000'000'000;

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

constexpr size_t item_size(track::Kind kind) {
    return kind == track::Kind::slots ? sizeof(lkstats_slab_slot_t) : sizeof(lkstats_slab_record_t);
}
constexpr uint32_t per_granule(track::Kind kind) { return static_cast<uint32_t>(os::granule / item_size(kind)); }

// A token: its generation, and in the low byte its seat, counted from 1.
uint64_t generation_of(const lkstats_t *token) { return reinterpret_cast<uintptr_t>(token) >> 8; }
uint8_t seat_of(const lkstats_t *token) { return static_cast<uint8_t>(reinterpret_cast<uintptr_t>(token)); }

// Private memory for the items of a chunk: whole granules around them, which neighbours may share.
template <class T> bool commit(T *array, const lkstats_slab_chunk_t &chunk) {
    const auto begin = reinterpret_cast<uintptr_t>(array + chunk.first) & ~(os::granule - 1);
    const auto end = (reinterpret_cast<uintptr_t>(array + chunk.first + chunk.count) + os::granule - 1) &
                     ~(os::granule - 1);
    return os::commit(reinterpret_cast<void *>(begin), end - begin);
}

template <class T> T *reserve_array(uint32_t count, bool readable) {
    return static_cast<T *>(os::reserve(count * sizeof(T), readable));
}

} // namespace

std::atomic<uint32_t> &Process::tags() { return next_tag; }

Process *Process::current() {
    void *process = current_process().load(std::memory_order_acquire);
    return process == in_the_making ? nullptr : static_cast<Process *>(process);
}

lkstats_status_t Process::nobody() { return ever_opened ? LKSTATS_EFORKED : LKSTATS_ESTALE; }

void Process::in_child() {
    if (inherited_limit != 0) {
        os::blank(inherited.slots, inherited_limit * sizeof(lkstats_slab_slot_t));
        os::blank(inherited.records, inherited_limit * sizeof(lkstats_slab_record_t));
    }
    os::close_all_in_child();
}

bool Process::reserve(uint32_t limit) {
    limit_ = limit;
    places_.slots = reserve_array<lkstats_slab_slot_t>(limit, true);
    places_.records = reserve_array<lkstats_slab_record_t>(limit, true);
    places_.entries = reserve_array<track::Entry>(limit, false);
    places_.flags = reserve_array<std::atomic<uint8_t>>(limit, false);
    places_.queue_next = reserve_array<uint32_t>(limit, false);
    places_.record_next = reserve_array<uint32_t>(limit, false);
    if (places_.slots && places_.records && places_.entries && places_.flags && places_.queue_next &&
        places_.record_next)
        return true;
    give_back();
    return false;
}

void Process::give_back() {
    os::unreserve(places_.slots, limit_ * sizeof(lkstats_slab_slot_t));
    os::unreserve(places_.records, limit_ * sizeof(lkstats_slab_record_t));
    os::unreserve(places_.entries, limit_ * sizeof(track::Entry));
    os::unreserve(places_.flags, limit_ * sizeof(std::atomic<uint8_t>));
    os::unreserve(places_.queue_next, limit_ * sizeof(uint32_t));
    os::unreserve(places_.record_next, limit_ * sizeof(uint32_t));
    places_ = {};
}

Process::~Process() { give_back(); }

lkstats_status_t Process::make(Process *&process) {
    for (;;) {
        void *expected = nullptr;
        if (current_process().compare_exchange_strong(expected, in_the_making, std::memory_order_acq_rel))
            break;
        if (expected != in_the_making) {
            process = static_cast<Process *>(expected);
            return LKSTATS_OK;
        }
        sched_yield();
    }
    struct Undo {
        bool armed = true;
        ~Undo() {
            if (armed)
                current_process().store(nullptr, std::memory_order_release);
        }
    } undo;

    struct Deleter {
        void operator()(Process *p) const { delete p; }
    };
    std::unique_ptr<Process, Deleter> made(new Process);
    // Where the address space is limited, half of what fits is left to the host.
    uint32_t limit = slots_max;
    while (!made->reserve(limit)) {
        limit /= 2;
        if (limit < 2 * per_granule(track::Kind::slots))
            return LKSTATS_ENOMEM;
    }
    if (limit != slots_max || os::address_space_limited()) {
        made->give_back();
        if (!made->reserve(std::max(limit / 2, 2 * per_granule(track::Kind::slots))))
            return LKSTATS_ENOMEM;
    }
    limit = made->limit_;
    made->owners_ = std::make_unique<uint8_t[]>(limit / per_granule(track::Kind::slots));
    for (const track::Kind kind : {track::Kind::slots, track::Kind::records})
        made->ranges_[static_cast<size_t>(kind)].granules = limit / per_granule(kind);
    made->ranges_[static_cast<size_t>(track::Kind::records)].fresh = 1; // record 0 means none

    made->after_fork_ = ever_opened;
    if (!made->after_fork_) {
        uint64_t random[2];
        if (!os::random_bytes(random, sizeof random))
            return LKSTATS_ESYSTEM;
        next_tag = static_cast<uint32_t>(random[0]);
        next_generation = (random[1] & 0xffffffffff) | 1;
    }
    made->first_tag_ = next_tag;
    made->first_generation_ = next_generation;
    inherited = made->places_;
    inherited_limit = limit;
    if (!os::keep_from_children(in_child)) {
        inherited_limit = 0;
        return LKSTATS_ENOMEM;
    }
    lkstats_slab_anchor_t &slab = os::anchor().slab;
    std::atomic_ref(slab.slots).store(made->places_.slots, std::memory_order_relaxed);
    std::atomic_ref(slab.limit).store(limit, std::memory_order_release);
    ever_opened = true;
    undo.armed = false;
    process = made.release();
    current_process().store(process, std::memory_order_release);
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
    if (index < limit_) {
        std::lock_guard lock(mutex_);
        if (const uint8_t owner = owners_[index / per_granule(track::Kind::slots)]; owner != 0) {
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
    if (index < limit_ && tag != 0) {
        const slab::Id id = slab::Slot(places_.slots[index]).id();
        if (id.tag == tag && id.state != slab::State::free)
            return LKSTATS_ECLOSED;
        if (after_fork_ && static_cast<int32_t>(tag - first_tag_) < 0)
            return LKSTATS_EFORKED;
    }
    return LKSTATS_ESTALE;
}

bool Process::take_granules(Range &range, uint32_t wanted, Stretch &stretch) {
    const int64_t now_ns = os::now().monotonic_ns;
    const auto rested = [&](const Stretch &s) { return now_ns - s.since_ns >= rest_ns; };
    auto best = range.resting.end();
    for (auto at = range.resting.begin(); at != range.resting.end(); ++at)
        if (rested(*at) && (best == range.resting.end() || at->count > best->count))
            best = at;
    const uint32_t fresh = range.granules - range.fresh;
    if (best != range.resting.end() && (best->count >= wanted || fresh < wanted)) {
        stretch = {best->first, std::min(best->count, wanted), 0};
        best->first += stretch.count;
        best->count -= stretch.count;
        if (best->count == 0)
            range.resting.erase(best);
        return true;
    }
    if (fresh == 0)
        return false;
    stretch = {range.fresh, std::min(fresh, wanted), 0};
    range.fresh += stretch.count;
    return true;
}

lkstats_status_t Process::take(track::Kind kind, uint32_t wanted, const lkstats_t *owner, lkstats_slab_chunk_t &chunk) {
    const uint32_t per = per_granule(kind);
    {
        std::lock_guard lock(mutex_);
        Stretch stretch;
        if (!take_granules(ranges_[static_cast<size_t>(kind)], (wanted + per - 1) / per, stretch))
            return limit_ == slots_max ? LKSTATS_EFULL : LKSTATS_ENOMEM;
        chunk = {stretch.first * per, stretch.count * per};
        if (kind == track::Kind::slots)
            std::fill_n(owners_.get() + stretch.first, stretch.count, seat_of(owner));
    }
    const bool committed = kind == track::Kind::slots
                               ? commit(places_.entries, chunk) && commit(places_.flags, chunk) &&
                                     commit(places_.queue_next, chunk)
                               : commit(places_.record_next, chunk);
    if (committed)
        return LKSTATS_OK;
    retire(kind, chunk);
    return LKSTATS_ENOMEM;
}

void Process::retire(track::Kind kind, const lkstats_slab_chunk_t &chunk) {
    const uint32_t per = per_granule(kind);
    const Stretch stretch = {chunk.first / per, chunk.count / per, os::now().monotonic_ns};
    std::lock_guard lock(mutex_);
    if (kind == track::Kind::slots)
        std::fill_n(owners_.get() + stretch.first, stretch.count, uint8_t{0});
    ranges_[static_cast<size_t>(kind)].resting.push_back(stretch);
}

} // namespace lkstats::api
