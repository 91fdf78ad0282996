// SPDX-License-Identifier: Apache-2.0
#include "api/ranges.hpp"

#include "os/memory.hpp"
#include "os/system.hpp"

#include <algorithm>

namespace lkstats::api {

namespace {

using track::Kind;

constexpr uint32_t limit_most = uint32_t{1} << LKSTATS_SLAB_INDEX_BITS;
constexpr int64_t rest_ns = 10'000'000'000;

constexpr uint32_t per_granule(Kind kind) {
    return static_cast<uint32_t>(
        os::granule / (kind == Kind::slots ? sizeof(lkstats_slab_slot_t) : sizeof(lkstats_slab_record_t)));
}
constexpr uint32_t limit_least = 2 * per_granule(Kind::slots);
// Record 0 means none, so the first granule of records stays empty, and there is one more.
constexpr uint32_t records(uint32_t limit) { return limit + per_granule(Kind::records); }

template <class T> bool reserve_array(T *&array, uint32_t count, bool readable) {
    array = static_cast<T *>(os::reserve(count * sizeof(T), readable));
    return array != nullptr;
}

template <class T> void unreserve_array(T *&array, uint32_t count) {
    os::unreserve(array, count * sizeof(T));
    array = nullptr;
}

// Private memory for the items of a chunk: whole granules around them, which neighbours may share.
template <class T> bool commit(T *array, const lkstats_slab_chunk_t &chunk) {
    const auto begin = reinterpret_cast<uintptr_t>(array + chunk.first) & ~(os::granule - 1);
    const auto end = (reinterpret_cast<uintptr_t>(array + chunk.first + chunk.count) + os::granule - 1) &
                     ~(os::granule - 1);
    return os::commit(reinterpret_cast<void *>(begin), end - begin);
}

} // namespace

Ranges::~Ranges() { give_back(); }

bool Ranges::reserve(uint32_t limit) {
    limit_ = limit;
    if (reserve_array(places_.slots, limit, true) && reserve_array(places_.records, records(limit), true) &&
        reserve_array(places_.entries, limit, false) && reserve_array(places_.flags, limit, false) &&
        reserve_array(places_.queue_next, limit, false) &&
        reserve_array(places_.record_next, records(limit), false))
        return true;
    give_back();
    return false;
}

void Ranges::give_back() {
    unreserve_array(places_.slots, limit_);
    unreserve_array(places_.records, records(limit_));
    unreserve_array(places_.entries, limit_);
    unreserve_array(places_.flags, limit_);
    unreserve_array(places_.queue_next, limit_);
    unreserve_array(places_.record_next, records(limit_));
}

bool Ranges::reserve() {
    uint32_t limit = limit_most;
    while (!reserve(limit)) {
        limit /= 2;
        if (limit < limit_least)
            return false;
    }
    if (limit != limit_most || os::address_space_limited()) {
        give_back();
        if (!reserve(std::max(limit / 2, limit_least)))
            return false;
    }
    owners_ = std::make_unique<uint8_t[]>(limit_ / per_granule(Kind::slots));
    ranges_[static_cast<size_t>(Kind::slots)] = {limit_ / per_granule(Kind::slots), 0, 0, {}};
    ranges_[static_cast<size_t>(Kind::records)] = {records(limit_) / per_granule(Kind::records), 1, 0, {}};
    return true;
}

void Ranges::blank(const track::Places &places, uint32_t limit) {
    os::blank(places.slots, limit * sizeof(lkstats_slab_slot_t));
    os::blank(places.records, records(limit) * sizeof(lkstats_slab_record_t));
}

bool Ranges::take_granules(Range &range, uint32_t wanted, Stretch &stretch) {
    const int64_t now_ns = os::now().monotonic_ns;
    auto &resting = range.resting;
    const auto rested = [&](const Stretch &s) { return now_ns - s.since_ns >= rest_ns; };
    // Neighbours that have rested are one: what many small contexts had serves a large one.
    std::sort(resting.begin(), resting.end(),
              [](const Stretch &a, const Stretch &b) { return a.first < b.first; });
    size_t kept = 0;
    for (size_t i = 0; i < resting.size(); ++i) {
        if (kept != 0 && resting[kept - 1].first + resting[kept - 1].count == resting[i].first &&
            rested(resting[kept - 1]) && rested(resting[i]))
            resting[kept - 1].count += resting[i].count;
        else
            resting[kept++] = resting[i];
    }
    resting.resize(kept);

    auto best = resting.end();
    for (auto at = resting.begin(); at != resting.end(); ++at)
        if (rested(*at) && (best == resting.end() || at->count > best->count))
            best = at;
    const uint32_t fresh = range.granules - range.fresh;
    if (best != resting.end() && (best->count >= wanted || best->count >= fresh)) {
        stretch = {best->first, std::min(best->count, wanted), 0};
        best->first += stretch.count;
        best->count -= stretch.count;
        if (best->count == 0)
            resting.erase(best);
        return true;
    }
    if (fresh == 0)
        return false;
    stretch = {range.fresh, std::min(fresh, wanted), 0};
    range.fresh += stretch.count;
    return true;
}

lkstats_status_t Ranges::take(Kind kind, uint32_t wanted, uint8_t owner, lkstats_slab_chunk_t &chunk) {
    const uint32_t per = per_granule(kind);
    {
        std::lock_guard lock(mutex_);
        Range &range = ranges_[static_cast<size_t>(kind)];
        // Room for every stretch that may come back, before any goes out.
        if (const size_t places = range.resting.size() + range.taken + 1; range.resting.capacity() < places)
            range.resting.reserve(2 * places);
        Stretch stretch;
        if (!take_granules(range, (wanted + per - 1) / per, stretch))
            return limit_ == limit_most ? LKSTATS_EFULL : LKSTATS_ENOMEM;
        ++range.taken;
        chunk = {stretch.first * per, stretch.count * per};
        if (kind == Kind::slots)
            std::fill_n(owners_.get() + stretch.first, stretch.count, owner);
    }
    const bool committed = kind == Kind::slots
                               ? commit(places_.entries, chunk) && commit(places_.flags, chunk) &&
                                     commit(places_.queue_next, chunk)
                               : commit(places_.record_next, chunk);
    if (committed)
        return LKSTATS_OK;
    put_back(kind, chunk);
    return LKSTATS_ENOMEM;
}

void Ranges::put(Kind kind, const lkstats_slab_chunk_t &chunk, int64_t since_ns) {
    const uint32_t per = per_granule(kind);
    const Stretch stretch = {chunk.first / per, chunk.count / per, since_ns};
    std::lock_guard lock(mutex_);
    if (kind == Kind::slots)
        std::fill_n(owners_.get() + stretch.first, stretch.count, uint8_t{0});
    Range &range = ranges_[static_cast<size_t>(kind)];
    range.resting.push_back(stretch);
    --range.taken;
}

void Ranges::retire(Kind kind, const lkstats_slab_chunk_t &chunk) {
    put(kind, chunk, os::now().monotonic_ns);
}

void Ranges::put_back(Kind kind, const lkstats_slab_chunk_t &chunk) {
    put(kind, chunk, os::now().monotonic_ns - rest_ns);
}

uint8_t Ranges::owner(uint32_t slot) {
    std::lock_guard lock(mutex_);
    return owners_[slot / per_granule(Kind::slots)];
}

} // namespace lkstats::api
