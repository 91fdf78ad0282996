// SPDX-License-Identifier: Apache-2.0
// Indexes of a context's slots, or of its records, that were never used before: handed out in order, out
// of chunks whose memory becomes ready piece by piece. Memory is somebody else's business.
#pragma once

#include "lkstats_slab.h"

#include <cstdint>

namespace lkstats::slab {

inline constexpr uint32_t none = ~uint32_t{0};

class Arena {
  public:
    // The next index that was never handed out; none: more has to be made ready first.
    uint32_t take() {
        if (taken_ == ready_)
            return none;
        const uint32_t index = index_of(taken_);
        ++taken_;
        return index;
    }

    // How many were handed out, and how many could be, over all chunks.
    uint32_t taken() const { return taken_; }
    uint32_t ready() const { return ready_; }
    // How many the chunks have place for.
    uint32_t capacity() const { return capacity_; }

    uint32_t chunk_count() const { return chunk_count_; }
    const lkstats_slab_chunk_t &chunk(uint32_t number) const { return chunks_[number]; }
    bool full() const { return chunk_count_ == LKSTATS_SLAB_CHUNKS_MAX; }
    void add_chunk(lkstats_slab_chunk_t chunk) {
        chunks_[chunk_count_++] = chunk;
        capacity_ += chunk.count;
    }
    // So many more of the last chunk may be handed out.
    void make_ready(uint32_t count) { ready_ += count; }
    // Of the last chunk: what is ready.
    uint32_t ready_in_last() const {
        return chunk_count_ == 0 ? 0 : chunks_[chunk_count_ - 1].count - (capacity_ - ready_);
    }

    // Walks the indexes number from to to (exclusive) in the order they were handed out, as stretches that
    // follow each other: visit(first index, count).
    template <class Visit> void stretches(uint32_t from, uint32_t to, Visit visit) const {
        uint32_t before = 0;
        for (uint32_t i = 0; i < chunk_count_ && before < to; before += chunks_[i].count, ++i) {
            const uint32_t begin = from > before ? from - before : 0;
            const uint32_t end = to - before < chunks_[i].count ? to - before : chunks_[i].count;
            if (begin < end)
                visit(chunks_[i].first + begin, end - begin);
        }
    }

  private:
    uint32_t index_of(uint32_t number) const {
        uint32_t i = 0;
        for (; number >= chunks_[i].count; ++i)
            number -= chunks_[i].count;
        return chunks_[i].first + number;
    }

    lkstats_slab_chunk_t chunks_[LKSTATS_SLAB_CHUNKS_MAX];
    uint32_t chunk_count_ = 0;
    uint32_t capacity_ = 0;
    uint32_t ready_ = 0;
    uint32_t taken_ = 0;
};

} // namespace lkstats::slab
