// SPDX-License-Identifier: Apache-2.0
// A host of the library and its consumer, beside the model of them. Each of its acts is one call or a few, made on
// both; what they are about is drawn from two bytes.
#pragma once

#include "ledger.hpp"
#include "lkstats_slab.h"
#include "scratch.hpp"

#include <map>
#include <string>
#include <vector>

namespace lkstats::fuzz {

// Who acknowledges, and who takes beside it.
enum class Mode { pulls, called, journal, journal_pulls, journal_called };

struct Setting {
    Mode mode;
    bool slab_dir;
    uint32_t interval_ms;
    uint32_t max_tracks;
};

struct Draw {
    uint8_t which, a, b; // a handle or batch, and what is done with it
};

class World {
  public:
    explicit World(const Setting &setting);
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    // The host: world.cpp
    void track_new(Draw d);
    void signal_new(Draw d);
    void add(Draw d);
    void add_inline(Draw d);
    void add_much(Draw d);
    void add_refused(Draw d);
    void resolve_room(Draw d);
    void resolve_participant(Draw d);
    void reset(Draw d);
    void stop(Draw d);
    void totals(Draw d);
    void bad_handle(Draw d);
    // world_consumer.cpp
    void run_once(Draw d);
    void run_backwards(Draw d);
    void flush(Draw d);
    void track_flush(Draw d);
    void next(Draw d);
    void ack(Draw d);
    void nack(Draw d);
    void answer_wrongly(Draw d);
    void redeliver(Draw d);
    void analytics_stats(Draw d);
    void metrics(Draw d);
    void when_called(Draw d); // what on_batch does from now on
    // world_close.cpp
    void close(Draw d);
    void abandon(Draw d);
    void kill(Draw d);
    void disk(Draw d); // is full, or not any more
    // Takes and acknowledges all there is, closes, and holds everything that came against everything that was counted.
    void settle();

  private:
    struct Out { // a batch that is out
        lkstats_batch_t batch;
        std::vector<Key> keys;
        std::vector<std::string> contents;
    };
    enum class Answer { accepts, refuses, acks_inside, nacks_inside, throws };

    bool journals() const { return setting_.mode >= Mode::journal; }
    bool is_called() const { return setting_.mode == Mode::called || setting_.mode == Mode::journal_called; }
    static lkstats_status_t on_batch(uint64_t user_data, const lkstats_batch_t *batch);
    static void on_log(uint64_t user_data, int32_t level, const char *message, uint64_t size);

    void open();
    void over();
    Handle *some_handle(uint8_t which);
    bool of_now(const Handle &handle) const { return handle.context == context_; }
    void made(lkstats_track_t is, lkstats_status_t status, int32_t channel, const Whose &whose);
    bool backlog() const;
    void expect_answer(const Handle &handle, lkstats_status_t status, lkstats_status_t expected,
                       const char *call) const;
    void count(Handle &handle, uint64_t bytes, uint64_t messages, bool is_send, bool by_inline);
    void advance(int64_t by_ns, int64_t wall_ns);
    Out take(const lkstats_batch_t &batch);
    void take_beside(const lkstats_batch_t &batch);
    void expect_unchanged(const Out &out) const;
    void acknowledged(const std::vector<Key> &keys);
    void given_back(const std::vector<Key> &keys);
    lkstats_status_t called(const lkstats_batch_t &batch);
    lkstats_status_t called_alone(const lkstats_batch_t &batch);
    bool take_one();
    static lkstats_traffic_t due(const Handle &handle);
    void expect_flushed(const Handle &handle, const lkstats_traffic_t &then);
    void expect_residue(const lkstats_residue_t &residue);
    void read_journal();

    const Setting setting_;
    Ledger ledger_;
    std::string slab_path_, journal_path_;
    lkstats_slab_t slab_ = {};
    lkstats_t *ctx_ = nullptr;
    uint32_t context_ = 0;      // the number of the one that is open
    uint32_t made_ = 0;         // handles in it
    lkstats_time_t now_ = {};   // of the host
    lkstats_time_t clock_ = {}; // of the context: zero until the first run
    bool closing_ = false, full_ = false, was_full_ = false, dying_ = false;
    uint32_t kills_ = 0, opens_ = 0;
    std::vector<Out> outs_;
    Answer answer_ = Answer::accepts;
    Draw inside_ = {}; // what on_batch does beside it
    std::map<Key, std::string> beside_;
    std::map<std::string, uint64_t> journal_read_; // records, by file
};

} // namespace lkstats::fuzz
