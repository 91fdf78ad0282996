// SPDX-License-Identifier: Apache-2.0
// A context: its memory, its tracks, its reporter and the thread that drives it, put together.
#pragma once

#include "api/beside.hpp"
#include "api/directory.hpp"
#include "journal/writer.hpp"
#include "os/descriptor.hpp"
#include "os/loop.hpp"
#include "recover/recoverer.hpp"
#include "report/reporter.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace lkstats::api {

class Process;

class Context final : report::Ports,
                      track::Backing,
                      os::Loop::Work,
                      recover::Heir,
                      recover::Known,
                      recover::Log {
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

    int event_fd();
    bool calls_back() const { return options_.on_batch != nullptr; }
    const std::string &node() const { return node_; }
    const uint8_t (&uuid() const)[16] { return uuid_; }
    // The consumer's calls: reports of dead contexts come first. batch's struct_size is not looked at.
    lkstats_status_t next(lkstats_batch_t &batch);
    lkstats_status_t answer(uint64_t id, bool acknowledged);
    lkstats_status_t analytics_stats(uint64_t id, std::span<const uint8_t> &bytes);
    void redeliver();
    // But for the adds that were refused.
    report::Figures figures();

  private:
    lkstats_time_t now() override;
    void wake() override;
    void set_readable(bool readable) override;
    bool call(const std::shared_ptr<report::Batch> &batch, bool &thrown) override;
    lkstats_status_t grow(slab::Arena &arena, track::Kind kind, std::mutex &lists) override;
    int64_t run() override;

    bool threaded() const override { return (options_.flags & LKSTATS_NO_THREAD) == 0; }
    // For what is recovered.
    bool claim(const recover::Uuid &uuid) override;
    void release(const recover::Uuid &uuid) override;
    int64_t pace_ns() override { return now().monotonic_ns; }
    bool enter() override; // one consumer, one call at a time: also Ports'
    void leave() override;
    bool take(const std::shared_ptr<report::Batch> &batch, recover::Recovered &from, bool &thrown) override;
    void readable(bool before, bool now) override;
    void log(int32_t level, std::string_view message) noexcept override;

    bool journals() const { return journal_ != nullptr; }
    bool reports() const { return (options_.flags & LKSTATS_NO_REPORTS) == 0; }
    report::Consumer consumer() const;
    lkstats_status_t open_folders(os::Folder &for_directory);
    void tell_of_the_end(); // whoever takes beside the journal
    bool write_journal(const Beside::Item &item);
    bool hand_over(const Beside::Item &item, bool &thrown);
    lkstats_batch_t show(const Beside::Item &item) const;
    bool in_call();
    bool deliver();
    void look_for_dead();
    lkstats_status_t first_memory();
    void give_up_memory();
    lkstats_status_t extend(slab::Arena &arena, track::Kind kind, std::mutex &lists); // under grow_
    lkstats_status_t add_chunk(slab::Arena &arena, track::Kind kind, std::mutex &lists);
    uint32_t limit(track::Kind kind) const;
    void prepare();

    Process &process_;
    lkstats_t *token_ = nullptr;
    uint8_t uuid_[16];
    lkstats_options_t options_; // its strings are the four below
    std::string node_;
    std::string analytics_key_;
    std::string slab_dir_;
    std::string journal_dir_;
    Directory directory_;

    std::mutex event_mutex_; // only what says whether something is there is asked under it
    os::Descriptor event_;
    int readable_sources_ = 0;
    bool own_readable_ = false;

    std::atomic_flag delivering_;
    std::atomic<bool> turned_away_ = false; // somebody who wanted to deliver

    std::mutex log_mutex_; // nothing is taken under it
    std::vector<std::thread::id> logging_;

    std::mutex journal_mutex_; // against other threads of a host's that deliver
    std::unique_ptr<journal::Writer> journal_;
    bool journal_fails_ = false;
    Beside beside_;

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
    recover::Recoverer recoverer_;
    std::atomic_flag looked_; // for dead contexts
    os::Loop loop_;
};

} // namespace lkstats::api
