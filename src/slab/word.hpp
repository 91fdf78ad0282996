// SPDX-License-Identifier: Apache-2.0
// The word: bytes and messages of one direction in one atomic, and how they are read back exactly. The
// layout is in lkstats_slab.h, the argument for it in docs/counting.md. The widths of the fields are
// parameters so that a test can walk every interleaving of small ones; a Cell is anything with an atomic's
// load, fetch_add and compare_exchange_strong, wrapping at Word::bits.
#pragma once

#include "slab/mutant.hpp"

#include <atomic>
#include <cstdint>

namespace lkstats::slab {

// Totals of one direction. Signed: beyond the bound, while a carry is on its way, a difference may be
// negative.
struct Tally {
    int64_t bytes = 0;
    int64_t messages = 0;
    friend bool operator==(const Tally &, const Tally &) = default;
};

// What one look at a direction saw.
struct Reading {
    uint64_t carry;
    uint64_t word;
};

template <unsigned MessageBits, unsigned ByteBits> struct Word {
    static constexpr unsigned bits = 1 + ByteBits + MessageBits;
    static_assert(bits <= 64);
    static constexpr uint64_t mask = ~uint64_t{0} >> (64 - bits);
    static constexpr uint64_t closed = 1;
    static constexpr int64_t byte_range = int64_t{1} << ByteBits;
    static constexpr int64_t message_range = int64_t{1} << MessageBits;

    // Half a field's range is the most that one add may carry: only then does a carry show in one bit.
    static constexpr bool fits(uint64_t bytes, uint64_t messages) {
        return (bytes >> (ByteBits - 1) | messages >> (MessageBits - 1)) == 0;
    }

    static constexpr uint64_t increment(uint64_t bytes, uint64_t messages) {
        return ((messages << (ByteBits + 1)) + (bytes << 1)) & mask;
    }

    // The word that these totals were read from, closed bit left out.
    static constexpr uint64_t of(Tally tally) {
        return increment(static_cast<uint64_t>(tally.bytes), static_cast<uint64_t>(tally.messages));
    }

    // False: the word is closed, and the add does not count.
    template <class Cell> static bool add(Cell &word, Cell &carry, uint64_t increment) {
        const uint64_t old = word.fetch_add(increment, std::memory_order_relaxed);
        // A bit that rose is sorted out on the rare path: see lkstats_slab_add.
        const uint64_t moved = (old ^ (old + increment)) & (byte_top | message_top);
        if (moved == 0 && (old & closed) == 0) [[likely]]
            return true;
        if ((old & closed) != 0)
            return false;
        if (const uint64_t fallen = moved & old; fallen != 0)
            carry.fetch_add((fallen >> ByteBits & 1) + (fallen >> (bits - 1) << 32),
                            std::memory_order_release);
        return true;
    }

    // The carry comes first: one that is posted later belongs to a word that is not older than this one, and
    // the window makes up for it; the other way round it would be counted without its add.
    template <class Cell> static Reading read(const Cell &word, const Cell &carry) {
        if (mutant(Mutant::carry)) {
            const uint64_t seen = word.load(std::memory_order_acquire);
            return {carry.load(std::memory_order_acquire), seen};
        }
        const uint64_t posted = carry.load(std::memory_order_acquire);
        return {posted, word.load(std::memory_order_acquire)};
    }

    // The totals at a reading, from the totals at an earlier one and the word seen then. The difference of
    // whole words is what happened between them, a carry between the fields cancels; what the posted
    // carries say can only be more, when more than a field's range has passed.
    static constexpr Tally window(Tally since, uint64_t last, Reading now) {
        const uint64_t difference = ((now.word - last) & mask) >> 1;
        Tally total = since;
        if (mutant(Mutant::word)) {
            total.bytes += (low(now.word) - low(last)) & (byte_range - 1);
            total.messages += (high(now.word) - high(last)) & (message_range - 1);
            return total;
        }
        total.bytes += static_cast<int64_t>(difference & byte_mask);
        total.messages += static_cast<int64_t>(difference >> ByteBits);
        const int64_t bytes = byte_carries(now) * byte_range + low(now.word);
        if (bytes > total.bytes) {
            total.messages -= (bytes - total.bytes) >> ByteBits;
            total.bytes = bytes;
        }
        const int64_t messages =
            message_carries(now) * message_range + high(now.word) - (total.bytes >> ByteBits);
        if (messages > total.messages)
            total.messages = messages;
        return total;
    }

    // The totals at first sight, for a reader that knows none. Each byte carry that is on its way makes them
    // a field's range of bytes short and one message long, until a window makes up for it.
    static constexpr Tally glance(Reading now) {
        return {byte_carries(now) * byte_range + low(now.word),
                message_carries(now) * message_range + high(now.word) - byte_carries(now)};
    }

    // Closes the word. keep(final) is called before each attempt: the exchange that succeeds decides which
    // adds count, and from then on the kept totals are the word's, since refused adds still move it.
    template <class Cell, class Keep>
    static Tally close(Cell &word, const Cell &carry, Tally since, uint64_t last, Keep keep) {
        for (;;) {
            Reading now = read(word, carry);
            const Tally final = window(since, last, now);
            keep(final);
            if (mutant(Mutant::close))
                now.word = word.load(std::memory_order_relaxed);
            if (word.compare_exchange_strong(now.word, now.word | closed, std::memory_order_acq_rel,
                                             std::memory_order_relaxed))
                return final;
        }
    }

  private:
    static constexpr uint64_t byte_mask = (uint64_t{1} << ByteBits) - 1;
    static constexpr uint64_t byte_top = uint64_t{1} << ByteBits;
    static constexpr uint64_t message_top = uint64_t{1} << (bits - 1);

    static constexpr int64_t low(uint64_t word) { return static_cast<int64_t>(word >> 1 & byte_mask); }
    static constexpr int64_t high(uint64_t word) { return static_cast<int64_t>(word >> (ByteBits + 1)); }
    static constexpr int64_t byte_carries(Reading now) {
        return static_cast<int64_t>(now.carry & 0xffffffffU);
    }
    static constexpr int64_t message_carries(Reading now) { return static_cast<int64_t>(now.carry >> 32); }
};

} // namespace lkstats::slab
