// SPDX-License-Identifier: Apache-2.0
// One interval in which every track moved: frozen, delivered, acknowledged. Beside it the same bytes go
// through memory with nothing computed.
#include "bench.hpp"
#include "mapping.hpp"
#include "rounds.hpp"

#include "lkstats_slab.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace bench {

namespace {

constexpr Timed timed{.rounds = 11, .passes = 1, .units_per_second = 1e3};

constexpr size_t cache_line = 64;

enum class Form { structs, structs_and_stats };

struct Delivered {
    uint64_t records = 0;
    uint64_t stats_bytes = 0;
};

uint64_t identity_bytes(const lkstats_record_t &record) {
    return record.country.size + record.room_sid.size + record.room_name.size + record.participant_sid.size +
           record.participant_identity.size + record.track_id.size + record.tenant.size +
           record.kind_details_count * sizeof *record.kind_details;
}

// All that the C structs of a batch consist of.
uint64_t struct_bytes(const lkstats_batch_t &batch) {
    uint64_t bytes = 0;
    const auto *at = reinterpret_cast<const char *>(batch.records);
    for (uint32_t i = 0; i < batch.record_count; i++, at += batch.record_size)
        bytes += sizeof(lkstats_record_t) + identity_bytes(*reinterpret_cast<const lkstats_record_t *>(at));
    return bytes;
}

uint64_t stats_bytes(const lkstats_batch_t &batch) {
    const uint8_t *data = nullptr;
    uint64_t size = 0;
    must(lkstats_batch_analytics_stats(&batch, &data, &size), "lkstats_batch_analytics_stats");
    return size;
}

void add_on_each(const Host &host) {
    for (const lkstats_track_t track : host.tracks())
        must(lkstats_add_bytes(track, 1200, 1), "lkstats_add_bytes");
}

void expect_all(const Host &host, uint64_t records) {
    if (records == host.tracks().size())
        return;
    std::fprintf(stderr, "lkstats_bench: %zu tracks made %llu reports\n", host.tracks().size(),
                 static_cast<unsigned long long>(records));
    std::exit(EXIT_FAILURE);
}

// The output of one report a track, per track, in whole words. It also brings the host to its steady state.
size_t output_bytes(Host &host, Form form) {
    uint64_t records = 0, bytes = 0;
    add_on_each(host);
    host.advance(Host::interval_ms);
    host.drain([&](const lkstats_batch_t &batch) {
        records += batch.record_count;
        bytes += struct_bytes(batch) + (form == Form::structs_and_stats ? stats_bytes(batch) : 0);
    });
    expect_all(host, records);
    return bytes / records & ~size_t{7};
}

void report(Host &host, Form form) {
    uint64_t records = 0;
    host.advance(Host::interval_ms);
    host.drain([&](const lkstats_batch_t &batch) {
        records += batch.record_count;
        if (form == Form::structs_and_stats)
            benchmark::DoNotOptimize(stats_bytes(batch));
    });
    expect_all(host, records);
}

// The memory that one report of every track cannot do without.
class Stream {
  public:
    Stream(size_t tracks, size_t output)
        : slots_(tracks), records_(tracks), output_size_(output), output_(new uint8_t[tracks * output]) {
        std::memset(output_.get(), 1, tracks * output);
        std::memset(records_.items().data(), 1, tracks * sizeof(lkstats_slab_record_t));
    }

    // Hot line read and written, record read, one of its snapshots written, output written.
    void run() {
        uint8_t *output = output_.get();
        for (size_t i = 0; i < slots_.items().size(); i++, output += output_size_) {
            lkstats_slab_slot_t &slot = slots_.items()[i];
            std::memcpy(slot.last, slot.word, sizeof slot.last);
            lkstats_slab_record_t &record = records_.items()[i];
            const uint64_t sum = read(record);
            std::memset(&record.snapshot[0], static_cast<int>(sum), sizeof record.snapshot[0]);
            std::memset(output, static_cast<int>(sum), output_size_);
        }
        benchmark::ClobberMemory();
    }

  private:
    // One word of each line brings all of it.
    static uint64_t read(const lkstats_slab_record_t &record) {
        const auto *bytes = reinterpret_cast<const unsigned char *>(&record);
        uint64_t sum = 0;
        for (size_t at = 0; at < sizeof record; at += cache_line) {
            uint64_t word;
            std::memcpy(&word, bytes + at, sizeof word);
            sum ^= word;
        }
        return sum;
    }

    Mapping<lkstats_slab_slot_t> slots_;
    Mapping<lkstats_slab_record_t> records_;
    size_t output_size_;
    std::unique_ptr<uint8_t[]> output_;
};

void measure(Host &host, Form form, const char *what, const Finished &finished) {
    Stream stream(host.tracks().size(), output_bytes(host, form));
    const Body ours = [&host, form](benchmark::State &state) {
        for (auto _ : state) {
            add_on_each(host);
            const Stopwatch watch;
            report(host, form);
            state.SetIterationTime(watch.seconds());
        }
    };
    const Body limit = [&stream](benchmark::State &state) {
        for (auto _ : state) {
            const Stopwatch watch;
            stream.run();
            state.SetIterationTime(watch.seconds());
        }
    };
    Line line{what, "ms", 2.0, {}, {}};
    measure_passes(line, timed, ours, limit);
    finished(std::move(line));
}

} // namespace

void measure_reports(Host &host, const Finished &finished) {
    host.drain();
    measure(host, Form::structs, "report of 10^6 tracks, C structs / streaming its bytes", finished);
    measure(host, Form::structs_and_stats, "report of 10^6 tracks, AnalyticsStats too / streaming", finished);
}

} // namespace bench
