// SPDX-License-Identifier: Apache-2.0
// A host that goes on whatever it is refused: it knows which answers the header allows to each call, and
// keeps a ledger of what its adds were told.
#pragma once

#include "folder.hpp"
#include "receipts.hpp"

#include "lkstats.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace lkstats::fault {

enum class Driver { host, thread }; // who makes the context report
enum class Identity { brief, lengthy };
enum class Consumer { pulls, called };

class Fault;

class Host {
  public:
    Host(Driver driver, uint32_t max_tracks, Consumer consumer = Consumer::pulls)
        : driver_(driver), consumer_(consumer), max_tracks_(max_tracks) {}

    // Before open. Where the counters are, and with them what others left; NULL: in memory.
    void count_in(const char *slab_dir) { slab_dir_ = slab_dir; }
    // Before open. Who acknowledges is a journal, and the consumer is beside it. A segment is old after a second.
    void write_to(const char *journal_dir, bool sync = false, uint32_t keep_segments = 0) {
        journal_dir_ = journal_dir;
        sync_ = sync;
        keep_segments_ = keep_segments;
    }
    // Before open. Who gets what a dead context owed.
    void inherit(Receipts &inherited) { inherited_ = &inherited; }
    size_t inherited(); // so many records

    // False: refused.
    bool open();
    bool track(Identity identity);
    // Until there are so many, or one is refused: false.
    bool tracks(size_t count, Identity identity);
    // Counts on every track, and on the one that was made last.
    void add();
    void add_to_newest();
    void expect_totals();
    void expect_all_reported();
    void stop(size_t which);

    // Signal connections: among the tracks, and like them in all but these. A call that is refused has changed
    // nothing, and can be made again.
    bool signal(Identity identity);
    bool signals(size_t count, Identity identity);
    bool resolve_room(size_t which, Identity identity);
    bool resolve_participant(size_t which, Identity identity);
    bool resolve(size_t which, Identity identity); // both
    bool reset(size_t which);

    void run(int64_t seconds); // nothing where a thread does it
    void flush();
    void flush(size_t which);

    // Takes a batch; false: there was none, or it was refused.
    bool take();
    void serialize();
    void acknowledge(); // the batch that was taken last
    void give_back();
    void redeliver();
    // Takes and acknowledges until there is nothing, or it is refused.
    void consume();

    // True: closed. What is left has to be what is neither reported nor refused.
    bool close(int64_t timeout_ms);
    // With a journal, after close and while no fault is in force: what is written there is what was counted, once. A disk
    // that fails for good fails to cut off what it did not write, too: then a key may be there twice.
    void expect_journal(const Folder &journal, bool twice_allowed);
    // Closes, and takes what is owed, until the ledger is even.
    void settle();
    // From open, with the fault, to the end of it all, without.
    void live(Fault &fault, void (*count_and_report)(Host &));

    bool is_open() const { return ctx_ != nullptr; }
    size_t count() const { return count_; }
    uint64_t calls() const { return calls_; } // of on_batch
    // What on_log was told.
    uint64_t lines(int32_t level) const { return lines_[level]; }

  private:
    static constexpr uint32_t epochs_max = 4;
    struct Track {
        lkstats_track_t handle;
        lkstats_traffic_t accepted[epochs_max + 1]; // by epoch, from 1 on
        lkstats_traffic_t reported[epochs_max + 1];
        uint32_t epoch;    // that counts
        uint32_t told;     // of the newest report,
        uint32_t sequence; // which has this one
        bool room, participant;
        bool signal, joined, left, stopped;
    };
    static constexpr int32_t levels = LKSTATS_LOG_INFO + 1;
    static constexpr size_t tracks_max = 5000;
    static constexpr size_t out_max = 8;

    bool keep(Track &fresh, lkstats_status_t status);
    template <class Call> bool resolve(size_t which, bool &known, Call call);
    static lkstats_traffic_t sum(const lkstats_traffic_t (&by_epoch)[epochs_max + 1]);
    Track &teller(const lkstats_record_t &record);
    void account(const lkstats_batch_t &batch);
    void take_beside(const lkstats_batch_t &batch);
    static lkstats_status_t on_batch(uint64_t host, const lkstats_batch_t *batch);
    static void on_log(uint64_t host, int32_t level, const char *message, uint64_t size);
    bool journals() const { return journal_dir_ != nullptr; }
    void begin_where_the_journal_does(Track &track, const lkstats_record_t &record);
    void expect_epochs();
    void add_to(Track &track);
    void account(const lkstats_record_t &record);
    void expect_residue(const lkstats_residue_t &residue);
    lkstats_batch_t last_out();

    static Track ledger_[tracks_max]; // one host at a time
    std::mutex telling_;              // where the context calls
    Driver driver_;
    Consumer consumer_;
    uint32_t max_tracks_;
    const char *slab_dir_ = nullptr, *journal_dir_ = nullptr;
    bool sync_ = false;
    uint32_t keep_segments_ = 0;
    Receipts *inherited_ = nullptr;
    Receipts beside_; // what came beside a journal
    lkstats_residue_t residue_ = {};
    std::atomic<uint64_t> lines_[levels] = {};
    uint64_t calls_ = 0;
    lkstats_t *ctx_ = nullptr;
    size_t count_ = 0;
    uint64_t adds_ = 0;
    int64_t seconds_ = 1000;
    lkstats_batch_t out_[out_max];
    size_t out_count_ = 0;
};

} // namespace lkstats::fault
