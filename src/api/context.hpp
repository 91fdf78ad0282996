// SPDX-License-Identifier: Apache-2.0
// A context: its memory, its tracks, its reporter and the thread that drives it, put together.
#pragma once

#include "api/directory.hpp"
#include "os/descriptor.hpp"
#include "os/loop.hpp"
#include "report/reporter.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace lkstats::api {

class Process;

class Context final : report::Ports, track::Backing, os::Loop::Work {
  public:
    // options with defaults filled in.
    Context(Process &process, const lkstats_options_t &options, const uint8_t (&uuid)[16]);
    ~Context();

    // Once, with the token that stands for it. After a failure it is only good for finish.
    lkstats_status_t start(lkstats_t *token);
    lkstats_status_t close(int64_t timeout_ms, lkstats_residue_t &residue);
    // Ends the thread and gives up the memory, and what is owed. on_batch is not running.
    void finish();
    lkstats_status_t run_once(lkstats_time_t now);

    lkstats_status_t create(const track::Identity &identity, int32_t channel, lkstats_track_t &track);
    lkstats_status_t resolve(lkstats_track_t track, uint64_t bit, const wire::Part &part);
    lkstats_status_t reset(lkstats_track_t track);
    lkstats_status_t stop(lkstats_track_t track, lkstats_totals_t &totals);
    lkstats_status_t totals(lkstats_track_t track, lkstats_totals_t &totals);
    lkstats_status_t flush(lkstats_track_t track, int64_t timeout_ms);
    lkstats_status_t flush_all(int64_t timeout_ms);

    report::Reporter &reporter() { return reporter_; }
    int event_fd();
    bool calls_back() const { return options_.on_batch != nullptr; }
    const std::string &node() const { return node_; }
    // A batch as a host sees it, struct_size aside.
    lkstats_batch_t show(const report::Batch &batch) const;
    // But for the adds that were refused.
    report::Figures figures();

  private:
    lkstats_time_t now() override;
    void wake() override;
    void set_readable(bool readable) override;
    bool call(const report::Batch &batch, bool &thrown) override;
    lkstats_status_t grow(slab::Arena &arena, track::Kind kind, std::mutex &lists) override;
    int64_t run() override;

    bool threaded() const override { return (options_.flags & LKSTATS_NO_THREAD) == 0; }
    lkstats_status_t first_memory();
    void give_up_memory();
    lkstats_status_t extend(slab::Arena &arena, track::Kind kind, std::mutex &lists); // under grow_
    lkstats_status_t add_chunk(slab::Arena &arena, track::Kind kind, std::mutex &lists);
    uint32_t limit(track::Kind kind) const;
    void prepare();

    Process &process_;
    lkstats_t *token_ = nullptr;
    uint8_t uuid_[16];
    lkstats_options_t options_; // its strings are the two below
    std::string node_;
    std::string analytics_key_;
    Directory directory_;
    os::Descriptor event_; // under the table's lists once others know the context

    std::mutex grow_;
    std::vector<os::Descriptor> files_[2]; // of the chunks, by Kind
    uint32_t piece_[2] = {};               // what was made ready last
    bool gone_ = false;
    std::atomic_flag ending_; // a thread is at it; one that gives up waiting leaves it to others
    std::optional<lkstats_residue_t> given_up_; // its, since no answer counts any more
    std::atomic_flag finished_;
    std::atomic<uint64_t> full_tracks_ = 0, full_epochs_ = 0;
    std::mutex shown_mutex_;
    lkstats_traffic_t shown_[report::channels] = {}; // by lkstats_metrics, which takes nothing back

    std::mutex clock_mutex_;
    lkstats_time_t clock_ = {}; // under LKSTATS_NO_THREAD

    std::mutex run_;
    track::Table::Limits limits_;
    track::Table table_;
    report::Reporter reporter_;
    os::Loop loop_;
};

} // namespace lkstats::api
