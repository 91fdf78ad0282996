// SPDX-License-Identifier: Apache-2.0
#include "slab/record.hpp"

#include "slab/mutant.hpp"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstring>

namespace lkstats::slab {

namespace {

// Finds what a kill left half written; it is no defence against anybody. Zeroed memory is not valid.
template <class T> uint32_t checksum(const T &of) {
    constexpr size_t size = offsetof(T, checksum);
    static_assert(size % 4 == 0);
    const auto *bytes = reinterpret_cast<const unsigned char *>(&of);
    uint64_t sum = 0x6c6b7374617473ULL;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t part;
        std::memcpy(&part, bytes + i, 8);
        sum = (std::rotl(sum, 23) ^ part) * 0x9e3779b97f4a7c15ULL;
    }
    if constexpr (size % 8 != 0) {
        uint32_t part;
        std::memcpy(&part, bytes + size - 4, 4);
        sum = (std::rotl(sum, 23) ^ part) * 0x9e3779b97f4a7c15ULL;
    }
    return static_cast<uint32_t>(sum >> 32) | 1U;
}

// What is stored before it is in memory before what is stored after it, for whoever finds the memory after a
// kill: that falls between two instructions, so only the compiler has to keep the order. Whoever reads while
// we live goes by the checksums, and by the control word's release.
void in_order() { std::atomic_signal_fence(std::memory_order_release); }

} // namespace

void Record::begin(uint32_t slot, uint32_t tag, uint32_t epoch, int32_t channel, lkstats_time_t now,
                   const lkstats_traffic_t &base) {
    lkstats_slab_record_t &r = *at_;
    std::memset(&r, 0, offsetof(lkstats_slab_record_t, room));
    r.slot = slot;
    r.tag = tag;
    r.epoch = epoch;
    r.start = now;
    r.base = base;
    write_running(base, 1);
    set_control(LKSTATS_SLAB_FIRST | static_cast<uint64_t>(channel) << LKSTATS_SLAB_CHANNEL_SHIFT);
}

const lkstats_slab_totals_t &Record::running() const {
    const lkstats_slab_totals_t &a = at_->running[0], &b = at_->running[1];
    if (a.checksum != checksum(a))
        return b;
    if (b.checksum != checksum(b))
        return a;
    return static_cast<int32_t>(a.sequence - b.sequence) > 0 ? a : b;
}

void Record::write_running(const lkstats_traffic_t &traffic, uint32_t sequence) {
    lkstats_slab_totals_t &to = at_->running[sequence & 1];
    to.traffic = traffic;
    to.sequence = sequence;
    in_order();
    to.checksum = checksum(to);
    in_order();
}

uint64_t Record::control() const {
    return std::atomic_ref(at_->control).load(std::memory_order_acquire);
}

void Record::set_control(uint64_t control) {
    std::atomic_ref(at_->control).store(control, std::memory_order_release);
}

const lkstats_traffic_t &Record::acknowledged() const {
    return first() ? at_->base : at_->snapshot[acknowledged_index()].traffic;
}

uint32_t Record::acknowledged_sequence() const {
    return first() ? 0 : at_->snapshot[acknowledged_index()].sequence;
}

lkstats_time_t Record::acknowledged_at() const {
    return first() ? at_->start : at_->snapshot[acknowledged_index()].at;
}

uint32_t Record::freeze(const lkstats_traffic_t &traffic, lkstats_time_t now) {
    lkstats_slab_snapshot_t &to = at_->snapshot[other()];
    if (mutant(Mutant::snapshot) && pending()) {
        to.traffic = traffic;
        to.checksum = checksum(to);
        return to.sequence;
    }
    to.traffic = traffic;
    in_order();
    to.sequence = acknowledged_sequence() + 1;
    to.flags = 0;
    to.at = now;
    to.checksum = checksum(to);
    set_control(control() | LKSTATS_SLAB_PENDING);
    return to.sequence;
}

bool Record::acknowledge(uint32_t sequence) {
    if (!pending() || (snapshot().sequence != sequence && !mutant(Mutant::ack)))
        return false;
    set_control((control() ^ LKSTATS_SLAB_ACKNOWLEDGED) & ~uint64_t{LKSTATS_SLAB_PENDING | LKSTATS_SLAB_FIRST});
    return true;
}

} // namespace lkstats::slab
