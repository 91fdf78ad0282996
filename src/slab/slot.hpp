// SPDX-License-Identifier: Apache-2.0
// A slot's shared cache line through named operations. Adders touch id, word and carry at any time; last
// and link are written under the cold lock of the slot, and read without it only to see whether anything
// moved.
#pragma once

#include "lkstats_slab.h"
#include "slab/word.hpp"

#include <atomic>

namespace lkstats::slab {

using Counter = Word<LKSTATS_SLAB_MESSAGE_BITS, LKSTATS_SLAB_BYTE_BITS>;

enum class Direction : uint8_t { send = LKSTATS_SLAB_SEND, recv = LKSTATS_SLAB_RECV };
inline constexpr Direction directions[] = {Direction::send, Direction::recv};

enum class State : uint32_t {
    free = LKSTATS_SLAB_FREE,
    live = LKSTATS_SLAB_LIVE,
    stopping = LKSTATS_SLAB_STOPPING,
    closed = LKSTATS_SLAB_CLOSED,
};

// Tag and state as an add sees them: in one load.
struct Id {
    uint32_t tag;
    State state;
};

struct Link {
    uint32_t record;
    uint32_t epoch;
};

class Slot {
  public:
    explicit Slot(lkstats_slab_slot_t &line) : line_(line) {}

    Id id() const {
        const uint64_t raw = pair(line_.state).load(std::memory_order_acquire);
        return {static_cast<uint32_t>(raw >> 32), State{static_cast<uint32_t>(raw) & ~index_mask}};
    }
    bool live(lkstats_track_t track) const {
        return pair(line_.state).load(std::memory_order_acquire) == track + LKSTATS_SLAB_LIVE;
    }
    // The one store that publishes whatever was prepared before.
    void publish(Id id, uint32_t index) {
        const uint32_t state = static_cast<uint32_t>(id.state) | index;
        pair(line_.state).store(uint64_t{id.tag} << 32 | state, std::memory_order_release);
    }

    Link link() const {
        const uint64_t raw = pair(line_.record).load(std::memory_order_acquire);
        return {static_cast<uint32_t>(raw), static_cast<uint32_t>(raw >> 32)};
    }
    void set_link(Link link) {
        pair(line_.record).store(uint64_t{link.epoch} << 32 | link.record, std::memory_order_release);
    }

    // Only while no handle reaches the slot.
    void clear_words() {
        for (Direction d : directions) {
            word(d).store(0, std::memory_order_relaxed);
            carry(d).store(0, std::memory_order_relaxed);
            set_last(d, 0);
        }
    }

    // False: the word is closed.
    bool add(Direction d, uint64_t increment) {
        auto w = word(d);
        auto c = carry(d);
        return Counter::add(w, c, increment);
    }
    Reading read(Direction d) const { return Counter::read(word(d), carry(d)); }
    template <class Keep> Tally close(Direction d, Tally since, Keep keep) {
        auto w = word(d);
        return Counter::close(w, carry(d), since, last(d), keep);
    }

    uint64_t last(Direction d) const { return cell(line_.last[index(d)]).load(std::memory_order_relaxed); }
    void set_last(Direction d, uint64_t word) {
        cell(line_.last[index(d)]).store(word & ~Counter::closed, std::memory_order_relaxed);
    }

    // Not 0 when a word is not what it was at the last fold; cheap, and without the cold lock a hint only.
    uint64_t moved() const {
        const auto seen = [this](Direction d) {
            return cell(line_.word[index(d)]).load(std::memory_order_relaxed) ^ last(d);
        };
        return seen(Direction::send) | seen(Direction::recv);
    }

  private:
    using Cell = std::atomic_ref<uint64_t>;
    static constexpr uint32_t index_mask = (uint32_t{1} << LKSTATS_SLAB_INDEX_BITS) - 1;
    static constexpr size_t index(Direction d) { return static_cast<size_t>(d); }
    // atomic_ref of const objects came after C++20; these cells are all in writable memory.
    static Cell cell(const uint64_t &at) { return Cell(const_cast<uint64_t &>(at)); }
    static Cell pair(const uint32_t &first) {
        return Cell(*reinterpret_cast<uint64_t *>(const_cast<uint32_t *>(&first)));
    }
    Cell word(Direction d) const { return cell(line_.word[index(d)]); }
    Cell carry(Direction d) const { return cell(line_.carry[index(d)]); }

    lkstats_slab_slot_t &line_;
};

} // namespace lkstats::slab
