// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <utility>

namespace golden {

namespace {

constexpr uint64_t packets_most = INT32_MAX;
constexpr int64_t start_ns = 1000 * second_ns;
constexpr int64_t start_wall_ns = 1'700'000'000 * second_ns;
const std::string node = "ND_golden";
const std::string analytics_key = "golden";

void must(bool holds, const std::string &what) {
    if (!holds)
        throw Mismatch(what);
}

std::string copy(lkstats_string_t text) {
    return text.size ? std::string(text.data, text.size) : std::string();
}

Timestamp timestamp(int64_t wall_ns) { return {wall_ns / second_ns, wall_ns % second_ns}; }

Record copy(const lkstats_record_t &from) {
    Record record{
        .kind = from.key.kind, .epoch = from.key.epoch, .flags = from.flags, .channel = from.channel};
    record.handle = uint64_t{from.key.tag} << 32 | from.key.slot;
    record.start = from.start;
    record.end = from.end;
    record.window = traffic(from.window);
    record.running = traffic(from.running);
    record.country = copy(from.country);
    record.room = {copy(from.room_sid), copy(from.room_name)};
    record.participant = {copy(from.participant_sid), copy(from.participant_identity), {}};
    record.participant.kind.code = from.participant_kind;
    if (from.kind_details_count != 0)
        record.participant.kind.details.assign(from.kind_details,
                                               from.kind_details + from.kind_details_count);
    record.track_id = copy(from.track_id);
    return record;
}

// Moves the stats of one direction of a record to it.
void take_stats(Record &record, size_t direction, std::vector<Stat>::iterator &at,
                const std::vector<Stat>::iterator &end) {
    Count left = record.window.by[direction];
    if (left == Count{})
        return;
    do {
        must(at != end, "a record lacks a stat");
        Stat &stat = *at++;
        must(stat.streams.size() == 1, "a stat has not one stream");
        const Stream &stream = stat.streams[0];
        must(stream.packets <= packets_most && stream.bytes <= INT64_MAX,
             "a stat is negative as a signed number");
        must(stream.packets <= left.messages && stream.bytes <= left.bytes,
             "the stats have more than their record");
        left.messages -= stream.packets;
        left.bytes -= stream.bytes;

        Stat expected{
            .analytics_key = analytics_key, .kind = direction, .time = timestamp(record.end.wall_ns)};
        expected.node = node;
        expected.room_sid = record.room.sid;
        expected.room_name = record.room.name;
        expected.participant_sid = record.participant.sid;
        expected.track_id = record.track_id;
        expected.id = stat.id;
        expected.streams = {
            {stream.packets, stream.bytes, timestamp(record.start.wall_ns), timestamp(record.end.wall_ns)}};
        must(stat == expected,
             "a stat is not its record's\n    is       " + text(stat) + "\n    expected " + text(expected));
        record.stats.push_back(std::move(stat));
    } while (left != Count{});
}

} // namespace

lkstats_string_t string(const std::string &text) { return {text.data(), text.size()}; }

Traffic traffic(const lkstats_traffic_t &traffic) {
    Traffic both;
    both.by[recv] = {traffic.recv_bytes, traffic.recv_messages};
    both.by[send] = {traffic.send_bytes, traffic.send_messages};
    return both;
}

void must_be_ok(lkstats_status_t status, const char *call) {
    must(status == LKSTATS_OK, std::string(call) + " answered " + lkstats_status_name(status));
}

Host::Host(uint32_t report_interval_ms) : now_{start_ns, start_wall_ns} {
    lkstats_options_t options{.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    options.report_interval_ms = report_interval_ms;
    options.max_tracks = 2;
    options.node = string(node);
    options.analytics_key = string(analytics_key);
    must_be_ok(lkstats_open(&options, &context_), "lkstats_open");
    run();
}

Host::~Host() {
    if (context_)
        lkstats_close(context_, LKSTATS_ABANDON, nullptr);
}

void Host::advance(int64_t ns) {
    now_.monotonic_ns += ns;
    now_.wall_ns += ns;
}

void Host::run() {
    must_be_ok(lkstats_run_once(context_, now_.monotonic_ns, now_.wall_ns), "lkstats_run_once");
}

std::vector<Record> Host::take() {
    std::vector<Record> records;
    take_into(records);
    return records;
}

void Host::take_into(std::vector<Record> &records) {
    lkstats_batch_t batch{.struct_size = sizeof batch};
    lkstats_status_t status;
    while ((status = lkstats_next(context_, &batch)) == LKSTATS_OK) {
        const uint8_t *data = nullptr;
        uint64_t size = 0;
        must_be_ok(lkstats_batch_analytics_stats(&batch, &data, &size), "lkstats_batch_analytics_stats");
        std::vector<Stat> stats = read_stats({data, size});
        auto at = stats.begin();
        for (uint32_t i = 0; i < batch.record_count; ++i) {
            const char *item = reinterpret_cast<const char *>(batch.records) + size_t{i} * batch.record_size;
            Record record = copy(*reinterpret_cast<const lkstats_record_t *>(item));
            take_stats(record, recv, at, stats.end());
            take_stats(record, send, at, stats.end());
            must_add_up(record);
            records.push_back(std::move(record));
        }
        must(at == stats.end(), "a batch has a stat too many: " + (at == stats.end() ? "" : text(*at)));
        must_be_ok(lkstats_ack(&batch), "lkstats_ack");
    }
    must(status == LKSTATS_EAGAIN || status == LKSTATS_EOF,
         std::string("lkstats_next answered ") + lkstats_status_name(status));
}

void Host::must_add_up(const Record &record) {
    Traffic &sum = running_[{record.handle, record.epoch}];
    for (size_t direction : {recv, send}) {
        sum.by[direction].bytes += record.window.by[direction].bytes;
        sum.by[direction].messages += record.window.by[direction].messages;
    }
    must(record.running == sum, "the running totals of epoch " + std::to_string(record.epoch) + " are " +
                                    text(record.running) + ", its windows' sum is " + text(sum));
    for (const Stat &stat : record.stats) {
        must(stat.id.starts_with("AS_"), "the id of a stat is " + stat.id);
        must(stat_ids_.insert(stat.id).second, "two stats have the id " + stat.id);
    }
}

std::vector<Record> Host::settle() {
    std::vector<Record> records;
    size_t before = 0;
    do {
        before = records.size();
        run();
        take_into(records);
    } while (records.size() != before);
    return records;
}

std::vector<Record> Host::close() {
    std::vector<Record> records;
    lkstats_residue_t residue{.struct_size = sizeof residue};
    lkstats_status_t status = LKSTATS_ETIMEDOUT;
    for (int round = 0; round < 10 && status == LKSTATS_ETIMEDOUT; ++round) {
        status = lkstats_close(context_, 0, &residue);
        if (status == LKSTATS_ETIMEDOUT)
            take_into(records);
    }
    must_be_ok(status, "lkstats_close");
    context_ = nullptr;
    must(residue.tracks == 0 && traffic(residue.traffic) == Traffic{},
         "the context was closed with something left");
    return records;
}

} // namespace golden
