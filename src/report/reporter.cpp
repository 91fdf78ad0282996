// SPDX-License-Identifier: Apache-2.0
#include "report/reporter.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::report {

namespace flag = track::flag;
using slab::State;
using track::Table;

namespace {
constexpr int64_t fold_ns = 1'000'000'000;
}

Reporter::Reporter(Table &table, Ports &ports, Consumer consumer, int64_t interval_ns,
                   const uint8_t (&context)[16], wire::Origin origin, uint64_t first_id)
    : table_(table), ports_(ports), consumer_(consumer), origin_(std::move(origin)), freezes_(interval_ns),
      folds_(fold_ns), pause_ns_(std::min(interval_ns, fold_ns)), fold_apart_(interval_ns > fold_ns),
      queue_(QueueNext{&table}), last_id_(first_id - 1) {
    std::memcpy(context_, context, sizeof context_);
}

void Reporter::enqueue(Queue &frozen) {
    if (frozen.empty())
        return;
    std::lock_guard lock(table_.lists());
    queue_.take(frozen);
    update_readable();
}

void Reporter::progressed() {
    {
        std::lock_guard lock(table_.lists());
        ++progress_;
        if (ended() && !readable_)
            update_readable();
    }
    progress_made_.notify_all();
}

void Reporter::update_readable() {
    const bool readable = ended() || !queue_.empty();
    // Each new report says so again, for a consumer that waits for edges.
    if (readable || readable_)
        ports_.set_readable(readable);
    readable_ = readable;
}

// ---- The sweep --------------------------------------------------------------------------------------

void Reporter::run(lkstats_time_t now) {
    const auto begin = std::chrono::steady_clock::now();
    settle_urgent(now);
    const auto total = [this] { return table_.high_water(); };
    freezes_.advance(now.monotonic_ns, total,
                     [&](uint32_t from, uint32_t to) { sweep(from, to, true, now); });
    table_.count_passes(freezes_.passes());
    if (fold_apart_)
        folds_.advance(now.monotonic_ns, total,
                       [&](uint32_t from, uint32_t to) { sweep(from, to, false, now); });
    {
        std::lock_guard lock(table_.lists());
        figures_.sweeps.add(std::chrono::steady_clock::now() - begin);
    }
    progressed();
}

int64_t Reporter::next_due_ns() const {
    return fold_apart_ ? std::min(freezes_.next_due_ns(), folds_.next_due_ns()) : freezes_.next_due_ns();
}

void Reporter::sweep(uint32_t from, uint32_t to, bool freeze, lkstats_time_t now) {
    if (from >= to)
        return;
    Queue frozen(QueueNext{&table_});
    each_slot(from, to, [&](uint32_t first, uint32_t count) {
        while (count != 0) {
            const uint32_t block = std::min(count, Table::slots_per_lock - first % Table::slots_per_lock);
            if (const uint8_t due = freeze ? flag::owed | flag::again : 0; !table_.quiet(first, block, due))
                sweep_block(first, block, std::min(count, block + Table::prefetch_records), freeze, now,
                            frozen);
            first += block;
            count -= block;
        }
        enqueue(frozen);
    });
}

// known: how many slots there are from first on, those after the block included.
void Reporter::sweep_block(uint32_t first, uint32_t count, uint32_t known, bool freeze, lkstats_time_t now,
                           Queue &frozen) {
    const uint8_t due = freeze ? flag::owed | flag::again : 0;
    const auto wanted = [&](uint32_t index) {
        // A closed word is moved by adds that were refused.
        return table_.is(index, due) ||
               (table_.slot(index).moved() != 0 && table_.slot(index).id().state == State::live);
    };
    std::lock_guard lock(table_.cold(first));
    for (uint32_t index = first; index < first + count; ++index) {
        if (index + Table::prefetch_records < first + known)
            table_.prefetch_record(index + Table::prefetch_records, Table::Part::snapshots);
        if (!wanted(index))
            continue;
        if (!freeze) {
            const slab::Slot slot = table_.slot(index);
            table_.fold(slot, table_.record(slot.link().record), index);
            table_.set(index, flag::owed);
        } else if (!table_.is(index, flag::urgent)) {
            settle(index, now, frozen);
        }
    }
}

void Reporter::urge() {
    bool first, closing;
    {
        std::lock_guard lock(table_.lists());
        first = !woken_;
        woken_ = true;
        closing = phase_ != Phase::open;
    }
    if (closing) // whoever closes has been by, and waits
        settle_urgent(ports_.now());
    if (closing || !ports_.threaded())
        progressed(); // who waits, works
    else if (first)
        ports_.wake();
}

bool Reporter::settle_urgent(lkstats_time_t now) {
    std::unique_lock lists(table_.lists());
    Table::EntryList urgent = table_.take_urgent();
    woken_ = false;
    lists.unlock();
    const bool any = !urgent.empty();
    Queue frozen(QueueNext{&table_});
    while (!urgent.empty()) {
        const uint32_t index = urgent.pop_front();
        std::lock_guard lock(table_.cold(index));
        table_.clear(index, flag::urgent);
        settle(index, now, frozen);
    }
    enqueue(frozen);
    return any;
}

} // namespace lkstats::report
