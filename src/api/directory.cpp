// SPDX-License-Identifier: Apache-2.0
#include "api/directory.hpp"

#include "api/guard.hpp"
#include "os/memory.hpp"
#include "os/owner.hpp"
#include "os/system.hpp"
#include "slab/names.hpp"

#include <atomic>
#include <cstring>

namespace lkstats::api {

namespace {

constexpr size_t size = (sizeof(lkstats_slab_directory_t) + os::granule - 1) / os::granule * os::granule;

void put(int64_t &cell, int64_t value) { std::atomic_ref(cell).store(value, std::memory_order_relaxed); }

} // namespace

Directory::~Directory() { os::unreserve(map_, size); }

lkstats_status_t Directory::make(os::Folder folder, const uint8_t (&context)[16],
                                 const lkstats_options_t &options, lkstats_time_t opened) {
    std::memcpy(context_, context, sizeof context_);
    folder_ = std::move(folder);
    if (folder_) {
        file_ = folder_.create(slab::file_name(context_, "dir"));
        // Locked before it says what it is; whoever finds one that does not leaves it alone for a while.
        if (file_ && (!os::lock(file_, LKSTATS_SLAB_LOCK_OWNER) || !os::enlarge(file_, size)))
            return status_of_errno();
    } else {
        file_ = os::memory_file(slab::file_name(context_, "dir").c_str(), size);
    }
    if (!file_)
        return status_of_errno();
    map_ = static_cast<lkstats_slab_directory_t *>(os::reserve(size, true));
    if (map_ == nullptr || !os::allocate(file_, 0, size) || !os::map_shared(map_, size, file_, 0))
        return LKSTATS_ENOMEM;
    os::keep_from_children(map_, size);
    os::populate(map_, size);
    ready_ = true;
    if (!folder_)
        os::seal(file_);
    lkstats_slab_directory_t &d = *map_;
    d.version = LKSTATS_SLAB_VERSION;
    d.size = sizeof d;
    std::memcpy(d.context, context, sizeof d.context);
    os::Owner me;
    if (outlives())
        me = os::myself();
    else
        me.pid = os::process_id(); // who finds these has found the process
    d.owner_pid = me.pid;
    d.owner_start = me.start;
    d.owner_pid_namespace = me.pid_namespace;
    std::memcpy(d.boot, me.boot, sizeof d.boot);
    d.opened = d.alive = opened;
    d.report_interval_ms = options.report_interval_ms;
    d.node_size = static_cast<uint32_t>(options.node.size);
    d.analytics_key_size = static_cast<uint32_t>(options.analytics_key.size);
    if (d.node_size != 0)
        std::memcpy(d.node, options.node.data, d.node_size);
    if (d.analytics_key_size != 0)
        std::memcpy(d.analytics_key, options.analytics_key.data, d.analytics_key_size);
    uint64_t magic;
    std::memcpy(&magic, "lkstats", sizeof magic);
    std::atomic_ref(*reinterpret_cast<uint64_t *>(d.magic)).store(magic, std::memory_order_release);
    return LKSTATS_OK;
}

os::Descriptor Directory::chunk_file(track::Kind kind, uint32_t number, size_t bytes) {
    const std::string chunk = slab::chunk_name(context_, kind == track::Kind::slots, number);
    if (!folder_)
        return os::memory_file(chunk.c_str(), bytes);
    os::Descriptor file = folder_.create(chunk);
    // It can only be our own, of a time when there was no memory for it.
    if (!file && errno == EEXIST && folder_.remove(chunk))
        file = folder_.create(chunk);
    if (file && !os::enlarge(file, bytes)) {
        const int error = errno;
        folder_.remove(chunk);
        errno = error;
        return {};
    }
    return file;
}

void Directory::add(track::Kind kind, lkstats_slab_chunk_t chunk) {
    const bool slots = kind == track::Kind::slots;
    uint32_t &count = slots ? map_->slot_chunks : map_->record_chunks;
    (slots ? map_->slots : map_->records)[count] = chunk;
    std::atomic_ref(count).store(count + 1, std::memory_order_release);
}

void Directory::alive(lkstats_time_t now) {
    put(map_->alive.monotonic_ns, now.monotonic_ns);
    put(map_->alive.wall_ns, now.wall_ns);
}

// What can't be removed, or whose name finds no memory, is left for the next context: it finds the directory, which is
// the last to go, and sees that all is over.
void Directory::remove() {
    if (!folder_ || !file_)
        return;
    guard([&] {
        bool gone = true;
        if (ready_) {
            std::atomic_ref(map_->over).store(LKSTATS_SLAB_OVER, std::memory_order_release);
            for (const bool slots : {true, false})
                // One more may have been made and not come to count.
                for (uint32_t i = 0; i <= (slots ? map_->slot_chunks : map_->record_chunks); ++i)
                    gone = (folder_.remove(slab::chunk_name(context_, slots, i)) || errno == ENOENT) && gone;
        }
        if (gone)
            folder_.remove(slab::file_name(context_, "dir"));
        return LKSTATS_OK;
    });
}

} // namespace lkstats::api
