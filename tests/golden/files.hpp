// SPDX-License-Identifier: Apache-2.0
// The recorded files of a folder, plain or gzipped.
#pragma once

#include "trace.hpp"

#include <filesystem>

namespace golden {

// The traces_*.jsonl of a folder, by name.
std::vector<std::filesystem::path> trace_files(const std::filesystem::path &folder);
std::vector<Trace> read_traces(const std::filesystem::path &file);
// Nothing, where the folder has no such file.
std::vector<Flush> read_flushes(const std::filesystem::path &folder);
std::vector<TrackId> read_track_ids(const std::filesystem::path &folder);

} // namespace golden
