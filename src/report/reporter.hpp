// SPDX-License-Identifier: Apache-2.0
// From counters to reports: freezes what moved, hands it out, takes the answer. The counters are the queue:
// what waits here is slot indexes, and a consumer that stalls makes windows longer, nothing else.
#pragma once

#include "report/batch.hpp"
#include "report/figures.hpp"
#include "report/ports.hpp"
#include "report/schedule.hpp"
#include "track/table.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace lkstats::report {

using Deadline = std::chrono::steady_clock::time_point;

// Who takes the reports.
enum class Consumer {
    pulls,
    called, // Ports::call
    none,   // every report is acknowledged as soon as it is made
};

class Reporter {
  public:
    Reporter(track::Table &table, Ports &ports, Consumer consumer, int64_t interval_ns,
             const uint8_t (&context)[16], wire::Origin origin, uint64_t first_id = 1);

    // Does what is due: the urgent list, and the slices of the sweep. One at a time.
    void run(lkstats_time_t now);
    int64_t next_due_ns() const;

    // Something has become urgent.
    void urge();
    // What every track counted until now is in Table::counts when it returns.
    void fold_all();
    // But for what only others know.
    Figures figures();

    // ---- The consumer ----
    // LKSTATS_EAGAIN, LKSTATS_EOF, LKSTATS_ENOMEM; may throw std::bad_alloc, without effect.
    lkstats_status_t next(std::shared_ptr<Batch> &batch);
    lkstats_status_t answer(uint64_t id, bool acknowledged);
    lkstats_status_t analytics_stats(uint64_t id, std::span<const uint8_t> &bytes);
    void redeliver();

    // Nothing is left to deliver, nor will be.
    bool at_end();
    // No batch is out, and Ports::call is not running.
    bool idle();
    const wire::Origin &origin() const { return origin_; }

    // ---- A consumer that is called ----
    // Hands out a batch, unless somebody is at it, or something was given back just now. Whether there is more.
    bool deliver();
    // Who waits tries again: another reporter's call has ended.
    void nudge() { progressed(); }
    // Whether something was given back just now; and that it may be tried again.
    bool rests();
    void rest_no_more();
    // The same without that pause; where the host's threads do it, as many batches as there is time for.
    void deliver_anew(Deadline deadline);
    // Whether this thread is in Ports::call.
    bool in_call();
    // False: Ports::call has not returned. After finish it will not be called again.
    bool call_returned(Deadline deadline);

    // ---- Waiting for acknowledgement ----
    // Freezes what one slot, or everybody, owes at this moment, and waits. LKSTATS_ETIMEDOUT.
    lkstats_status_t flush(uint32_t index, uint32_t tag, Deadline deadline);
    lkstats_status_t flush_all(Deadline deadline);

    // ---- The end ----
    // Stops every track and freezes what they owe. After Table::refuse_new.
    void stop_all();
    // Waits until no slot is in use any more: LKSTATS_OK, LKSTATS_ETIMEDOUT, LKSTATS_ECLOSED after finish.
    lkstats_status_t drained(Deadline deadline);
    // From its return on no answer counts and nobody waits: what is owed then stays owed.
    void finish();
    lkstats_residue_t residue();

  private:
    struct QueueNext {
        track::Table *table;
        uint32_t &operator()(uint32_t slot) const { return table->queue_next(slot); }
    };
    using Queue = slab::List<QueueNext>;
    enum class Phase {
        open,
        closing, // every track is stopped, none can be made
        over,    // no answer counts any more
    };
    // What a flush waits for: an acknowledgement of that sequence of that epoch, or a later one.
    struct Target {
        uint32_t slot;
        uint32_t tag;
        uint32_t epoch;
        uint32_t sequence;
    };

    // Under the cold lock of the slot. A report that was frozen is added to frozen.
    void settle(uint32_t index, lkstats_time_t now, Queue &frozen);
    // The oldest epoch of a slot, whose turn it is.
    struct Epoch {
        slab::Record record;
        bool older; // than the newest
        bool ended;
        // What a signal connection's next freeze says, once it is resolved.
        bool says_joined() const { return events() && record.sequence() == 0; }
        bool says_left() const { return events() && (ended || mutant(Mutant::left)); }
        // Nobody knows whose it is, so nothing of it can be reported.
        bool unresolved() const { return events() && !record.resolved(); }

      private:
        bool events() const { return record.signal() && !record.unattributed(); }
    };
    Epoch oldest(uint32_t index);
    enum class Step {
        done,    // it is over, and everything of it is acknowledged
        waits,   // for somebody who says whose it is
        nothing, // is owed
        frozen,
    };
    Step freeze(uint32_t index, Epoch &epoch, const lkstats_traffic_t &folded, lkstats_time_t now);
    uint32_t last_due(uint32_t index);
    // Empty: nothing is owed.
    std::optional<Target> settle_flushed(uint32_t index, lkstats_time_t now, Queue &frozen);
    bool reached(const Target &target);

    void sweep(uint32_t from, uint32_t to, bool freeze, lkstats_time_t now);
    void sweep_block(uint32_t first, uint32_t count, uint32_t known, bool freeze, lkstats_time_t now,
                     Queue &frozen);
    bool settle_urgent(lkstats_time_t now); // false: there was nothing
    template <class Visit> void each_slot(uint32_t from, uint32_t to, Visit visit);
    template <class Visit> void each_slot(Visit visit) { each_slot(0, slab::none, visit); }

    // What is frozen waits for a consumer from here on.
    void enqueue(Queue &frozen);
    // Under lists.
    void update_readable();
    // Nothing is left to deliver, nor will be.
    bool ended() const { return phase_ == Phase::over || (phase_ == Phase::closing && table_.in_use() == 0); }
    bool fill(const std::shared_ptr<Batch> &batch, Queue &waiting);
    std::shared_ptr<Batch> spare();
    lkstats_status_t find(uint64_t id, std::shared_ptr<Batch> &batch, bool to_answer);
    void keep_spare(std::shared_ptr<Batch> batch);
    // Each item whose report is still that one, under its cold lock.
    void commit(const Item &item, lkstats_time_t now, Queue &frozen);
    void give_back(const Item &item, Queue &again);
    // The epoch whose report is still that one.
    std::optional<Epoch> pending(const Item &item);
    template <class Items, class Visit> void each_item(const Items &items, Visit visit);
    bool deliver_alone();
    void work_until(Deadline deadline);
    void progressed();
    lkstats_status_t await(std::span<const Target> targets, Deadline deadline);

    track::Table &table_;
    Ports &ports_;
    Consumer consumer_;
    uint8_t context_[16];
    wire::Origin origin_;
    Schedule freezes_;
    Schedule folds_;   // between freezes, where those are rarer than once a second
    int64_t pause_ns_; // after something was given back by a consumer that is called
    bool fold_apart_;

    // Under Table::lists.
    Queue queue_;
    std::vector<std::shared_ptr<Batch>> out_;
    std::shared_ptr<Batch> spare_[2]; // memory that the next batches need not ask for
    size_t filling_ = 0;              // batches on their way into out_
    uint64_t last_id_ = 0;
    uint64_t progress_ = 0; // counts what somebody may wait for
    bool woken_ = false;    // for what is urgent, and it is not settled yet
    bool readable_ = false;
    size_t answering_ = 0; // answers that still count
    Phase phase_ = Phase::open;
    bool calling_ = false; // somebody is in deliver
    bool anew_ = false;    // and somebody wants another try after that
    std::thread::id caller_;
    uint64_t called_with_ = 0; // id of the batch
    bool given_back_ = false;  // it was
    int64_t retry_ns_ = INT64_MIN;
    Figures figures_; // those that are kept here
    std::condition_variable progress_made_;
};

// Calls visit(first, count) for the stretches of slots from and below to, in the order of their making.
template <class Visit> void Reporter::each_slot(uint32_t from, uint32_t to, Visit visit) {
    slab::Arena arena;
    {
        std::lock_guard lock(table_.lists());
        arena = table_.slot_arena();
    }
    arena.stretches(from, std::min(to, arena.taken()), visit);
}

} // namespace lkstats::report
