// SPDX-License-Identifier: Apache-2.0
// One recorded object from its JSON. What is missing, of another type, or has a number that is not whole, throws.
#pragma once

#include "trace.hpp"

#include <string_view>

namespace golden {

Trace parse_trace(std::string_view json);
Flush parse_flush(std::string_view json);
std::vector<TrackId> parse_track_ids(std::string_view json);

// The text as a JSON string, quotes included.
std::string json_string(std::string_view text);

} // namespace golden
