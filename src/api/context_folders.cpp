// SPDX-License-Identifier: Apache-2.0
// The directories that a host names: opening slab_dir and journal_dir, and looking for the dead in the first.
#include "api/context.hpp"
#include "api/guard.hpp"
#include "api/process.hpp"

#include <cstring>

namespace lkstats::api {

bool Context::claim(const recover::Uuid &uuid) { return process_.claim(uuid); }
void Context::release(const recover::Uuid &uuid) { process_.release(uuid); }

lkstats_status_t Context::open_folders(os::Folder &for_directory) {
    const auto open = [](const std::string &path, os::Folder &folder) -> lkstats_status_t {
        folder = os::Folder(path);
        if (folder)
            return LKSTATS_OK;
        switch (errno) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return status_of_errno();
        default:
            return LKSTATS_EDIR;
        }
    };
    if (!slab_dir_.empty()) {
        if (const auto status = open(slab_dir_, for_directory); status != LKSTATS_OK)
            return status;
        if (for_directory.on_disk())
            log(LKSTATS_LOG_WARNING,
                "slab_dir " + slab_dir_ + " is on a disk, not in memory: adds wait for it now and then");
    }
    if (!journal_dir_.empty()) {
        os::Folder folder;
        if (const auto status = open(journal_dir_, folder); status != LKSTATS_OK)
            return status;
        journal::Origin own;
        std::memcpy(own.context, uuid_, sizeof own.context);
        own.node = node_;
        own.analytics_key = analytics_key_;
        journal::Options how;
        if (options_.journal_segment_bytes != 0)
            how.segment_bytes = options_.journal_segment_bytes;
        if (options_.journal_segment_age_ms != 0)
            how.segment_age_ns = int64_t{options_.journal_segment_age_ms} * 1'000'000;
        how.keep_bytes = options_.journal_keep_bytes;
        how.keep_segments = options_.journal_keep_segments;
        how.sync = (options_.flags & LKSTATS_JOURNAL_SYNC) != 0;
        journal_ = std::make_unique<journal::Writer>(std::move(folder), own, how);
    }
    return LKSTATS_OK;
}

void Context::look_for_dead() {
    if (directory_.outlives() && reports() && !looked_.test_and_set())
        recoverer_.scan(directory_.folder(), consumer());
}

} // namespace lkstats::api
