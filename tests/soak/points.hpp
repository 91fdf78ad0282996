// SPDX-License-Identifier: Apache-2.0
// A life that ends at a numbered point.
#pragma once

#include "compare.hpp"
#include "place.hpp"

extern "C" {
#include "random.h"
}

#include <string>
#include <vector>

namespace soak {

struct Point {
    uint64_t first;  // of the scenario, from 1
    uint64_t second; // of what recovers it
};

struct PointOutcome {
    unsigned kills = 0; // 0: the scenario has fewer points, 1: what recovered it had
    Figures figures;
    std::vector<std::string> wrong;
};

class Points {
  public:
    enum class What { step, call };
    enum class Consumer { pull, push, journal };
    Points(What what, Consumer consumer) : what_(what), consumer_(consumer) {}

    std::string name() const;
    PointOutcome run(Point point, const std::string &below) const;

  private:
    enum class End { killed, well, bad };
    End live(Place &place, uint32_t life, uint64_t point, bool drains) const;

    What what_;
    Consumer consumer_;
};

std::vector<Points> all_points();

} // namespace soak
