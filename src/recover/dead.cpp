// SPDX-License-Identifier: Apache-2.0
#include "recover/dead.hpp"

#include "os/system.hpp"
#include "slab/mutant.hpp"
#include "slab/names.hpp"

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace lkstats::recover {

namespace {

constexpr std::string_view directory_suffix = ":dir";
constexpr size_t uuid_size = 36;
// So long a directory may be in the making.
constexpr int64_t making_ns = 60'000'000'000;

std::string_view uuid_of(const std::string &name) {
    return std::string_view(name).substr(slab::file_prefix.size(), uuid_size);
}

os::Owner owner_of(const lkstats_slab_directory_t &d) {
    os::Owner owner;
    owner.pid = d.owner_pid;
    owner.start = d.owner_start;
    owner.pid_namespace = d.owner_pid_namespace;
    std::memcpy(owner.boot, d.boot, sizeof owner.boot);
    return owner;
}

bool has_magic(const lkstats_slab_directory_t &d) {
    return std::memcmp(d.magic, "lkstats", sizeof d.magic) == 0;
}

// Whether nobody adds to it any more. file: its directory's.
bool dead(const os::Descriptor &file, const lkstats_slab_directory_t &d, const os::Owner &me, Known &known) {
    if (!has_magic(d))
        return os::now().wall_ns - os::written_ns(file) > making_ns &&
               os::lock(file, LKSTATS_SLAB_LOCK_OWNER);
    const os::Owner owner = owner_of(d);
    os::Alive alive = os::alive(owner, me);
    // The same process, but it may be another program by now.
    if (alive == os::Alive::yes && owner.pid == me.pid) {
        if (known.open(d.context))
            return false;
        alive = os::Alive::unknown;
    }
    switch (alive) {
    case os::Alive::yes: // whatever it did to its descriptors
        return false;
    case os::Alive::no: // a child that was made by a raw clone may hold the lock still
        return true;
    case os::Alive::unknown:
        break;
    }
    return os::lock(file, LKSTATS_SLAB_LOCK_OWNER);
}

} // namespace

std::vector<std::string> directories(const os::Folder &folder) {
    std::vector<std::string> names, found;
    folder.list(slab::file_prefix, names);
    for (std::string &name : names)
        if (name.size() == slab::file_prefix.size() + uuid_size + directory_suffix.size() &&
            name.ends_with(directory_suffix))
            found.push_back(std::move(name));
    return found;
}

Dead::Dead(const os::Folder &folder, const std::string &name, const os::Owner &me, Known &known)
    : folder_(folder), uuid_(uuid_of(name)) {
    os::Descriptor file = folder.open(name);
    const bool mine = file && (os::lock(file, LKSTATS_SLAB_LOCK_RECOVERY) || mutant(Mutant::twice));
    if (!mine || !os::linked(file))
        return;
    // One that is too short has zeros behind its end, and is not sound.
    if (os::read_at(file, {reinterpret_cast<uint8_t *>(&directory_), sizeof directory_}, 0) < 0)
        return;
    if (dead(file, directory_, me, known) || mutant(Mutant::alive))
        file_ = std::move(file);
}

bool Dead::sound() const {
    return recover::sound(directory_) && slab::uuid_text(directory_.context) == uuid_;
}

bool Dead::unfinished() const { return !has_magic(directory_); }

bool Dead::open() {
    const auto open_all = [&](std::vector<os::Descriptor> &files, bool slots, uint32_t count) {
        for (uint32_t i = 0; i < count; ++i) {
            files.push_back(folder_.open(slab::chunk_name(directory_.context, slots, i)));
            if (!files.back() && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
                return false;
        }
        return true;
    };
    return open_all(slots_, true, directory_.slot_chunks) &&
           open_all(records_, false, directory_.record_chunks);
}

bool Dead::read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) {
    const os::Descriptor &from = file == File::slots ? slots_[number] : records_[number];
    return from && os::read_at(from, bytes, offset) == static_cast<int64_t>(bytes.size());
}

bool Dead::write(File file, uint32_t number, uint64_t offset, std::span<const uint8_t> bytes) {
    const os::Descriptor &to = file == File::directory ? file_
                               : file == File::slots   ? slots_[number]
                                                       : records_[number];
    return to && os::write_at(to, bytes, offset);
}

// f(name), the directory's last.
template <class F> void Dead::each_file(F f) {
    const std::string prefix = std::string(slab::file_prefix).append(uuid_).append(":");
    std::vector<std::string> names;
    if (!folder_.list(prefix, names))
        return; // the next one who comes finds the directory, and that it is over
    const std::string directory = std::string(slab::file_prefix).append(uuid_).append(directory_suffix);
    for (const std::string &name : names)
        if (name != directory)
            f(name);
    f(directory);
}

void Dead::remove() {
    const uint32_t over = 1;
    write(File::directory, 0, offsetof(lkstats_slab_directory_t, over),
          {reinterpret_cast<const uint8_t *>(&over), sizeof over});
    each_file([&](const std::string &name) { folder_.remove(name); });
}

void Dead::keep_aside() {
    each_file([&](const std::string &name) {
        folder_.rename(name, std::string(slab::damaged_prefix).append(name.substr(slab::file_prefix.size())));
    });
}

} // namespace lkstats::recover
