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
    // Ends the thread and gives up the memory, and what is owed. False: another thread did.
    bool finish(lkstats_residue_t &residue);
    lkstats_status_t run_once(lkstats_time_t now);

    lkstats_status_t create(const track::Parts &parts, int32_t channel, lkstats_track_t &track);
    lkstats_status_t stop(lkstats_track_t track, lkstats_totals_t &totals);
    lkstats_status_t totals(lkstats_track_t track, lkstats_totals_t &totals);
    lkstats_status_t flush(lkstats_track_t track, int64_t timeout_ms);
    lkstats_status_t flush_all(int64_t timeout_ms);

    report::Reporter &reporter() { return reporter_; }
    lkstats_t *token() const { return token_; }
    int event_fd();
    const std::string &node() const { return node_; }
    const std::string &analytics_key() const { return analytics_key_; }

  private:
    lkstats_time_t now() override;
    void wake() override;
    void set_readable(bool readable) override;
    lkstats_status_t grow(slab::Arena &arena, track::Kind kind, std::mutex &lists) override;
    int64_t run() override;

    bool threaded() const { return (options_.flags & LKSTATS_NO_THREAD) == 0; }
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
    std::atomic_flag finishing_;

    std::mutex clock_mutex_;
    lkstats_time_t clock_ = {}; // under LKSTATS_NO_THREAD

    std::mutex run_;
    track::Table table_;
    report::Reporter reporter_;
    os::Loop loop_;
};

} // namespace lkstats::api
