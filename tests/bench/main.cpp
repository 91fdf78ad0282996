// SPDX-License-Identifier: Apache-2.0
// lkstats_bench [--json] [memory|add|churn|sweep|report]...: measures lkstats against what it could cost at
// best, both in the same run, and shows one line each. Exits with 0 whatever the figures are.
#include "bench.hpp"
#include "table.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view subjects[] = {"memory", "add", "churn", "sweep", "report"};

struct Wanted {
    bool json = false;
    std::vector<std::string_view> subjects;

    bool has(std::string_view subject) const {
        return subjects.empty() || std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
    }
};

Wanted parse(int argc, char **argv) {
    Wanted wanted;
    for (int i = 1; i < argc; i++) {
        const std::string_view argument = argv[i];
        if (argument == "--json") {
            wanted.json = true;
        } else if (std::find(std::begin(subjects), std::end(subjects), argument) != std::end(subjects)) {
            wanted.subjects.push_back(argument);
        } else {
            std::fprintf(stderr, "usage: lkstats_bench [--json] [memory|add|churn|sweep|report]...\n");
            std::exit(EXIT_FAILURE);
        }
    }
    return wanted;
}

void measure(const Wanted &wanted, const bench::Finished &finished) {
    if (wanted.has("memory"))
        bench::measure_memory(finished);
    if (wanted.has("add"))
        bench::measure_adds(finished);
    if (wanted.has("churn"))
        bench::measure_churn(finished);
    if (!wanted.has("sweep") && !wanted.has("report"))
        return;
    bench::Host host;
    host.start_many(bench::million);
    if (wanted.has("sweep"))
        bench::measure_sweep(host, finished);
    if (wanted.has("report"))
        bench::measure_reports(host, finished);
}

} // namespace

int main(int argc, char **argv) {
    const Wanted wanted = parse(argc, argv);
    int no_arguments = 1;
    benchmark::Initialize(&no_arguments, argv);
    std::vector<bench::Line> lines;
    if (!wanted.json)
        bench::print_table_head();
    measure(wanted, [&](bench::Line line) {
        if (!wanted.json)
            bench::print_table_row(line);
        lines.push_back(std::move(line));
    });
    if (wanted.json)
        bench::print_json(lines);
}
