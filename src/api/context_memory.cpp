// SPDX-License-Identifier: Apache-2.0
// A context's chunks: mapped before they are needed, filled with memory piece by piece, so that neither an
// add nor a new track meets a page that is not there.
#include "api/context.hpp"
#include "api/guard.hpp"
#include "api/process.hpp"
#include "os/memory.hpp"

#include <algorithm>

namespace lkstats::api {

namespace {

using track::Kind;

constexpr size_t item_size(Kind kind) {
    return kind == Kind::slots ? sizeof(lkstats_slab_slot_t) : sizeof(lkstats_slab_record_t);
}
constexpr size_t chunk_first = 1 << 20;
constexpr size_t chunk_largest = 64 << 20;
constexpr size_t piece_smallest = 256 << 10;

void *address(const track::Places &places, Kind kind, uint32_t index) {
    return kind == Kind::slots ? static_cast<void *>(places.slots + index) : places.records + index;
}

} // namespace

uint32_t Context::limit(Kind kind) const { return kind == Kind::slots ? limits_.tracks : limits_.records; }

lkstats_status_t Context::first_memory() {
    const uint32_t wanted = (options_.flags & LKSTATS_PREALLOCATE) != 0 ? options_.max_tracks : 1;
    std::lock_guard lock(grow_);
    const auto fill = [&](slab::Arena &arena, Kind kind) {
        lkstats_status_t status = LKSTATS_OK;
        while (status == LKSTATS_OK && arena.ready() < wanted)
            status = extend(arena, kind, table_.lists());
        return status;
    };
    const auto status = fill(table_.slot_arena(), Kind::slots);
    return status == LKSTATS_OK ? fill(table_.record_arena(), Kind::records) : status;
}

lkstats_status_t Context::grow(slab::Arena &arena, Kind kind, std::mutex &lists) {
    std::lock_guard lock(grow_);
    {
        std::lock_guard read(lists);
        if (arena.taken() < arena.ready())
            return LKSTATS_OK; // somebody else was first
    }
    return extend(arena, kind, lists);
}

// Before three quarters of the last piece are used the next one is there; when that fails, whoever needs it
// hears why.
void Context::prepare() {
    for (Kind kind : {Kind::slots, Kind::records}) {
        slab::Arena &arena = kind == Kind::slots ? table_.slot_arena() : table_.record_arena();
        std::lock_guard lock(grow_);
        uint32_t left;
        {
            std::lock_guard read(table_.lists());
            left = arena.ready() - arena.taken();
        }
        if (left < piece_[static_cast<size_t>(kind)] / 4)
            guard([&] { return extend(arena, kind, table_.lists()); });
    }
}

lkstats_status_t Context::extend(slab::Arena &arena, Kind kind, std::mutex &lists) {
    if (gone_)
        return LKSTATS_ECLOSED;
    // Only growing changes what is read here.
    const uint32_t most = limit(kind);
    if (arena.ready() >= most)
        return LKSTATS_EFULL;
    if (arena.ready() == arena.capacity())
        if (const auto status = add_chunk(arena, kind, lists); status != LKSTATS_OK)
            return status;

    const lkstats_slab_chunk_t chunk = arena.chunk(arena.chunk_count() - 1);
    const size_t done = arena.ready_in_last() * item_size(kind);
    const size_t rest = chunk.count * item_size(kind) - done;
    const size_t share =
        std::max(piece_smallest, arena.ready() * item_size(kind) / 16 / os::granule * os::granule);
    const size_t size = std::min(rest, share);
    auto *at = static_cast<char *>(address(process_.ranges().places(), kind, chunk.first)) + done;
    const os::Descriptor &file = files_[static_cast<size_t>(kind)].back();
    if (!os::allocate(file, done, size))
        return status_of_errno();
    // A memory file is mapped whole, before it is sealed; another piece by piece, since in a directory that is full
    // what is not allocated must not even be looked at.
    if (directory_.outlives() && !os::map_shared(at, size, file, done))
        return status_of_errno();
    os::populate(at, size);
    const auto items = static_cast<uint32_t>(size / item_size(kind));
    piece_[static_cast<size_t>(kind)] = items;
    std::lock_guard lock(lists);
    // The last chunk may be rounded up past the limit.
    arena.make_ready(std::min(items, most - arena.ready()));
    return LKSTATS_OK;
}

lkstats_status_t Context::add_chunk(slab::Arena &arena, Kind kind, std::mutex &lists) {
    if (arena.full())
        return LKSTATS_EFULL;
    auto &files = files_[static_cast<size_t>(kind)];
    const uint32_t number = arena.chunk_count();
    const size_t file_limit = os::file_size_limit() / os::granule * os::granule;
    const size_t doubled = std::min(chunk_first << std::min(number, 6U), chunk_largest);
    const size_t needed = (limit(kind) - arena.capacity()) * item_size(kind);
    const size_t size =
        std::min({doubled, (needed + os::granule - 1) / os::granule * os::granule, file_limit});
    if (size == 0)
        return LKSTATS_ENOMEM;
    // Whatever may throw comes before the first effect.
    files.reserve(files.size() + 1);
    lkstats_slab_chunk_t chunk;
    const auto wanted = static_cast<uint32_t>(size / item_size(kind));
    if (const auto status = process_.ranges().take(kind, wanted, Process::seat_of(token_), chunk);
        status != LKSTATS_OK)
        return status;
    const size_t taken = chunk.count * item_size(kind);
    os::Descriptor file;
    const auto made = guard([&]() -> lkstats_status_t {
        file = directory_.chunk_file(kind, number, taken);
        return file ? LKSTATS_OK : status_of_errno();
    });
    auto mapped = made;
    void *const at = address(process_.ranges().places(), kind, chunk.first);
    // Where pieces come one after the other, what a closed context left there would show between them.
    if (made == LKSTATS_OK &&
        !(directory_.outlives() ? os::blank(at, taken) : os::map_shared(at, taken, file, 0)))
        mapped = status_of_errno();
    if (mapped != LKSTATS_OK) {
        process_.ranges().put_back(kind, chunk);
        return mapped;
    }
    if (!directory_.outlives())
        os::seal(file);
    files.push_back(std::move(file));
    directory_.add(kind, chunk);
    std::lock_guard lock(lists);
    arena.add_chunk(chunk);
    return LKSTATS_OK;
}

void Context::give_up_memory() {
    std::lock_guard lock(grow_);
    gone_ = true;
    for (Kind kind : {Kind::slots, Kind::records}) {
        const slab::Arena &arena = kind == Kind::slots ? table_.slot_arena() : table_.record_arena();
        uint32_t before = 0, taken = 0;
        {
            std::lock_guard read(table_.lists());
            taken = arena.taken();
        }
        for (uint32_t i = 0; i < arena.chunk_count(); ++i) {
            const lkstats_slab_chunk_t chunk = arena.chunk(i);
            // Nobody has a handle of one that nothing was taken from: it need not rest.
            if (before < taken)
                process_.ranges().retire(kind, chunk);
            else
                process_.ranges().put_back(kind, chunk);
            before += chunk.count;
        }
    }
}

} // namespace lkstats::api
