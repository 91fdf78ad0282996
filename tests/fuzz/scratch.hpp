// SPDX-License-Identifier: Apache-2.0
// A folder that is this process's alone, on a tmpfs where there is one, and what may be done with a folder.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lkstats::fuzz {

// Made at the first call in FUZZ_PLACE, or where there is memory, and gone with the process.
const std::string &scratch();
// One in it, empty, mode 0700.
std::string fresh_folder(const std::string &name);

using Bytes = std::vector<uint8_t>;
using Files = std::map<std::string, Bytes>; // by name

Files read_folder(const std::string &path);
void write_file(const std::string &folder, const std::string &name, const Bytes &bytes);
// That and nothing else is in it then.
void write_folder(const std::string &path, const Files &files);
std::vector<std::string> names_in(const std::string &path);
void empty_folder(const std::string &path);

constexpr uint64_t no_limit = ~uint64_t{0};
// No file can be written to past it: what a full disk looks like to a writer.
void limit_files(uint64_t bytes);

} // namespace lkstats::fuzz
