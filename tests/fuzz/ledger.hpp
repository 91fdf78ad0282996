// SPDX-License-Identifier: Apache-2.0
// The plain model of the target "calls": what was counted for whom, and what of that came back. It knows nothing of when
// something is reported, only what has to have been in the end, and what must never be.
#pragma once

#include "content.hpp"
#include "lkstats_verify.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lkstats::fuzz {

struct Whose {
    std::string country, tenant, room_sid, room_name, participant_sid, participant_identity;
    std::string room_tenant, participant_tenant;
    int32_t kind = 0;
    std::vector<int32_t> details;
    bool room_known = false, participant_known = false;

    bool resolved() const { return room_known && participant_known; }
};

// A handle's epoch: what the host did, and what the consumer saw of it.
struct Epoch {
    Whose whose;
    lkstats_traffic_t counted = {};
    lkstats_time_t start = {}, reach = {}; // where the next window begins
    lkstats_verify_t seen = {};
    uint32_t told = 0, answered = 0; // keys, and those of them that are acknowledged
    lkstats_traffic_t acknowledged = {};
};

struct Handle {
    lkstats_track_t is;
    uint32_t context; // its number
    int32_t channel;
    bool stopped = false;
    bool abandoned = false; // what is owed is given up
    std::vector<Epoch> epochs;
    uint64_t bytes[2] = {}, messages[2] = {}; // since the last fold for sure

    bool signal() const { return channel == LKSTATS_CHANNEL_SIGNAL; }
    Epoch &newest() { return epochs.back(); }
    lkstats_traffic_t counted() const;
    lkstats_traffic_t owed() const;
    // Says left, or has nothing to say, and all of it is acknowledged.
    bool settled(const Epoch &epoch) const;
};

class Ledger {
  public:
    std::vector<Handle> handles;

    Handle *find(lkstats_track_t is);
    static std::string node(uint32_t context) { return "node-" + std::to_string(context); }

    // A record came, beside what a full disk may bring about: then a key may come again though it was acknowledged.
    Key take(const lkstats_record_t &record, std::string_view node, bool may_come_again);
    void acknowledge(const Key &key);
    bool is_acknowledged(const Key &key) { return keys_.at(key).acknowledged; }
    // It may come again, for it was given back.
    void again(const Key &key) { keys_.at(key).out = false; }
    void all_again();
    bool known(const Key &key, const std::string &content) const;

    // Nothing is owed any more: everything was told, once and of the right one.
    bool complete() const;
    void expect_complete() const;

  private:
    struct Seen {
        std::string content;
        lkstats_traffic_t window;
        bool acknowledged = false;
        bool out = true; // with a consumer
    };
    void take_new(Handle &handle, Epoch &epoch, const lkstats_record_t &record);

    std::map<Key, Seen> keys_;
    std::map<std::array<uint8_t, 16>, std::string> contexts_; // whose node has that uuid
};

} // namespace lkstats::fuzz
