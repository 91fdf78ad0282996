// SPDX-License-Identifier: Apache-2.0
// What the reporter is driven with, and what the consumer does.
#include "must.hpp"
#include "world.hpp"

#include <algorithm>
#include <stdexcept>

namespace lkstats::fuzz {

namespace {

constexpr int64_t second = 1'000'000'000;

lkstats_batch_t empty_batch() {
    lkstats_batch_t batch = {};
    batch.struct_size = sizeof batch;
    return batch;
}

} // namespace

// ---- Time -------------------------------------------------------------------------------------------

void World::advance(int64_t by_ns, int64_t wall_ns) {
    now_.monotonic_ns += by_ns;
    now_.wall_ns += by_ns + wall_ns;
    const bool first = clock_.monotonic_ns == 0;
    clock_ = now_;
    must(lkstats_run_once(ctx_, now_.monotonic_ns, now_.wall_ns) == LKSTATS_OK, "run_once was refused");
    // Every word was folded.
    for (Handle &handle : ledger_.handles)
        if (!first && by_ns >= second && of_now(handle)) {
            std::fill(std::begin(handle.bytes), std::end(handle.bytes), 0);
            std::fill(std::begin(handle.messages), std::end(handle.messages), 0);
        }
}

void World::run_once(Draw d) {
    const int64_t interval = int64_t{setting_.interval_ms} * 1'000'000;
    const int64_t steps[] = {0, 1, second / 100, second / 10, second, interval, 7 * interval, 3600 * second};
    advance(steps[d.which & 7], d.which & 0x80 ? (d.a - 128) * second : 0);
}

void World::run_backwards(Draw d) {
    if (clock_.monotonic_ns == 0)
        return;
    must(lkstats_run_once(ctx_, clock_.monotonic_ns - 1 - d.a, clock_.wall_ns) == LKSTATS_EINVAL,
         "time went back");
}

// What was counted by then of those who are known. on_batch may add while it is told.
lkstats_traffic_t World::due(const Handle &handle) {
    lkstats_traffic_t sum = {};
    for (const Epoch &epoch : handle.epochs)
        if (!handle.signal() || epoch.whose.resolved())
            sum += epoch.counted;
    return sum;
}

void World::expect_flushed(const Handle &handle, const lkstats_traffic_t &then) {
    const lkstats_traffic_t acknowledged = handle.counted() - handle.owed();
    must(at_most(then, acknowledged), "flushed %llx with %s, and of that is acknowledged %s",
         static_cast<unsigned long long>(handle.is), shown(then).c_str(), shown(acknowledged).c_str());
}

void World::flush(Draw) {
    std::vector<lkstats_traffic_t> then;
    for (const Handle &handle : ledger_.handles)
        then.push_back(due(handle));
    const auto status = lkstats_flush(ctx_, 0);
    must(status == LKSTATS_OK || status == LKSTATS_ETIMEDOUT, "flush: %d", status);
    if (status != LKSTATS_OK)
        return;
    read_journal();
    for (size_t i = 0; i < then.size(); ++i)
        if (of_now(ledger_.handles[i]))
            expect_flushed(ledger_.handles[i], then[i]);
}

void World::track_flush(Draw d) {
    Handle *const handle = some_handle(d.which);
    if (handle == nullptr)
        return;
    const lkstats_traffic_t then = due(*handle);
    const auto status = lkstats_track_flush(handle->is, 0);
    if (status == LKSTATS_ETIMEDOUT) {
        must(of_now(*handle), "flush of what is long gone");
        return;
    }
    expect_answer(*handle, status, LKSTATS_OK, "track_flush");
    if (status != LKSTATS_OK)
        return;
    read_journal();
    expect_flushed(*handle, then);
}

// ---- Taking -----------------------------------------------------------------------------------------

World::Out World::take(const lkstats_batch_t &batch) {
    must(batch.record_count >= 1 && batch.record_count <= LKSTATS_BATCH_RECORDS_MAX && batch.id != 0 &&
             batch.ctx == ctx_ && text(batch.analytics_key) == "key",
         "a batch of %u records", batch.record_count);
    Out out = {batch, {}, {}};
    const std::string node = text(batch.node);
    for (uint32_t i = 0; i < batch.record_count; ++i) {
        const lkstats_record_t &record = *lkstats_batch_record(&batch, i);
        say("record of %x%08x, %s: epoch %u, sequence %u, kind %u, window %s", record.key.tag,
            record.key.slot, node.c_str(), record.key.epoch, record.key.sequence, record.key.kind,
            shown(record.window).c_str());
        out.keys.push_back(ledger_.take(record, node, was_full_));
        out.contents.push_back(content(record, node, "key"));
    }
    return out;
}

// What is in the journal already: each record once, unless a full disk brought it twice.
void World::take_beside(const lkstats_batch_t &batch) {
    const std::string node = text(batch.node);
    for (uint32_t i = 0; i < batch.record_count; ++i) {
        const lkstats_record_t &record = *lkstats_batch_record(&batch, i);
        const bool fresh = beside_.try_emplace(Key(record.key), content(record, node, "key")).second;
        must(fresh || was_full_, "a record came twice beside the journal");
    }
}

void World::expect_unchanged(const Out &out) const {
    for (uint32_t i = 0; i < out.batch.record_count; ++i)
        must(content(*lkstats_batch_record(&out.batch, i), text(out.batch.node), "key") == out.contents[i],
             "a batch changed while it was out");
}

void World::acknowledged(const std::vector<Key> &keys) {
    for (const Key &key : keys)
        ledger_.acknowledge(key);
}

void World::given_back(const std::vector<Key> &keys) {
    for (const Key &key : keys)
        ledger_.again(key);
}

bool World::take_one() {
    lkstats_batch_t batch = empty_batch();
    const auto status = lkstats_next(ctx_, &batch);
    if (is_called()) {
        must(status == LKSTATS_EINVAL, "next beside on_batch: %d", status);
        return false;
    }
    must(status == LKSTATS_OK || status == LKSTATS_EAGAIN || (status == LKSTATS_EOF && closing_), "next: %d",
         status);
    if (status != LKSTATS_OK)
        return false;
    if (!journals()) {
        outs_.push_back(take(batch));
        return true;
    }
    take_beside(batch);
    // Whatever is answered: at most as many as may wait there are out at a time.
    must(lkstats_ack(&batch) == LKSTATS_OK, "a batch beside the journal can't be answered");
    return true;
}

void World::next(Draw) { take_one(); }

void World::ack(Draw d) {
    if (outs_.empty())
        return;
    const auto at = outs_.begin() + d.which % static_cast<int>(outs_.size());
    expect_unchanged(*at);
    must(lkstats_ack(&at->batch) == LKSTATS_OK, "an acknowledgement was refused");
    acknowledged(at->keys);
    must(lkstats_nack(&at->batch) == LKSTATS_ESTALE, "a batch was answered twice");
    outs_.erase(at);
}

void World::nack(Draw d) {
    if (outs_.empty())
        return;
    const auto at = outs_.begin() + d.which % static_cast<int>(outs_.size());
    expect_unchanged(*at);
    must(lkstats_nack(&at->batch) == LKSTATS_OK, "a batch could not be given back");
    given_back(at->keys);
    outs_.erase(at);
}

void World::answer_wrongly(Draw d) {
    lkstats_batch_t batch = empty_batch();
    batch.ctx =
        d.a & 1 ? ctx_ : reinterpret_cast<lkstats_t *>(reinterpret_cast<uintptr_t>(ctx_) ^ (d.b + 1U));
    batch.id = outs_.empty() ? d.which : outs_.front().batch.id + (d.which + 1U) * 1000;
    const auto status = d.a & 2 ? lkstats_ack(&batch) : lkstats_nack(&batch);
    must(status == LKSTATS_ESTALE || status == LKSTATS_ECLOSED, "an answer to nothing: %d", status);
}

void World::redeliver(Draw) {
    must(lkstats_redeliver(ctx_) == LKSTATS_OK, "redeliver was refused");
    ledger_.all_again();
}

void World::analytics_stats(Draw d) {
    if (outs_.empty())
        return;
    const Out &out = outs_[d.which % outs_.size()];
    const uint8_t *data[2];
    uint64_t size[2];
    for (int i = 0; i < 2; ++i)
        must(lkstats_batch_analytics_stats(&out.batch, &data[i], &size[i]) == LKSTATS_OK, "no stats");
    must(std::equal(data[0], data[0] + size[0], data[1], data[1] + size[1]), "other stats");
}

void World::metrics(Draw d) {
    uint64_t need = 0;
    const uint32_t format = d.a & 1;
    must(lkstats_metrics(ctx_, format, nullptr, 0, &need) == LKSTATS_ERANGE, "metrics without a buffer");
    std::string metrics(need + 64, '\0'); // some have more digits by then
    must(lkstats_metrics(ctx_, format, metrics.data(), metrics.size(), &need) == LKSTATS_OK, "no metrics");
}

// ---- Being called -----------------------------------------------------------------------------------

void World::when_called(Draw d) {
    answer_ = static_cast<Answer>(d.which % 5);
    inside_ = {d.which, d.a, d.b};
}

lkstats_status_t World::on_batch(uint64_t user_data, const lkstats_batch_t *batch) {
    return reinterpret_cast<World *>(user_data)->called(*batch);
}

lkstats_status_t World::called(const lkstats_batch_t &batch) {
    must(!dying_, "on_batch was called for what was given up");
    const lkstats_status_t refused[] = {lkstats_run_once(ctx_, now_.monotonic_ns, 0), lkstats_flush(ctx_, 0),
                                        lkstats_close(ctx_, 0, nullptr)};
    must(std::all_of(std::begin(refused), std::end(refused),
                     [](lkstats_status_t status) { return status == LKSTATS_EREENTRANT; }),
         "on_batch could make a call that waits for itself");
    if (inside_.a & 1)
        add({inside_.b, inside_.a, inside_.b});
    if (inside_.a & 2)
        reset({inside_.b, 0, 0});
    if (inside_.a & 4)
        stop({inside_.b, 0, 0});
    if (!journals())
        return called_alone(batch);
    take_beside(batch);
    if (answer_ == Answer::throws)
        throw std::runtime_error("a consumer's");
    return answer_ == Answer::accepts ? LKSTATS_OK : LKSTATS_EAGAIN;
}

lkstats_status_t World::called_alone(const lkstats_batch_t &batch) {
    const Out out = take(batch);
    switch (answer_) {
    case Answer::accepts:
        acknowledged(out.keys);
        return LKSTATS_OK;
    case Answer::acks_inside:
        must(lkstats_ack(&batch) == LKSTATS_OK, "ack inside on_batch");
        acknowledged(out.keys);
        return LKSTATS_EAGAIN;
    case Answer::nacks_inside:
        must(lkstats_nack(&batch) == LKSTATS_OK, "nack inside on_batch");
        given_back(out.keys);
        return LKSTATS_OK;
    case Answer::refuses:
        given_back(out.keys);
        return LKSTATS_EAGAIN;
    case Answer::throws:
        break;
    }
    given_back(out.keys);
    throw std::runtime_error("a consumer's");
}

void World::on_log(uint64_t, int32_t level, const char *message, uint64_t size) {
    say("log: %.*s", static_cast<int>(size), message);
    // Nothing is ever damaged here.
    must(level != LKSTATS_LOG_ERROR, "%.*s", static_cast<int>(size), message);
}

} // namespace lkstats::fuzz
