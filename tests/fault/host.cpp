// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include "fault.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace lkstats::fault {

namespace {

// What the header allows, and errno as it was.
template <class Call>
lkstats_status_t answer(std::initializer_list<lkstats_status_t> allowed, const char *name, Call call) {
    constexpr int untouched = 12345;
    errno = untouched;
    const lkstats_status_t status = call();
    check(errno == untouched);
    if (std::find(allowed.begin(), allowed.end(), status) == allowed.end()) {
        std::fprintf(stderr, "%s: %s\n", name, lkstats_status_name(status));
        check(!"an answer that the header allows");
    }
    return status;
}

bool same(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

void add(lkstats_traffic_t &to, const lkstats_traffic_t &more) {
    to.send_bytes += more.send_bytes;
    to.send_messages += more.send_messages;
    to.recv_bytes += more.recv_bytes;
    to.recv_messages += more.recv_messages;
}

lkstats_string_t letters(char letter, size_t size) {
    static char texts[26][LKSTATS_STRING_MAX];
    char *text = texts[letter - 'a'];
    std::memset(text, letter, LKSTATS_STRING_MAX);
    return {text, size};
}

// The number comes back in every record.
lkstats_track_options_t options_of(Identity identity, size_t number) {
    const size_t size = identity == Identity::lengthy ? LKSTATS_STRING_MAX : 5;
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
    int place;
    auto *const nobody = reinterpret_cast<lkstats_t *>(&place);
    lkstats_t *ctx = nobody;
    const auto status =
        answer({LKSTATS_OK, LKSTATS_ENOMEM, LKSTATS_ENOFILE, LKSTATS_ENOTHREAD, LKSTATS_ESYSTEM}, "open",
               [&] { return lkstats_open(&options, &ctx); });
    check((ctx == nobody) == (status != LKSTATS_OK));
    if (status != LKSTATS_OK)
        return false;
    ctx_ = ctx;
    return true;
}

bool Host::track(Identity identity) {
    check(count_ < tracks_max);
    const lkstats_track_options_t options = options_of(identity, count_);
    Track fresh = {};
    fresh.handle = 1;
    const auto status = answer({LKSTATS_OK, LKSTATS_ENOMEM, LKSTATS_ENOFILE}, "track_new",
                               [&] { return lkstats_track_new(ctx_, &options, &fresh.handle); });
    check((fresh.handle == 0) == (status != LKSTATS_OK));
    if (status != LKSTATS_OK) {
        answer({LKSTATS_ESTALE}, "add", [&] { return lkstats_add_bytes(fresh.handle, 1, 1); });
        return false;
    }
    ledger_[count_++] = fresh;
    return true;
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
    fault::add(track.accepted, {send, 1, recv, 4});
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
        check(same(totals.traffic, ledger_[i].accepted));
    }
}

void Host::stop(size_t which) {
    if (which >= count_)
        return;
    lkstats_totals_t final = {};
    final.struct_size = sizeof final;
    answer({LKSTATS_OK}, "stop", [&] { return lkstats_track_stop(ledger_[which].handle, &final); });
    check(same(final.traffic, ledger_[which].accepted));
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
    check((status == LKSTATS_OK) == (data != nullptr && size != 0));
}

void Host::account(const lkstats_record_t &record) {
    const auto number = static_cast<size_t>(record.participant_kind);
    check(number < count_);
    Track &track = ledger_[number];
    check(record.key.slot == (track.handle & 0xffffff) && record.key.tag == track.handle >> 32);
    if (record.key.sequence <= track.sequence)
        return; // acknowledged in another batch
    check(record.key.sequence == ++track.sequence);
    fault::add(track.reported, record.window);
    check(same(track.reported, record.running));
}

lkstats_batch_t Host::last_out() { return out_[--out_count_]; }

void Host::acknowledge() {
    if (out_count_ == 0)
        return;
    const lkstats_batch_t batch = last_out();
    const auto *at = reinterpret_cast<const unsigned char *>(batch.records);
    for (uint32_t i = 0; i < batch.record_count; ++i, at += batch.record_size)
        account(*reinterpret_cast<const lkstats_record_t *>(at));
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

void Host::expect_residue(const lkstats_residue_t &residue) {
    lkstats_traffic_t accounted = residue.traffic, accepted = {};
    uint64_t owing = 0;
    for (size_t i = 0; i < count_; ++i) {
        fault::add(accounted, ledger_[i].reported);
        fault::add(accepted, ledger_[i].accepted);
        owing += !same(ledger_[i].reported, ledger_[i].accepted);
    }
    check(same(accounted, accepted));
    check(residue.tracks == owing);
}

bool Host::close(int64_t timeout_ms) {
    lkstats_residue_t residue = {};
    residue.struct_size = sizeof residue;
    const auto status = answer({LKSTATS_OK, LKSTATS_ETIMEDOUT}, "close",
                               [&] { return lkstats_close(ctx_, timeout_ms, &residue); });
    expect_residue(residue);
    for (size_t i = 0; i < count_; ++i)
        ledger_[i].stopped = true;
    if (status == LKSTATS_ETIMEDOUT) {
        check(timeout_ms != LKSTATS_ABANDON);
        return false;
    }
    answer({LKSTATS_ECLOSED}, "close", [&] { return lkstats_close(ctx_, timeout_ms, &residue); });
    ctx_ = nullptr;
    count_ = out_count_ = 0;
    return true;
}

void Host::settle() {
    // A stop may be with the reporter's thread just then: from the second round on close waits for it.
    for (int round = 0; round < 10 && is_open(); ++round)
        if (!close(round == 0 ? 0 : 100))
            consume();
    check(!is_open());
}

} // namespace lkstats::fault
