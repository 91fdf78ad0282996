// SPDX-License-Identifier: Apache-2.0
// Measures two things turn by turn with Google Benchmark, so that whatever else the machine does meets both.
#pragma once

#include "line.hpp"

#include <benchmark/benchmark.h>

#include <ctime>
#include <functional>

namespace bench {

using Body = std::function<void(benchmark::State &)>;

// What is timed by Google Benchmark: short and repeated for as long as it takes. Appends nanoseconds a pass.
void measure_loops(Line &line, int threads, const Body &ours, const Body &limit);

// What needs set-up between two passes and times itself with SetIterationTime. Appends the time in units of
// which there are so many in a second. limit may be empty: then the line has limits already.
struct Timed {
    int rounds;
    int passes; // in a round
    double units_per_second;
};
void measure_passes(Line &line, const Timed &timed, const Body &ours, const Body &limit);

// Processor time of the calling thread: everything timed here is done by the thread that asks for it, and
// the machine may be shared.
class Stopwatch {
  public:
    Stopwatch() : start_(now()) {}
    double seconds() const { return now() - start_; }

  private:
    static double now() {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    }
    double start_;
};

} // namespace bench
