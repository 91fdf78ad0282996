// SPDX-License-Identifier: Apache-2.0
#include "journal/segment.hpp"

#include "slab/mutant.hpp"

#include <cerrno>

namespace lkstats::journal {

namespace {

// Whether it has no name any more, for certain; then errno is ENOENT.
bool unlinked(const os::Descriptor &file) {
    errno = 0;
    if (os::linked(file) || errno != 0)
        return false;
    errno = ENOENT;
    return true;
}

// Later there may be room.
bool passing(int error) { return error == ENOSPC || error == EDQUOT; }

} // namespace

bool Segment::begin(const os::Folder &folder, const Origin &own, uint32_t number,
                    const lkstats_time_t &created) {
    std::string name = segment_name(own.context, number);
    const lkstats_journal_segment_t header = encode_header(own, number, created);
    os::Descriptor file = folder.create(name);
    if (!file)
        return false;
    // Whoever removes old segments may have been faster than the lock: then it fails, or the file has no name.
    if (!os::lock(file, LKSTATS_JOURNAL_LOCK_WRITER) || unlinked(file) ||
        !os::write_at(file, {reinterpret_cast<const uint8_t *>(&header), sizeof header}, 0)) {
        const int error = errno;
        folder.remove(name);
        errno = error;
        return false;
    }
    name_ = std::move(name);
    file_ = std::move(file);
    size_ = sizeof header;
    created_ = created;
    spoilt_ = false;
    return true;
}

bool Segment::append(std::span<const uint8_t> frame, bool sync) {
    const bool written = os::write_at(file_, frame, size_);
    if (written && (!sync || os::sync(file_))) {
        size_ += frame.size();
        return true;
    }
    const int error = errno;
    if (mutant(Mutant::half)) {
        size_ += frame.size() / 2;
        return false;
    }
    // After a sync that failed nobody knows what of the file is on the disk.
    spoilt_ = !os::cut(file_, size_) || written || !passing(error);
    errno = error;
    return false;
}

bool Segment::removed() const { return unlinked(file_); }

void Segment::end(const os::Folder &folder) {
    if (file_ && empty())
        folder.remove(name_);
    file_ = {};
}

} // namespace lkstats::journal
