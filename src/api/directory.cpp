// SPDX-License-Identifier: Apache-2.0
#include "api/directory.hpp"

#include "api/guard.hpp"
#include "os/memory.hpp"
#include "os/system.hpp"

#include <atomic>
#include <cstring>

namespace lkstats::api {

std::string memory_name(const uint8_t (&context)[16], const std::string &what) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string name = "lkstats:";
    for (size_t i = 0; i < sizeof context; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            name += '-';
        name += digits[context[i] >> 4];
        name += digits[context[i] & 15];
    }
    return name + ":" + what;
}

Directory::~Directory() { os::unreserve(map_, sizeof *map_); }

lkstats_status_t Directory::make(const uint8_t (&context)[16], const lkstats_options_t &options,
                                 lkstats_time_t opened) {
    const size_t size = (sizeof *map_ + os::granule - 1) / os::granule * os::granule;
    file_ = os::memory_file(memory_name(context, "dir").c_str(), size);
    if (!file_)
        return status_of_errno();
    map_ = static_cast<lkstats_slab_directory_t *>(os::reserve(size, true));
    if (map_ == nullptr || !os::map_shared(map_, size, file_) || !os::populate(map_, size, file_, 0))
        return LKSTATS_ENOMEM;
    os::seal(file_);
    lkstats_slab_directory_t &d = *map_;
    d.version = LKSTATS_SLAB_VERSION;
    d.size = sizeof d;
    std::memcpy(d.context, context, sizeof d.context);
    d.owner_pid = os::process_id();
    d.opened = opened;
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

void Directory::add(track::Kind kind, lkstats_slab_chunk_t chunk) {
    const bool slots = kind == track::Kind::slots;
    uint32_t &count = slots ? map_->slot_chunks : map_->record_chunks;
    (slots ? map_->slots : map_->records)[count] = chunk;
    std::atomic_ref(count).store(count + 1, std::memory_order_release);
}

} // namespace lkstats::api
