// SPDX-License-Identifier: Apache-2.0
// A host of lkstats in virtual time, which takes and acknowledges every record, and holds what each of them says in
// its AnalyticsStats against what it says in its struct.
#pragma once

#include "wire.hpp"

#include "lkstats.h"

namespace golden {

constexpr int64_t second_ns = 1'000'000'000;

// A record, copied, with its stats.
struct Record {
    uint32_t kind = 0;
    uint64_t handle = 0;
    uint32_t epoch = 0;
    uint32_t flags = 0;
    int32_t channel = 0;
    lkstats_time_t start{};
    lkstats_time_t end{};
    Traffic window;
    Traffic running;
    std::string country;
    Room room;
    Participant participant;
    std::string track_id;
    std::vector<Stat> stats;
};

class Host {
  public:
    explicit Host(uint32_t report_interval_ms);
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;
    ~Host();

    lkstats_t *context() const { return context_; }
    lkstats_time_t now() const { return now_; }
    void advance(int64_t ns);
    // Does what is due now.
    void run();
    // Takes and acknowledges what is there.
    std::vector<Record> take();
    // Runs and takes until nothing more comes.
    std::vector<Record> settle();
    // Closes the context; nothing may be left.
    std::vector<Record> close();

  private:
    void take_into(std::vector<Record> &records);
    void must_add_up(const Record &record);

    lkstats_t *context_ = nullptr;
    lkstats_time_t now_;
    std::set<std::string> stat_ids_;
    std::map<std::pair<uint64_t, uint32_t>, Traffic> running_; // by handle and epoch
};

lkstats_string_t string(const std::string &text);
Traffic traffic(const lkstats_traffic_t &traffic);
// Throws a Mismatch when the call was refused.
void must_be_ok(lkstats_status_t status, const char *call);

} // namespace golden
