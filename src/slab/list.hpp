// SPDX-License-Identifier: Apache-2.0
// A first-in-first-out list of slot indexes, linked through memory that every slot has anyway: nothing is
// allocated when something happens to a slot.
#pragma once

#include "slab/arena.hpp"

#include <utility>

namespace lkstats::slab {

// Next is a function: slot index -> uint32_t & that holds the link of this list.
template <class Next> class List {
  public:
    explicit List(Next next) : next_(next) {}

    bool empty() const { return head_ == none; }
    uint32_t size() const { return size_; }
    uint32_t front() const { return head_; }
    // The one behind, of one that is in the list; none stays none.
    uint32_t after(uint32_t slot) const { return slot == none || slot == tail_ ? none : next_(slot); }

    void push_back(uint32_t slot) {
        next_(slot) = none;
        (head_ == none ? head_ : next_(tail_)) = slot;
        tail_ = slot;
        ++size_;
    }
    void push_front(uint32_t slot) {
        next_(slot) = head_;
        if (head_ == none)
            tail_ = slot;
        head_ = slot;
        ++size_;
    }
    uint32_t pop_front() {
        const uint32_t slot = head_;
        if (slot == none)
            return none;
        head_ = next_(slot);
        --size_;
        return slot;
    }
    // Moves the first ones, so many at most, to an empty list.
    void split_front(uint32_t most, List &to) {
        if (empty() || most == 0)
            return;
        uint32_t last = head_;
        uint32_t moved = 1;
        for (; moved < most && last != tail_; ++moved)
            last = next_(last);
        const uint32_t rest = after(last);
        to.head_ = head_;
        to.tail_ = last;
        next_(last) = none;
        head_ = rest;
        to.size_ = moved;
        size_ -= moved;
    }
    // Appends all of other, which is empty afterwards.
    void take(List &other) {
        if (other.empty())
            return;
        (head_ == none ? head_ : next_(tail_)) = other.head_;
        tail_ = other.tail_;
        size_ += std::exchange(other.size_, 0);
        other.head_ = none;
    }
    // Puts all of other in front, in its order.
    void take_in_front(List &other) {
        if (other.empty())
            return;
        next_(other.tail_) = head_;
        if (head_ == none)
            tail_ = other.tail_;
        head_ = other.head_;
        size_ += std::exchange(other.size_, 0);
        other.head_ = none;
    }

  private:
    Next next_;
    uint32_t head_ = none;
    uint32_t tail_ = none;
    uint32_t size_ = 0;
};

} // namespace lkstats::slab
