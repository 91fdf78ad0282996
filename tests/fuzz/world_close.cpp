// SPDX-License-Identifier: Apache-2.0
// How contexts begin and end: closed, given up, or killed.
#include "must.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lkstats::fuzz {

namespace {

constexpr uint32_t kills_most = 3, opens_most = 6; // of one input: each costs some milliseconds
constexpr int64_t second = 1'000'000'000;

// What a reboot leaves: the same process can't be that context's then.
void forget_boot(Files &files) {
    for (auto &[name, bytes] : files)
        if (name.ends_with(":dir"))
            std::fill_n(bytes.begin() + offsetof(lkstats_slab_directory_t, boot),
                        sizeof(lkstats_slab_directory_t::boot), uint8_t{0xb0});
}

} // namespace

World::World(const Setting &setting) : setting_(setting) {
    if (setting_.slab_dir)
        slab_path_ = fresh_folder("slab");
    if (journals())
        journal_path_ = fresh_folder("journal");
    slab_.struct_size = sizeof slab_;
    must(lkstats_slab_attach(LKSTATS_SLAB_VERSION, &slab_) == LKSTATS_OK, "no slab");
    now_ = {1000 * second, 1'700'000'000 * second};
    open();
}

void World::open() {
    limit_files(no_limit);
    ++context_;
    ++opens_;
    made_ = 0;
    closing_ = dying_ = full_ = false;
    outs_.clear();
    clock_ = {};
    const std::string node = Ledger::node(context_);
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = LKSTATS_NO_THREAD;
    options.report_interval_ms = setting_.interval_ms;
    options.max_tracks = setting_.max_tracks;
    options.node = string(node);
    options.analytics_key = string("key");
    options.user_data = reinterpret_cast<uint64_t>(this);
    options.on_log = on_log;
    if (is_called())
        options.on_batch = on_batch;
    options.slab_dir = string(slab_path_);
    options.journal_dir = string(journal_path_);
    if (journals()) {
        options.journal_segment_bytes = LKSTATS_JOURNAL_SEGMENT_MIN_BYTES;
        options.journal_segment_age_ms = LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS;
    }
    const auto status = lkstats_open(&options, &ctx_);
    must(status == LKSTATS_OK, "open: %d", status);
}

// The context is gone. What it had taken over of dead ones and is not acknowledged comes again.
void World::over() {
    ledger_.all_again();
    lkstats_batch_t batch = {};
    batch.struct_size = sizeof batch;
    must(lkstats_next(ctx_, &batch) == LKSTATS_EOF, "the context is closed, and next does not say so");
    ctx_ = nullptr;
}

void World::expect_residue(const lkstats_residue_t &residue) {
    lkstats_traffic_t owed = {};
    uint64_t tracks = 0;
    for (const Handle &handle : ledger_.handles)
        if (of_now(handle)) {
            owed += handle.owed();
            tracks += handle.owed() == lkstats_traffic_t{} ? 0 : 1;
        }
    must(residue.traffic == owed && residue.tracks == tracks, "a residue of %llu tracks, %s, not %llu, %s",
         static_cast<unsigned long long>(residue.tracks), shown(residue.traffic).c_str(),
         static_cast<unsigned long long>(tracks), shown(owed).c_str());
}

void World::close(Draw) {
    if (opens_ == opens_most)
        return;
    lkstats_residue_t residue = {};
    residue.struct_size = sizeof residue;
    // Everything is stopped before anything is told.
    closing_ = true;
    for (Handle &handle : ledger_.handles)
        handle.stopped = handle.stopped || of_now(handle);
    const auto status = lkstats_close(ctx_, 0, &residue);
    must(status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT, "close: %d", status);
    read_journal();
    expect_residue(residue);
    if (status == LKSTATS_ETIMEDOUT)
        return;
    must(residue.tracks == 0, "closed, and something is owed");
    over();
    open();
}

void World::abandon(Draw) {
    if (opens_ == opens_most)
        return;
    lkstats_residue_t residue = {};
    residue.struct_size = sizeof residue;
    read_journal();
    dying_ = true;
    must(lkstats_close(ctx_, LKSTATS_ABANDON, &residue) == LKSTATS_OK, "a context can't be given up");
    expect_residue(residue);
    for (Handle &handle : ledger_.handles)
        handle.abandoned = handle.abandoned || of_now(handle);
    over();
    open();
}

// The folders are what they were when it was killed: here, between two calls, so no add is in doubt.
void World::kill(Draw) {
    if (slab_path_.empty() || kills_ == kills_most || opens_ == opens_most)
        return;
    ++kills_;
    read_journal();
    Files slabs = read_folder(slab_path_), journals_then;
    if (journals())
        journals_then = read_folder(journal_path_);
    forget_boot(slabs);
    dying_ = true;
    must(lkstats_close(ctx_, LKSTATS_ABANDON, nullptr) == LKSTATS_OK, "a context can't be given up");
    over();
    limit_files(no_limit);
    write_folder(slab_path_, slabs);
    if (journals())
        write_folder(journal_path_, journals_then);
    open();
}

void World::disk(Draw d) {
    static constexpr uint64_t limits[] = {0, 700, 4096, 70000};
    full_ = !full_;
    was_full_ = was_full_ || full_;
    limit_files(full_ ? limits[d.a & 3] : no_limit);
}

void World::settle() {
    full_ = false;
    limit_files(no_limit);
    answer_ = Answer::accepts;
    inside_ = {};
    while (!outs_.empty())
        ack({0, 0, 0});
    for (uint8_t i = 0; i < ledger_.handles.size() && i != 0xff; ++i)
        if (of_now(ledger_.handles[i]))
            stop({static_cast<uint8_t>(ledger_.handles.size() - 1 - i), 0, 0});
    // One epoch of each handle may take a round.
    for (int round = 0; round < 1000 && !ledger_.complete(); ++round) {
        advance(std::max<int64_t>(7 * int64_t{setting_.interval_ms} * 1'000'000, 2 * second), 0);
        while (take_one())
            if (!outs_.empty())
                ack({0, 0, 0});
        read_journal();
    }
    ledger_.expect_complete();
    advance(0, 0);
    lkstats_residue_t residue = {};
    residue.struct_size = sizeof residue;
    must(lkstats_close(ctx_, 0, &residue) == LKSTATS_OK && residue.tracks == 0,
         "everything is acknowledged, and the context does not close");
    over();
    read_journal();
    ledger_.expect_complete();
    for (const auto &[key, content] : beside_)
        must(ledger_.known(key, content), "a record beside the journal is not in it");
    if (slab_path_.empty())
        return;
    for (const std::string &name : names_in(slab_path_))
        must(false, "%s is left", name.c_str());
}

} // namespace lkstats::fuzz
