// SPDX-License-Identifier: Apache-2.0
// A few handles, their reporter and its consumer, of which every step between two stores to shared memory is
// looked at as after a kill, and compared with what was really done. Somebody may add at each of them.
#pragma once

#include "found.hpp"
#include "report/reporter.hpp"

#include <deque>
#include <map>
#include <random>

#include "heap_table.hpp"

namespace lkstats {

class Scene final : report::Ports {
  public:
    enum class Adds { between_calls, at_every_step };
    Scene(uint64_t seed, Adds adds, Supply supply);
    ~Scene();
    Scene(const Scene &) = delete;
    Scene &operator=(const Scene &) = delete;

    // ---- What happens ----
    // Each is a call of the library's, and what it says is checked; which: of the handles that were made.
    void create_signal(size_t length);
    void create_track();
    void resolve(size_t which, uint64_t bit, size_t length);
    void reset(size_t which);
    void stop(size_t which);
    void add(size_t which);
    void run(int64_t ms);
    void take();
    void acknowledge(size_t batch);
    void give_back(size_t batch);
    void redeliver();
    // Until nothing is owed any more, and every record is free.
    void end();

    size_t handles() const { return handles_.size(); }
    // How often somebody looked.
    uint64_t steps() const { return steps_; }
    uint64_t added_at_steps() const { return added_at_steps_; }
    std::mt19937_64 &random() { return random_; }

  private:
    // Of an epoch: who it is of, and what came out of it.
    struct Epoch {
        const track::Encoded *room = nullptr, *participant = nullptr; // NULL: not known
        lkstats_traffic_t reported = {};
        uint32_t sequence = 0; // of the newest report
        bool joined = false, left = false, unattributed = false;
        std::optional<lkstats_traffic_t> final; // as its successor began
    };
    struct Handle {
        lkstats_track_t id;
        const track::Encoded *connection;
        bool signal;
        std::map<uint32_t, Epoch> epochs;
        lkstats_traffic_t added = {};
        std::vector<std::pair<slab::Direction, uint64_t>> late; // carries of adds that are held up
        bool stopped = false;
        uint32_t newest() const { return epochs.rbegin()->first; }
    };
    using Key = std::array<uint32_t, 4>; // slot, tag, epoch, sequence

    // ---- Looking ----
    static void at_step();
    void step();
    void look();
    void look_at(const found::Handle &found);
    void look_at(Handle &handle, const found::Epoch &found);
    void look_at(const Key &key, const lkstats_slab_snapshot_t &snapshot);
    void expect(bool holds, const char *what);
    void done(); // a call has returned

    // ---- Adding: on a thread of its own, while the one that it interrupts waits ----
    void add(Handle &handle, bool may_be_late);
    void deliver(Handle &handle);

    // ---- Consuming ----
    void account(const lkstats_record_t &record);
    void answer(size_t batch, bool acknowledged);

    lkstats_time_t now() override { return heap_.now(); }
    void wake() override {}
    void set_readable(bool) override {}
    bool threaded() const override { return false; }
    bool call(const std::shared_ptr<report::Batch> &, bool &) override { return false; }

    static Scene *current_;
    std::mt19937_64 random_;
    Adds adds_;
    HeapTable heap_;
    report::Reporter reporter_;
    std::deque<Somebody> people_;
    std::deque<Identity> tracks_;
    std::vector<Handle> handles_;
    std::vector<std::shared_ptr<report::Batch>> batches_;
    std::map<Key, lkstats_slab_snapshot_t> frozen_;
    uint64_t steps_ = 0, added_at_steps_ = 0;
    const char *wrong_ = nullptr; // what was seen first; said when the call has returned
};

} // namespace lkstats
