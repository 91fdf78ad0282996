// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include "json.hpp"

#include <algorithm>
#include <memory>
#include <zlib.h>

namespace golden {

namespace {

namespace fs = std::filesystem;

// zlib reads what is not gzipped as it is.
std::string read(const fs::path &file) {
    const std::unique_ptr<gzFile_s, decltype(&gzclose)> in(gzopen(file.c_str(), "rb"), gzclose);
    if (!in)
        throw Mismatch(file.string() + " cannot be opened");
    std::string all;
    char piece[1 << 16];
    int size = 0;
    while ((size = gzread(in.get(), piece, sizeof piece)) > 0)
        all.append(piece, static_cast<size_t>(size));
    int error = Z_OK;
    gzerror(in.get(), &error);
    if (size < 0 || error != Z_OK)
        throw Mismatch(file.string() + " cannot be read");
    return all;
}

template <class Item> std::vector<Item> by_line(const fs::path &file, Item (*parse)(std::string_view)) {
    const std::string all = read(file);
    std::vector<Item> items;
    for (size_t at = 0, number = 1; at < all.size(); ++number) {
        const size_t end = std::min(all.find('\n', at), all.size());
        try {
            if (end != at)
                items.push_back(parse(std::string_view(all).substr(at, end - at)));
        } catch (const std::exception &error) {
            throw Mismatch(file.string() + ":" + std::to_string(number) + ": " + error.what());
        }
        at = end + 1;
    }
    return items;
}

std::optional<fs::path> find(const fs::path &folder, const char *name) {
    for (const char *ending : {"", ".gz"})
        if (fs::exists(folder / (std::string(name) + ending)))
            return folder / (std::string(name) + ending);
    return std::nullopt;
}

} // namespace

std::vector<fs::path> trace_files(const fs::path &folder) {
    std::vector<fs::path> files;
    for (const auto &entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("traces_") && (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")))
            files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

std::vector<Trace> read_traces(const fs::path &file) { return by_line(file, parse_trace); }

std::vector<Flush> read_flushes(const fs::path &folder) {
    const auto file = find(folder, "flush.jsonl");
    return file ? by_line(*file, parse_flush) : std::vector<Flush>{};
}

std::vector<TrackId> read_track_ids(const fs::path &folder) {
    const auto file = find(folder, "track_ids.json");
    return file ? parse_track_ids(read(*file)) : std::vector<TrackId>{};
}

} // namespace golden
