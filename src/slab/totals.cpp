// SPDX-License-Identifier: Apache-2.0
#include "slab/totals.hpp"

#include "slab/mutant.hpp"

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

// Totals at the last fold: the newest that were written down, and the little that passed until then, which no
// carry can blur. Signed: past the bound what was written down may be a message ahead of the word.
Tally at_last(const Slot &slot, const lkstats_traffic_t &newest, Direction d) {
    const Tally then = tally(newest, d);
    const int64_t past = static_cast<int64_t>(slot.last(d) - Counter::of(then)) >> 1;
    return {then.bytes + (past & (Counter::byte_range - 1)),
            then.messages + (past >> LKSTATS_SLAB_BYTE_BITS)};
}

// Modulo 2^64, like the sums: past the bound messages may go back by what the bytes catch up.
void count(lkstats_traffic_t &counted, Direction d, Tally then, Tally now) {
    const auto bytes = static_cast<uint64_t>(now.bytes - then.bytes);
    const auto messages = static_cast<uint64_t>(now.messages - then.messages);
    (d == Direction::send ? counted.send_bytes : counted.recv_bytes) += bytes;
    (d == Direction::send ? counted.send_messages : counted.recv_messages) += messages;
}

// Whether a quarter of a field has passed since the newest totals were written down. Told from the totals: a
// window that goes almost all the way round leaves a word that looks as if little had.
bool far(Tally newest, Tally now) {
    return now.bytes - newest.bytes >= Counter::byte_range / 4 ||
           now.messages - newest.messages >= Counter::message_range / 4;
}

} // namespace

lkstats_traffic_t totals(const Slot &slot, const Record &record) {
    const lkstats_traffic_t newest = record.newest();
    lkstats_traffic_t now = newest;
    for (Direction d : directions) {
        const Reading reading = slot.read(d);
        if ((reading.word & Counter::closed) == 0)
            set(now, d, Counter::window(at_last(slot, newest, d), slot.last(d), reading));
    }
    return now;
}

lkstats_traffic_t fold(Slot &slot, Record &record, lkstats_traffic_t &counted) {
    const lkstats_traffic_t newest = record.newest();
    lkstats_traffic_t now = newest;
    uint64_t seen[std::size(directions)];
    bool write = false;
    for (Direction d : directions) {
        const Reading reading = slot.read(d);
        const uint64_t last = slot.last(d);
        seen[static_cast<size_t>(d)] = last;
        if ((reading.word & Counter::closed) != 0)
            continue;
        const Tally then = at_last(slot, newest, d);
        const Tally total = Counter::window(then, last, reading);
        count(counted, d, then, total);
        set(now, d, total);
        write = write || far(tally(newest, d), total);
        if (mutant(Mutant::last))
            slot.set_last(d, reading.word);
        seen[static_cast<size_t>(d)] = reading.word;
    }
    // In this order: whoever comes after a kill finds a last that is less than a quarter of a field ahead of the
    // newest totals, or behind them.
    if (write)
        record.write_running(now, record.running_sequence() + 1);
    for (Direction d : directions) {
        step();
        slot.set_last(d, seen[static_cast<size_t>(d)]);
    }
    return now;
}

lkstats_traffic_t close(Slot &slot, Record &record, lkstats_traffic_t &counted) {
    for (Direction d : directions) {
        if ((slot.read(d).word & Counter::closed) != 0 && !mutant(Mutant::final))
            continue; // by a stop that a kill cut short: its final stands
        const lkstats_traffic_t newest = record.newest();
        const uint32_t sequence = record.running_sequence() + 1;
        lkstats_traffic_t now = newest;
        const Tally then = at_last(slot, newest, d);
        const Tally last = slot.close(d, then, [&](Tally final) {
            set(now, d, final);
            record.write_running(now, sequence);
        });
        if (!mutant(Mutant::metrics))
            count(counted, d, then, last);
    }
    return record.newest();
}

void mend(Slot &slot, Record &record) {
    const lkstats_traffic_t newest = record.newest_whole();
    for (Direction d : directions) {
        const Tally then = tally(newest, d);
        const uint64_t ahead = ((slot.last(d) - Counter::of(then)) & Counter::mask) >> 1;
        const auto bytes = static_cast<int64_t>(ahead & (Counter::byte_range - 1));
        const auto messages = static_cast<int64_t>(ahead >> LKSTATS_SLAB_BYTE_BITS);
        if (bytes >= Counter::byte_range / 4 || messages >= Counter::message_range / 4)
            slot.set_last(d, Counter::of(then));
    }
    record.drop_torn_running();
    record.write_running(newest, record.running_sequence() + 1);
}

} // namespace lkstats::slab
