// SPDX-License-Identifier: Apache-2.0
#include "journal/writer.hpp"

#include "journal/encoder.hpp"
#include "journal/retention.hpp"
#include "journal/segment.hpp"
#include "os/memory.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>

namespace lkstats::journal {

struct Writer::Inside {
    Inside(os::Folder &&in, Origin &&of, const Options &with)
        : folder(std::move(in)), own(std::move(of)), options(with) {}

    bool append(std::span<const lkstats_record_t> records, const Origin &origin, const lkstats_time_t &now);
    bool begin(const lkstats_time_t &now);
    bool encode(std::span<const lkstats_record_t> records, const Origin &origin,
                std::span<const uint8_t> &frame);
    bool fits(uint64_t bytes) const {
        return segment.size() + bytes <= std::min<uint64_t>(options.segment_bytes, os::file_size_limit());
    }
    bool too_old(const lkstats_time_t &now) const {
        return options.segment_age_ns != 0 &&
               now.monotonic_ns - segment.created().monotonic_ns > options.segment_age_ns;
    }
    void end();
    void note(bool done, size_t records);

    const os::Folder folder;
    const Origin own;
    const Options options;
    Segment segment;
    uint32_t number = 1; // of the segment, or of the next one
    Encoder encoder;     // of the segment

    mutable std::mutex mutex; // of figures
    Figures figures;
};

Writer::Writer(os::Folder folder, Origin own, const Options &options)
    : inside_(std::make_unique<Inside>(std::move(folder), std::move(own), options)) {}

Writer::~Writer() { inside_->segment.end(inside_->folder); }

bool Writer::write(std::span<const lkstats_record_t> records, const Origin &origin, lkstats_time_t now) {
    if (records.empty())
        return true;
    bool done = false;
    try {
        done = inside_->append(records, origin, now);
    } catch (...) {
        inside_->note(false, 0);
        throw;
    }
    inside_->note(done, records.size());
    return done;
}

bool Writer::Inside::append(std::span<const lkstats_record_t> records, const Origin &origin,
                            const lkstats_time_t &now) {
    if (segment && (too_old(now) || segment.removed()))
        end();
    std::span<const uint8_t> frame;
    if (segment && !encode(records, origin, frame))
        return false;
    if (segment && !fits(frame.size())) {
        encoder.drop();
        end();
    }
    if (!segment && (!begin(now) || !encode(records, origin, frame)))
        return false;

    const bool first = segment.empty();
    if (!segment.append(frame, options.sync)) {
        const int error = errno;
        encoder.drop();
        if (segment.spoilt())
            end();
        errno = error;
        return false;
    }
    encoder.keep();
    std::lock_guard lock(mutex);
    figures.written_bytes += frame.size();
    if (first) {
        ++figures.segments;
        figures.written_bytes += sizeof(lkstats_journal_segment_t);
    }
    return true;
}

bool Writer::Inside::encode(std::span<const lkstats_record_t> records, const Origin &origin,
                            std::span<const uint8_t> &frame) {
    frame = encoder.encode(records, origin);
    if (frame.size() <= LKSTATS_JOURNAL_FRAME_MAX)
        return true;
    encoder.drop();
    errno = EFBIG;
    return false;
}

// Before it room is made, also where that is needed because the disk is full.
bool Writer::Inside::begin(const lkstats_time_t &now) {
    Kept kept;
    const bool looked = make_room(folder, options.keep_bytes, options.keep_segments, kept);
    encoder.begin(own.context, now);
    // Only one that was given up and could not be removed is in the way.
    bool begun = segment.begin(folder, own, number, now);
    for (int tries = 0; !begun && errno == EEXIST && tries < 16; ++tries)
        begun = segment.begin(folder, own, ++number, now);
    // What is to be on the disk has to have its name there.
    if (begun && options.sync && !folder.sync()) {
        const int error = errno;
        segment.end(folder);
        errno = error;
        begun = false;
    }
    std::lock_guard lock(mutex);
    if (looked) {
        figures.directory_bytes = kept.bytes;
        figures.directory_segments = kept.segments;
        figures.removed_bytes += kept.removed_bytes;
        figures.removed_segments += kept.removed_segments;
    }
    if (begun) {
        figures.directory_bytes += segment.size();
        ++figures.directory_segments;
    }
    return begun;
}

void Writer::Inside::end() {
    if (!segment.empty())
        ++number;
    segment.end(folder);
}

void Writer::Inside::note(bool done, size_t records) {
    std::lock_guard lock(mutex);
    figures.failing = !done;
    if (done)
        figures.written_records += records;
    else
        ++figures.failed_writes;
}

Figures Writer::figures() const {
    std::lock_guard lock(inside_->mutex);
    return inside_->figures;
}

} // namespace lkstats::journal
