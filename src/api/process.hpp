// SPDX-License-Identifier: Apache-2.0
// What all contexts of a process share: the address ranges their memory is mapped into, and which contexts
// there are. A forked child finds none and makes one of its own.
#pragma once

#include "api/ranges.hpp"
#include "recover/dead.hpp"

#include <array>

#include <atomic>

namespace lkstats::api {

class Context;

class Process {
  public:
    // NULL before the first lkstats_open.
    static Process *current();
    // The same, made when there is none. LKSTATS_ENOMEM, LKSTATS_ESYSTEM; may throw std::bad_alloc.
    static lkstats_status_t make(Process *&process);
    // What a call on something unknown answers where there is no process: LKSTATS_EFORKED in a child.
    static lkstats_status_t nobody();

    // Stores the token that stands for the context from now on. LKSTATS_EFULL.
    lkstats_status_t add(std::shared_ptr<Context> context, lkstats_t *&token);
    void remove(const lkstats_t *token);
    // A token's context's number, which is not 0: what Ranges knows it by.
    static uint8_t seat_of(const lkstats_t *token) {
        return static_cast<uint8_t>(reinterpret_cast<uintptr_t>(token));
    }

    // Of a context that is dead, as far as one can see: from now on one of this process's recovers it. False: one that
    // has not ended has that uuid, or one recovers it already. May throw std::bad_alloc.
    bool claim(const recover::Uuid &uuid);
    void release(const recover::Uuid &uuid);
    // LKSTATS_ECLOSED: it was open once; LKSTATS_EFORKED, LKSTATS_ESTALE.
    lkstats_status_t find(const lkstats_t *token, std::shared_ptr<Context> &context);
    // The context that a handle's slot is in. Of a closed one LKSTATS_ECLOSED, while its slot is still there.
    lkstats_status_t find(lkstats_track_t track, std::shared_ptr<Context> &context);
    // Why an add or a call on that handle is refused. Takes no lock.
    lkstats_status_t refusal(lkstats_track_t track) const;

    Ranges &ranges() { return ranges_; }
    // Of all tags there are, the next.
    static std::atomic<uint32_t> &tags();

  private:
    struct Seat {
        std::shared_ptr<Context> context;
        uint64_t generation = 0;
    };
    lkstats_status_t prepare();
    static void in_child();

    Ranges ranges_;
    bool after_fork_ = false; // handles and tokens from before first_* are the parent's
    uint32_t first_tag_ = 0;
    uint64_t first_generation_ = 0;
    std::mutex mutex_;
    Seat seats_[LKSTATS_CONTEXTS_MAX];
    std::vector<std::array<uint8_t, 16>> claimed_;
};

} // namespace lkstats::api
