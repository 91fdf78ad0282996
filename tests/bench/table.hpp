// SPDX-License-Identifier: Apache-2.0
// The lines as a person reads them, and as a program does.
#pragma once

#include "line.hpp"

#include <vector>

namespace bench {

void print_table_head();
void print_table_row(const Line &line);
void print_json(const std::vector<Line> &lines);

} // namespace bench
