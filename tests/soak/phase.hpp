// SPDX-License-Identifier: Apache-2.0
// A phase of a soak: some lives of hosts on one slab_dir, each ended by a kill, then one that reports what they left, and
// then the comparison.
#pragma once

#include "compare.hpp"
#include "life.hpp"
#include "place.hpp"

extern "C" {
#include "random.h"
}

#include <cstdint>
#include <string>
#include <vector>

namespace soak {

// A program that can be host. Those in C know more ways than the others.
struct Program {
    std::string name;
    std::string path;
    bool everything;
};

struct Outcome {
    Figures figures;
    uint64_t kills = 0;
    std::vector<std::string> wrong; // nothing: it is well
    std::string story;              // which kind of phase it was
};

class Phase {
  public:
    // drainer: the host in C.
    Phase(const Program &program, const std::string &drainer, const std::string &below, uint64_t seed);
    Outcome run(uint64_t kills);
    Place &place() { return place_; }

  private:
    std::vector<std::string> words(const std::string &path, bool drains);
    std::string describe() const;
    void live_and_be_killed();
    void drain();
    void await_adds(std::vector<Life> &lives, uint64_t more);
    void collect();
    bool well();
    uint64_t adds() const;

    const Program &program_;
    std::string drainer_;
    uint64_t seed_;
    soak_random random_;
    Place place_;
    bool journal_, push_, virtual_time_, child_;
    int childs_end_[2] = {-1, -1};
    uint32_t lives_ = 0;
    Outcome outcome_;
};

} // namespace soak
