// SPDX-License-Identifier: Apache-2.0
#include "rounds.hpp"

#include <cstdio>
#include <cstdlib>

namespace bench {

namespace {

constexpr int loop_rounds = 25;
constexpr double loop_seconds = 0.02;

// Hands every run to its side of a line.
class Collector : public benchmark::BenchmarkReporter {
  public:
    Collector(Line &line, bool self_timed, double units_per_second)
        : line_(line), self_timed_(self_timed), units_per_second_(units_per_second) {}

    bool ReportContext(const Context &) override { return true; }
    void ReportRuns(const std::vector<Run> &runs) override {
        for (const Run &run : runs)
            collect(run);
    }

  private:
    void collect(const Run &run) {
        if (run.error_occurred) {
            std::fprintf(stderr, "lkstats_bench: %s: %s\n", line_.what.c_str(), run.error_message.c_str());
            std::exit(EXIT_FAILURE);
        }
        const double seconds = self_timed_ ? run.real_accumulated_time : run.cpu_accumulated_time;
        auto &side = run.run_name.function_name == "ours" ? line_.ours : line_.limit;
        side.push_back(seconds / static_cast<double>(run.iterations) * units_per_second_);
    }

    Line &line_;
    bool self_timed_;
    double units_per_second_;
};

// One repetition of each registered side at a time, in turn: Google Benchmark's own interleaving is random,
// and may run many of one side in a row.
void alternate(int rounds, Collector &collector) {
    for (int round = 0; round < rounds; round++)
        benchmark::RunSpecifiedBenchmarks(&collector, "all");
    benchmark::ClearRegisteredBenchmarks();
}

} // namespace

void measure_loops(Line &line, int threads, const Body &ours, const Body &limit) {
    benchmark::RegisterBenchmark("ours", ours)->Threads(threads)->MinTime(loop_seconds);
    benchmark::RegisterBenchmark("limit", limit)->Threads(threads)->MinTime(loop_seconds);
    Collector collector(line, false, 1e9);
    alternate(loop_rounds, collector);
}

void measure_passes(Line &line, const Timed &timed, const Body &ours, const Body &limit) {
    benchmark::RegisterBenchmark("ours", ours)->UseManualTime()->Iterations(timed.passes);
    if (limit)
        benchmark::RegisterBenchmark("limit", limit)->UseManualTime()->Iterations(timed.passes);
    Collector collector(line, true, timed.units_per_second);
    alternate(timed.rounds, collector);
}

} // namespace bench
