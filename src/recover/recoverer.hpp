// SPDX-License-Identifier: Apache-2.0
// All dead contexts of a slab directory that one context has taken over.
#pragma once

#include "recover/recovered.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace lkstats::recover {

struct Figures {
    uint64_t contexts = 0; // taken over
    uint64_t tracks = 0;   // theirs that something may have been owed of
    uint64_t waiting = 0;  // contexts, now
    uint64_t damaged = 0;  // tracks that were left out
};

// Who is told; no lock is held.
class Log {
  public:
    virtual void log(int32_t level, std::string_view message) noexcept = 0;

  protected:
    ~Log() = default;
};

class Recoverer {
  public:
    Recoverer(Heir &heir, Known &known, Log &log) : heir_(heir), known_(known), log_(log) {}

    // Takes over all that are dead now. Never throws: what can't be had is left for the next one who comes.
    void scan(const os::Folder &folder, report::Consumer consumer) noexcept;
    // Clears away those that are done.
    void tend() noexcept;

    // As the reporter's of the same names; a batch is known by its id.
    lkstats_status_t next(std::shared_ptr<report::Batch> &batch, std::shared_ptr<Recovered> &from);
    std::shared_ptr<Recovered> find(uint64_t batch);
    void redeliver();
    bool deliver();
    bool rests();
    void rest_no_more();
    bool in_call();
    bool call_returned(report::Deadline deadline);
    void finish();

    Figures figures();

    // Ids from here on are those of dead contexts, this many of each.
    static constexpr uint64_t ids = uint64_t{1} << 40;

  private:
    void take_over(const os::Folder &folder, const std::string &name, const os::Owner &me,
                   report::Consumer consumer);
    template <class F> void each(F f);
    bool finished();

    Heir &heir_;
    Known &known_;
    Log &log_;
    std::mutex mutex_; // comes before those of the recovered ones
    std::vector<std::shared_ptr<Recovered>> recovered_;
    bool finished_ = false;
    Figures figures_;
};

} // namespace lkstats::recover
