// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include "answer.hpp"
#include "estate.hpp"
#include "fault.hpp"
#include "journal.hpp"

#include <cstring>

namespace lkstats::fault {

namespace {

bool same(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

void add(lkstats_traffic_t &to, const lkstats_traffic_t &more) {
    to.send_bytes += more.send_bytes;
    to.send_messages += more.send_messages;
    to.recv_bytes += more.recv_bytes;
    to.recv_messages += more.recv_messages;
}

const lkstats_record_t &record_of(const lkstats_batch_t &batch, uint32_t i) {
    const auto *at = reinterpret_cast<const unsigned char *>(batch.records);
    return *reinterpret_cast<const lkstats_record_t *>(at + size_t{i} * batch.record_size);
}

// Joined and left have no stats.
bool has_traffic(const lkstats_batch_t &batch) {
    for (uint32_t i = 0; i < batch.record_count; ++i)
        if (record_of(batch, i).key.kind == LKSTATS_RECORD_TRAFFIC)
            return true;
    return false;
}

// The number comes back in every record.
lkstats_track_options_t options_of(Identity identity, size_t number) {
    const size_t size = size_of(identity);
    lkstats_track_options_t options = {};
    options.struct_size = sizeof options;
    options.participant_kind = static_cast<int32_t>(number);
    options.room_sid = letters('r', size);
    options.room_name = letters('n', size);
    options.participant_sid = letters('p', size);
    options.participant_identity = letters('i', size);
    options.tenant = letters('t', size);
    options.country = letters('c', size);
    return options;
}

} // namespace

Host::Track Host::ledger_[tracks_max];

bool Host::open() {
    lkstats_options_t options = {};
    options.struct_size = sizeof options;
    options.flags = driver_ == Driver::host ? LKSTATS_NO_THREAD : 0;
    options.report_interval_ms = LKSTATS_REPORT_INTERVAL_MIN_MS;
    options.max_tracks = max_tracks_;
    options.node = letters('o', LKSTATS_STRING_MAX);
    options.user_data = reinterpret_cast<uint64_t>(this);
    options.on_log = on_log;
    if (consumer_ == Consumer::called)
        options.on_batch = on_batch;
    if (slab_dir_ != nullptr)
        options.slab_dir = {slab_dir_, std::strlen(slab_dir_)};
    if (journals()) {
        options.journal_dir = {journal_dir_, std::strlen(journal_dir_)};
        options.journal_segment_age_ms = LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS;
        options.journal_keep_segments = keep_segments_;
        options.flags |= sync_ ? LKSTATS_JOURNAL_SYNC : 0;
    }
    // What a folder says that can't be looked at.
    const lkstats_status_t no_folder = slab_dir_ != nullptr || journals() ? LKSTATS_EDIR : LKSTATS_ENOMEM;
    int place;
    auto *const nobody = reinterpret_cast<lkstats_t *>(&place);
    lkstats_t *ctx = nobody;
    const auto status =
        answer({LKSTATS_OK, LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ENOTHREAD, LKSTATS_ESYSTEM, no_folder},
               "open", [&] { return lkstats_open(&options, &ctx); });
    check((ctx == nobody) == (status != LKSTATS_OK));
    if (status != LKSTATS_OK)
        return false;
    ctx_ = ctx;
    return true;
}

bool Host::keep(Track &fresh, lkstats_status_t status) {
    check((fresh.handle == 0) == (status != LKSTATS_OK));
    if (status != LKSTATS_OK) {
        answer({LKSTATS_ESTALE}, "add", [&] { return lkstats_add_bytes(fresh.handle, 1, 1); });
        return false;
    }
    fresh.epoch = fresh.told = 1;
    std::lock_guard lock(telling_);
    ledger_[count_++] = fresh;
    return true;
}

bool Host::track(Identity identity) {
    check(count_ < tracks_max);
    const lkstats_track_options_t options = options_of(identity, count_);
    Track fresh = {};
    fresh.handle = 1;
    return keep(fresh, answer({LKSTATS_OK, LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ESYSTEM}, "track_new",
                              [&] { return lkstats_track_new(ctx_, &options, &fresh.handle); }));
}

bool Host::tracks(size_t count, Identity identity) {
    while (count_ < count)
        if (!track(identity))
            return false;
    return true;
}

void Host::add_to(Track &track) {
    if (track.stopped)
        return;
    const uint64_t send = ++adds_ * 3, recv = adds_ * 7;
    answer({LKSTATS_OK}, "add_bytes", [&] { return lkstats_add_bytes(track.handle, send, 1); });
    answer({LKSTATS_OK}, "add_messages", [&] { return lkstats_add_messages(track.handle, recv, 4, 0); });
    fault::add(track.accepted[track.epoch], {send, 1, recv, 4});
}

void Host::add() {
    for (size_t i = 0; i < count_; ++i)
        add_to(ledger_[i]);
}

void Host::add_to_newest() { add_to(ledger_[count_ - 1]); }

void Host::expect_totals() {
    for (size_t i = 0; i < count_; ++i) {
        if (ledger_[i].stopped)
            continue;
        lkstats_totals_t totals = {};
        totals.struct_size = sizeof totals;
        answer({LKSTATS_OK}, "totals", [&] { return lkstats_track_totals(ledger_[i].handle, &totals); });
        check(same(totals.traffic, sum(ledger_[i].accepted)));
    }
}

void Host::expect_all_reported() {
    for (size_t i = 0; i < count_; ++i)
        check(same(sum(ledger_[i].reported), sum(ledger_[i].accepted)));
}

void Host::stop(size_t which) {
    if (which >= count_ || ledger_[which].stopped)
        return;
    lkstats_totals_t final = {};
    final.struct_size = sizeof final;
    answer({LKSTATS_OK}, "stop", [&] { return lkstats_track_stop(ledger_[which].handle, &final); });
    check(same(final.traffic, sum(ledger_[which].accepted)));
    ledger_[which].stopped = true;
}

void Host::run(int64_t seconds) {
    if (driver_ == Driver::thread)
        return;
    seconds_ += seconds;
    answer({LKSTATS_OK}, "run_once", [&] {
        return lkstats_run_once(ctx_, seconds_ * 1'000'000'000, (1'700'000'000 + seconds_) * 1'000'000'000);
    });
}

void Host::flush() {
    answer({LKSTATS_OK, LKSTATS_ETIMEDOUT, LKSTATS_ENOMEM}, "flush", [&] { return lkstats_flush(ctx_, 0); });
}

void Host::flush(size_t which) {
    if (which < count_ && !ledger_[which].stopped)
        answer({LKSTATS_OK, LKSTATS_ETIMEDOUT}, "track_flush",
               [&] { return lkstats_track_flush(ledger_[which].handle, 0); });
}

bool Host::take() {
    if (consumer_ == Consumer::called)
        return false;
    lkstats_batch_t batch = {}, before;
    batch.struct_size = sizeof batch;
    before = batch;
    int32_t event = -1;
    answer({LKSTATS_OK}, "event_fd", [&] { return lkstats_event_fd(ctx_, &event); });
    check(event >= 3);
    const auto status = answer({LKSTATS_OK, LKSTATS_EAGAIN, LKSTATS_EOF, LKSTATS_ENOMEM}, "next",
                               [&] { return lkstats_next(ctx_, &batch); });
    if (status != LKSTATS_OK) {
        check(std::memcmp(&batch, &before, sizeof batch) == 0);
        return false;
    }
    check(batch.record_count > 0 && out_count_ < out_max);
    out_[out_count_++] = batch;
    if (journals())
        take_beside(batch);
    return true;
}

void Host::serialize() {
    if (out_count_ == 0)
        return;
    const uint8_t *data = nullptr;
    uint64_t size = 0;
    const auto status = answer({LKSTATS_OK, LKSTATS_ENOMEM}, "batch_analytics_stats", [&] {
        return lkstats_batch_analytics_stats(&out_[out_count_ - 1], &data, &size);
    });
    check((status == LKSTATS_OK) == (data != nullptr));
    check(data == nullptr || (size != 0) == has_traffic(out_[out_count_ - 1]));
}

Host::Track &Host::teller(const lkstats_record_t &record) {
    const auto handle = lkstats_track_t{record.key.tag} << 32 | record.key.slot;
    // A participant's kind is the number; of one that nobody resolved it is not known.
    auto number = static_cast<size_t>(record.participant_kind);
    if ((record.flags & LKSTATS_UNATTRIBUTED) != 0)
        for (number = 0; number < count_ && ledger_[number].handle != handle;)
            ++number;
    check(number < count_ && ledger_[number].handle == handle);
    return ledger_[number];
}

// What was before is in segments that are removed.
void Host::begin_where_the_journal_does(Track &track, const lkstats_record_t &record) {
    const lkstats_traffic_t &running = record.running, &window = record.window;
    track.reported[record.key.epoch] = {
        running.send_bytes - window.send_bytes, running.send_messages - window.send_messages,
        running.recv_bytes - window.recv_bytes, running.recv_messages - window.recv_messages};
    track.told = record.key.epoch;
    track.sequence = record.key.sequence - 1;
    track.joined = record.key.sequence > 1;
}

void Host::account(const lkstats_record_t &record) {
    const lkstats_key_t &key = record.key;
    Track &track = teller(record);
    if (keep_segments_ != 0 && track.sequence == 0)
        begin_where_the_journal_does(track, record);
    const bool left = key.kind == LKSTATS_RECORD_LEFT, joined = key.kind == LKSTATS_RECORD_JOINED;
    // A left may come with the traffic before it.
    const bool beside = left && !track.left && key.sequence == track.sequence;
    if (key.epoch < track.told || (key.epoch == track.told && key.sequence <= track.sequence && !beside))
        return; // acknowledged in another batch
    if (key.epoch != track.told) {
        check(track.left && key.epoch == track.told + 1);
        track.told = key.epoch;
        track.sequence = 0;
        track.joined = track.left = false;
    }
    check(key.epoch <= track.epoch && !track.left);
    check(beside || key.sequence == ++track.sequence);
    const bool unattributed = (record.flags & LKSTATS_UNATTRIBUTED) != 0;
    check(joined == (track.signal && !unattributed && key.sequence == 1));
    check(!left || track.joined);
    track.joined = track.joined || joined;
    track.left = left;
    fault::add(track.reported[key.epoch], record.window);
    check(same(track.reported[key.epoch], record.running));
}

void Host::account(const lkstats_batch_t &batch) {
    std::lock_guard lock(telling_);
    if (Estate::left(batch.node))
        return inherited_->take(batch);
    for (uint32_t i = 0; i < batch.record_count; ++i)
        account(record_of(batch, i));
}

// Every third batch is given back.
lkstats_status_t Host::on_batch(uint64_t host, const lkstats_batch_t *batch) {
    auto &self = *reinterpret_cast<Host *>(host);
    const uint8_t *data;
    uint64_t size;
    // A close does not wait for what dead contexts owed, only for this call.
    const lkstats_status_t given_up = Estate::left(batch->node) ? LKSTATS_ECLOSED : LKSTATS_ENOMEM;
    answer({LKSTATS_OK, LKSTATS_ENOMEM, given_up}, "batch_analytics_stats",
           [&] { return lkstats_batch_analytics_stats(batch, &data, &size); });
    if (self.journals())
        self.take_beside(*batch);
    // Of a dead context it would come again after a second, which a thread would let pass.
    const bool soon = self.driver_ == Driver::host || !Estate::left(batch->node);
    if (self.calls_++ % 3 == 2 && soon)
        return LKSTATS_EAGAIN;
    if (!self.journals())
        self.account(*batch);
    return LKSTATS_OK;
}

size_t Host::inherited() {
    std::lock_guard lock(telling_);
    return inherited_->count();
}

void Host::take_beside(const lkstats_batch_t &batch) {
    std::lock_guard lock(telling_);
    beside_.take(batch);
}

void Host::on_log(uint64_t host, int32_t level, const char *message, uint64_t size) {
    check(level >= LKSTATS_LOG_ERROR && level <= LKSTATS_LOG_INFO && message != nullptr && size > 0);
    ++reinterpret_cast<Host *>(host)->lines_[level];
}

lkstats_batch_t Host::last_out() { return out_[--out_count_]; }

void Host::acknowledge() {
    if (out_count_ == 0)
        return;
    const lkstats_batch_t batch = last_out();
    if (!journals())
        account(batch);
    answer({LKSTATS_OK}, "ack", [&] { return lkstats_ack(&batch); });
    answer({LKSTATS_ESTALE}, "ack", [&] { return lkstats_ack(&batch); });
}

void Host::give_back() {
    if (out_count_ == 0)
        return;
    const lkstats_batch_t batch = last_out();
    answer({LKSTATS_OK}, "nack", [&] { return lkstats_nack(&batch); });
}

void Host::redeliver() {
    answer({LKSTATS_OK}, "redeliver", [&] { return lkstats_redeliver(ctx_); });
}

void Host::consume() {
    do
        while (out_count_ > 0)
            acknowledge();
    while (take());
}

lkstats_traffic_t Host::sum(const lkstats_traffic_t (&by_epoch)[epochs_max + 1]) {
    lkstats_traffic_t all = {};
    for (const lkstats_traffic_t &each : by_epoch)
        fault::add(all, each);
    return all;
}

void Host::expect_residue(const lkstats_residue_t &residue) {
    lkstats_traffic_t accounted = residue.traffic, accepted = {};
    uint64_t owing = 0;
    for (size_t i = 0; i < count_; ++i) {
        const lkstats_traffic_t reported = sum(ledger_[i].reported), counted = sum(ledger_[i].accepted);
        fault::add(accounted, reported);
        fault::add(accepted, counted);
        owing += !same(reported, counted);
    }
    check(same(accounted, accepted));
    check(residue.tracks == owing);
}

// Each byte came out of the epoch into which it went.
void Host::expect_epochs() {
    for (size_t i = 0; i < count_; ++i)
        for (uint32_t epoch = 1; epoch <= epochs_max; ++epoch)
            check(same(ledger_[i].reported[epoch], ledger_[i].accepted[epoch]));
}

bool Host::close(int64_t timeout_ms) {
    lkstats_residue_t residue = {};
    residue.struct_size = sizeof residue;
    const auto status = answer({LKSTATS_OK, LKSTATS_ETIMEDOUT}, "close",
                               [&] { return lkstats_close(ctx_, timeout_ms, &residue); });
    // A consumer that is called on the context's thread has it that there is more than the residue says.
    const bool settled = consumer_ == Consumer::pulls || driver_ == Driver::host;
    if (!journals() && (status == LKSTATS_OK || settled))
        expect_residue(residue);
    for (size_t i = 0; i < count_; ++i)
        ledger_[i].stopped = true;
    if (status == LKSTATS_ETIMEDOUT) {
        check(timeout_ms != LKSTATS_ABANDON);
        return false;
    }
    answer({LKSTATS_ECLOSED}, "close", [&] { return lkstats_close(ctx_, timeout_ms, &residue); });
    ctx_ = nullptr;
    out_count_ = 0;
    residue_ = residue;
    if (journals())
        return true;
    if (timeout_ms != LKSTATS_ABANDON)
        expect_epochs();
    count_ = 0;
    return true;
}

void Host::expect_journal(const Folder &journal, bool twice_allowed) {
    check(!is_open());
    Receipts written;
    read_journal(journal, [&](const lkstats_record_t &record, const lkstats_string_t &node) {
        written.take(record);
        if (Estate::left(node))
            inherited_->take(record);
        else
            account(record);
    });
    check(twice_allowed || written.again() == 0);
    check(beside_.again() == 0 && (keep_segments_ != 0 || beside_.within(written)));
    check(consumer_ == Consumer::pulls || keep_segments_ != 0 || written.within(beside_));
    expect_residue(residue_);
    if (residue_.tracks == 0)
        expect_epochs();
    count_ = 0;
}

void Host::settle() {
    // A stop may be with the reporter's thread just then: from the second round on close waits for it. What a
    // consumer that is called gave back comes again with each.
    const int64_t timeout_ms = consumer_ == Consumer::called ? 10 : 100;
    for (int round = 0; round < 1000 && is_open(); ++round)
        if (!close(round == 0 ? 0 : timeout_ms))
            consume();
    check(!is_open());
}

void Host::live(Fault &fault, void (*count_and_report)(Host &)) {
    fault.begin();
    if (!open()) {
        fault.lift();
        check(open());
    }
    count_and_report(*this);
    if (!close(0))
        consume();
    fault.lift();
    if (is_open())
        settle();
}

} // namespace lkstats::fault
