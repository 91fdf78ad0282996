// SPDX-License-Identifier: Apache-2.0
#include "journal/retention.hpp"

#include "journal/header.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <tuple>

namespace lkstats::journal {

namespace {

struct Old {
    int64_t written;
    uint64_t bytes;
    std::string name;
    bool operator<(const Old &other) const {
        return std::tie(written, name) < std::tie(other.written, other.name);
    }
};

// All segments of this user's, the oldest first. False: some can't be looked at now, and the oldest may be among them.
bool look(const os::Folder &folder, std::vector<Old> &found) {
    std::vector<std::string> names;
    if (!folder.list(name_prefix, names))
        return false;
    for (std::string &name : names) {
        if (!name.ends_with(name_suffix))
            continue;
        const os::Descriptor file = folder.open(name);
        if (!file && os::nothing_of_ours(errno))
            continue;
        const int64_t bytes = file ? os::size_of(file) : -1;
        const int64_t written = bytes >= 0 ? os::written_ns(file) : 0;
        if (written == 0)
            return false;
        found.push_back({written, static_cast<uint64_t>(bytes), std::move(name)});
    }
    std::sort(found.begin(), found.end());
    return true;
}

enum class Removed { yes, a_writer_has_it, failed };
// The lock is held until it is gone, so that nobody takes it for one that a writer has.
Removed remove(const os::Folder &folder, const std::string &name) {
    const os::Descriptor file = folder.open(name);
    if (!file)
        return errno == ENOENT ? Removed::yes : Removed::failed;
    if (!os::lock(file, LKSTATS_JOURNAL_LOCK_WRITER))
        return errno == EAGAIN || errno == EACCES ? Removed::a_writer_has_it : Removed::failed;
    return folder.remove(name) ? Removed::yes : Removed::failed;
}

} // namespace

bool make_room(const os::Folder &folder, uint64_t keep_bytes, uint32_t keep_segments, Kept &kept) try {
    std::vector<Old> found;
    if (!look(folder, found))
        return false;
    kept = {};
    kept.segments = found.size();
    for (const Old &old : found)
        kept.bytes += old.bytes;
    for (const Old &old : found) {
        const bool bytes_fit = keep_bytes == 0 || kept.bytes <= keep_bytes;
        const bool segments_fit = keep_segments == 0 || kept.segments < keep_segments;
        if (bytes_fit && segments_fit)
            break;
        const Removed removed = remove(folder, old.name);
        if (removed == Removed::failed)
            break; // nothing newer goes before it
        if (removed == Removed::a_writer_has_it)
            continue;
        kept.bytes -= old.bytes;
        --kept.segments;
        kept.removed_bytes += old.bytes;
        ++kept.removed_segments;
    }
    return true;
} catch (const std::bad_alloc &) {
    return false;
}

} // namespace lkstats::journal
