// SPDX-License-Identifier: Apache-2.0
// Batches that are in the journal, for a consumer that takes them with lkstats_next beside it. Its answers change
// nothing; one that is too slow misses some.
#pragma once

#include "recover/recovered.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace lkstats::api {

class Beside {
  public:
    struct Item {
        std::shared_ptr<report::Batch> batch;
        std::shared_ptr<recover::Recovered> from; // none: of the context's own
    };
    static constexpr size_t waiting_most = 16, out_most = 64;

    // False: too many wait or are out, or there is no memory, and this one is left out.
    bool offer(const Item &item);
    // LKSTATS_EAGAIN. May throw std::bad_alloc. empty: nothing waits any more.
    lkstats_status_t take(Item &item, bool &empty);
    // LKSTATS_ESTALE.
    lkstats_status_t answer(uint64_t id);
    // The one that is out; none: it is not.
    Item find(uint64_t id);
    // From now on there is nothing to take: what it points to is about to go.
    void end();
    bool empty();
    // No more has place, and there is somebody who takes.
    bool full_for_a_taker();
    uint64_t left_out();

  private:
    std::mutex mutex_;
    std::vector<Item> waiting_; // the oldest first; no deque: an empty one takes memory
    std::vector<Item> out_;
    bool ended_ = false;
    bool taken_ = false; // from ever
    uint64_t left_out_ = 0;
};

} // namespace lkstats::api
