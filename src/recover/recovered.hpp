// SPDX-License-Identifier: Apache-2.0
// A dead context on its way out: the tracks and the reporter that it would have had, over a copy of its memory. What
// changes is written back to its files before anybody hears of it, so whoever comes after a second kill goes on
// where this one was.
#pragma once

#include "recover/dead.hpp"
#include "report/reporter.hpp"

#include <atomic>
#include <memory>
#include <string_view>

namespace lkstats::recover {

class Recovered;

// Whose consumer gets what is owed.
class Heir {
  public:
    virtual int64_t pace_ns() = 0;
    virtual bool enter() = 0;
    virtual void leave() = 0;
    virtual bool take(const std::shared_ptr<report::Batch> &batch, Recovered &from, bool &thrown) = 0;
    // Whether there is something for lkstats_next; a new report says so anew.
    virtual void readable(bool before, bool now) = 0;

  protected:
    ~Heir() = default;
};

class Recovered final : public std::enable_shared_from_this<Recovered>, report::Ports, track::Backing {
  public:
    // dead is open, and remains are what it has. first_id: of its batches. May throw std::bad_alloc.
    Recovered(std::unique_ptr<Dead> dead, Remains remains, Heir &heir, report::Consumer consumer,
              uint64_t first_id);
    // Stops and freezes everything. Before anybody else knows it.
    void begin();
    // From now on somebody who looks finds it: says whether there is something.
    void announce();
    // Nobody finds it any more.
    void retire();

    report::Reporter &reporter() { return reporter_; }
    uint64_t first_id() const { return first_id_; }
    const uint8_t (&context() const)[16] { return dead_->directory().context; }
    std::string_view node() const { return text(dead_->directory().node, dead_->directory().node_size); }
    std::string_view analytics_key() const {
        return text(dead_->directory().analytics_key, dead_->directory().analytics_key_size);
    }
    uint32_t tracks() const { return static_cast<uint32_t>(remains_.slots.size()); }
    uint32_t damaged() const { return remains_.damaged; }

    // Whether all is acknowledged, and no batch is out.
    bool done();
    // After done: the files go, or are kept aside where something was damaged.
    void clear_away();

  private:
    static std::string_view text(const uint8_t *bytes, uint32_t size) {
        return {reinterpret_cast<const char *>(bytes), size};
    }
    lkstats_time_t now() override { return dead_->directory().alive; }
    int64_t pace_ns() override { return heir_.pace_ns(); }
    void wake() override {}
    bool enter() override { return heir_.enter(); }
    void leave() override { heir_.leave(); }
    void set_readable(bool readable) override;
    bool threaded() const override { return true; }
    bool call(const std::shared_ptr<report::Batch> &batch, bool &thrown) override {
        return heir_.take(batch, *this, thrown);
    }
    void acknowledged(std::span<const report::Item> items) override;
    lkstats_status_t grow(slab::Arena &, track::Kind, std::mutex &) override { return LKSTATS_EFULL; }

    track::Places places();
    void write_back(uint32_t index);
    bool write_record(uint32_t index);

    std::unique_ptr<Dead> dead_;
    Remains remains_;
    Heir &heir_;
    uint64_t first_id_;
    std::vector<track::Entry> entries_;
    std::unique_ptr<std::atomic<uint8_t>[]> flags_;
    std::vector<uint32_t> queue_next_, record_next_;
    std::atomic<uint32_t> no_tags_ = 0;
    bool readable_ = false; // these two under the table's lists
    bool announced_ = false;
    track::Table table_;
    report::Reporter reporter_;
};

} // namespace lkstats::recover
