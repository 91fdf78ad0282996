// SPDX-License-Identifier: Apache-2.0
#include "api/beside.hpp"

#include <algorithm>
#include <new>

namespace lkstats::api {

bool Beside::offer(const Item &item) {
    item.batch->lend();
    std::lock_guard lock(mutex_);
    if (ended_)
        return false;
    if (waiting_.size() >= waiting_most || out_.size() >= out_most) {
        ++left_out_;
        return false;
    }
    try {
        waiting_.push_back(item);
    } catch (const std::bad_alloc &) {
        ++left_out_;
        return false;
    }
    return true;
}

lkstats_status_t Beside::take(Item &item, bool &empty) {
    std::lock_guard lock(mutex_);
    taken_ = true;
    empty = waiting_.empty();
    if (empty)
        return LKSTATS_EAGAIN;
    out_.push_back(waiting_.front());
    item = out_.back();
    waiting_.erase(waiting_.begin());
    empty = waiting_.empty();
    return LKSTATS_OK;
}

lkstats_status_t Beside::answer(uint64_t id) {
    Item answered; // let go of after the lock
    std::lock_guard lock(mutex_);
    const auto at =
        std::find_if(out_.begin(), out_.end(), [id](const Item &i) { return i.batch->id() == id; });
    if (at == out_.end())
        return LKSTATS_ESTALE;
    answered = std::move(*at);
    out_.erase(at);
    return LKSTATS_OK;
}

Beside::Item Beside::find(uint64_t id) {
    std::lock_guard lock(mutex_);
    for (const Item &item : out_)
        if (item.batch->id() == id)
            return item;
    return {};
}

void Beside::end() {
    std::vector<Item> dropped; // after the lock
    std::lock_guard lock(mutex_);
    ended_ = true;
    dropped.swap(waiting_);
}

bool Beside::empty() {
    std::lock_guard lock(mutex_);
    return waiting_.empty();
}

bool Beside::full_for_a_taker() {
    std::lock_guard lock(mutex_);
    return taken_ && waiting_.size() >= waiting_most;
}

uint64_t Beside::left_out() {
    std::lock_guard lock(mutex_);
    return left_out_;
}

} // namespace lkstats::api
