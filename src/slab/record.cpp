// SPDX-License-Identifier: Apache-2.0
#include "slab/record.hpp"

#include "slab/mutant.hpp"

#include <cstddef>
#include <cstring>

namespace lkstats::slab {

namespace {

// Finds what a kill left half written; it is no defence against anybody. The products don't wait for each
// other: a freeze makes one of these. Zeroed memory is not valid.
template <class T> uint32_t checksum(const T &of) {
    constexpr size_t size = offsetof(T, checksum);
    static_assert(size % 4 == 0);
    const auto *bytes = reinterpret_cast<const unsigned char *>(&of);
    uint64_t sum = 0, factor = 0x9e3779b97f4a7c15ULL;
#pragma GCC unroll 8
    for (size_t i = 0; i < size; i += 8, factor += 0xd1b54a32d192ed02ULL) {
        uint64_t part = 0;
        std::memcpy(&part, bytes + i, size - i < 8 ? 4 : 8);
        sum += (part ^ size) * factor;
    }
    return static_cast<uint32_t>(sum >> 32) | 1U;
}

// What is stored before it is in memory before what is stored after it, for whoever finds the memory after a
// kill: that falls between two instructions, so only the compiler has to keep the order. Whoever reads while
// we live goes by the checksums, and by the control word's release.
void in_order() { std::atomic_signal_fence(std::memory_order_release); }

} // namespace

bool whole(const lkstats_slab_totals_t &totals) { return totals.checksum == checksum(totals); }
bool whole(const lkstats_slab_snapshot_t &snapshot) { return snapshot.checksum == checksum(snapshot); }

void Record::begin(uint32_t slot, uint32_t tag, uint32_t epoch, int32_t channel, lkstats_time_t now,
                   const lkstats_traffic_t &base, uint32_t previous) {
    lkstats_slab_record_t &r = *at_;
    std::memset(&r, 0, offsetof(lkstats_slab_record_t, identity));
    r.slot = slot;
    r.tag = tag;
    r.epoch = epoch;
    r.previous = previous;
    r.start = now;
    r.base = base;
    set_control(LKSTATS_SLAB_FIRST | static_cast<uint64_t>(channel) << LKSTATS_SLAB_CHANNEL_SHIFT);
}

// Without a look at the checksums: those are for whoever finds the memory later. While we live nothing is
// left half written.
const lkstats_slab_totals_t &Record::running() const {
    const lkstats_slab_totals_t &a = at_->running[0], &b = at_->running[1];
    return static_cast<int32_t>(a.sequence - b.sequence) > 0 ? a : b;
}

lkstats_traffic_t Record::newest() const {
    if ((control() & LKSTATS_SLAB_RUNNING) != 0)
        return running().traffic;
    return reported();
}

lkstats_traffic_t Record::newest_whole() const {
    lkstats_traffic_t most = at_least(base(), acknowledged());
    if (pending())
        most = at_least(most, snapshot().traffic);
    for (const lkstats_slab_totals_t &totals : at_->running)
        if (whole(totals) || mutant(Mutant::whole))
            most = at_least(most, totals.traffic);
    return most;
}

void Record::drop_torn_running() {
    for (lkstats_slab_totals_t &totals : at_->running)
        if (!whole(totals))
            totals = {};
}

void Record::write_running(const lkstats_traffic_t &traffic, uint32_t sequence) {
    lkstats_slab_totals_t &to = at_->running[sequence & 1];
    to.traffic = traffic;
    to.sequence = sequence;
    step();
    in_order();
    to.checksum = checksum(to);
    step();
    set_control(control() | LKSTATS_SLAB_RUNNING);
}

void Record::end(lkstats_time_t now) {
    const bool window = pending() && (snapshot().flags & LKSTATS_SLAB_JOINED) == 0;
    const lkstats_time_t until = window ? snapshot().at : window_start();
    at_->end = now.monotonic_ns < until.monotonic_ns ? until : now;
}

void Record::freeze(const lkstats_traffic_t &traffic, uint32_t flags, lkstats_time_t now) {
    lkstats_slab_snapshot_t &to = at_->snapshot[other()];
    to.traffic = traffic;
    step();
    in_order();
    const uint32_t next = mutant(Mutant::snapshot) && pending() ? sequence() : sequence() + 1;
    to.sequence = next;
    to.flags = flags;
    to.at = now;
    to.checksum = checksum(to);
    step();
    // A joined has the base's totals: what was written down since is still the newest.
    const uint64_t overtaken = (flags & LKSTATS_SLAB_JOINED) != 0 ? 0 : LKSTATS_SLAB_RUNNING;
    const uint64_t kept = control() & ((uint64_t{1} << LKSTATS_SLAB_SEQUENCE_SHIFT) - 1) & ~overtaken;
    set_control(uint64_t{next} << LKSTATS_SLAB_SEQUENCE_SHIFT | kept | LKSTATS_SLAB_PENDING);
}

bool Record::acknowledge(uint32_t acknowledged) {
    if (!pending() || (sequence() != acknowledged && !mutant(Mutant::ack)))
        return false;
    set_control((control() ^ LKSTATS_SLAB_ACKNOWLEDGED) &
                ~uint64_t{LKSTATS_SLAB_PENDING | LKSTATS_SLAB_FIRST});
    return true;
}

} // namespace lkstats::slab
