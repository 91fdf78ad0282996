// SPDX-License-Identifier: Apache-2.0
#include "slab/totals.hpp"

namespace lkstats::slab {

namespace {

Tally tally(const lkstats_traffic_t &traffic, Direction d) {
    return d == Direction::send
               ? Tally{static_cast<int64_t>(traffic.send_bytes), static_cast<int64_t>(traffic.send_messages)}
               : Tally{static_cast<int64_t>(traffic.recv_bytes), static_cast<int64_t>(traffic.recv_messages)};
}

void set(lkstats_traffic_t &traffic, Direction d, Tally tally) {
    (d == Direction::send ? traffic.send_bytes : traffic.recv_bytes) = static_cast<uint64_t>(tally.bytes);
    (d == Direction::send ? traffic.send_messages : traffic.recv_messages) =
        static_cast<uint64_t>(tally.messages);
}

// Totals at the last fold: those in the record, and the little that passed between them and it, which no
// carry can blur.
Tally at_last(const Slot &slot, const lkstats_slab_totals_t &running, Direction d) {
    const Tally then = tally(running.traffic, d);
    return Counter::window(then, Counter::of(then), {0, slot.last(d)});
}

// Bits whose change means that a quarter of a field has been crossed.
constexpr uint64_t quarters = uint64_t{3} << (LKSTATS_SLAB_BYTE_BITS - 1) | uint64_t{3} << 62;

} // namespace

lkstats_traffic_t totals(const Slot &slot, const Record &record) {
    const lkstats_slab_totals_t &running = record.running();
    lkstats_traffic_t now = running.traffic;
    for (Direction d : directions) {
        const Reading reading = slot.read(d);
        if ((reading.word & Counter::closed) == 0)
            set(now, d, Counter::window(at_last(slot, running, d), slot.last(d), reading));
    }
    return now;
}

lkstats_traffic_t fold(Slot &slot, Record &record) {
    const lkstats_slab_totals_t &running = record.running();
    lkstats_traffic_t now = running.traffic;
    bool write = false;
    for (Direction d : directions) {
        const Reading reading = slot.read(d);
        if ((reading.word & Counter::closed) != 0)
            continue;
        set(now, d, Counter::window(at_last(slot, running, d), slot.last(d), reading));
        write = write || ((reading.word ^ slot.last(d)) & quarters) != 0;
        slot.set_last(d, reading.word);
    }
    if (write)
        record.write_running(now);
    return now;
}

lkstats_traffic_t close(Slot &slot, Record &record) {
    for (Direction d : directions) {
        const lkstats_slab_totals_t running = record.running();
        lkstats_traffic_t now = running.traffic;
        slot.close(d, at_last(slot, running, d), [&](Tally final) {
            set(now, d, final);
            record.write_running(now, running.sequence + 1);
        });
    }
    return record.running().traffic;
}

} // namespace lkstats::slab
