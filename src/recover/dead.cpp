// SPDX-License-Identifier: Apache-2.0
#include "recover/dead.hpp"

#include "os/system.hpp"
#include "slab/mutant.hpp"
#include "slab/names.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace lkstats::recover {

namespace {

constexpr std::string_view directory_suffix = ":dir";
// So long a directory may be in the making.
constexpr int64_t making_ns = 60'000'000'000;

os::Owner owner_of(const lkstats_slab_directory_t &d) {
    os::Owner owner;
    owner.pid = d.owner_pid;
    owner.start = d.owner_start;
    owner.pid_namespace = d.owner_pid_namespace;
    std::memcpy(owner.boot, d.boot, sizeof owner.boot);
    return owner;
}

bool busy() { return errno == EAGAIN || errno == EACCES; }

} // namespace

bool directories(const os::Folder &folder, std::vector<std::string> &found) {
    std::vector<std::string> names;
    const bool all = folder.list(slab::file_prefix, names);
    Uuid uuid;
    for (std::string &name : names)
        if (slab::uuid_of(name, uuid) && slab::file_name(uuid, directory_suffix.substr(1)) == name)
            found.push_back(std::move(name));
    return all;
}

Dead::Dead(const os::Folder &folder, const std::string &name, const os::Owner &me, Known &known)
    : folder_(folder), known_(known) {
    if (!slab::uuid_of(name, claimed_))
        return;
    uuid_ = slab::uuid_text(claimed_);
    // First of all: a descriptor of the file that this process closes takes its locks along.
    claim_ = known_.claim(claimed_);
    if (claim_)
        state_ = look(name, me);
}

Dead::~Dead() {
    file_ = {}; // with the lock
    if (claim_)
        known_.release(claimed_);
}

Dead::State Dead::look(const std::string &name, const os::Owner &me) {
    os::Descriptor file = folder_.open(name);
    if (!file)
        return os::nothing_of_ours(errno) ? State::lives : State::failed;
    if (!os::lock_for_process(file, LKSTATS_SLAB_LOCK_RECOVERY) && !mutant(Mutant::twice))
        return busy() ? State::lives : State::failed;
    if (!folder_.has(name, file))
        return errno == 0 ? State::lives
                          : State::failed; // whoever was here before has removed it, or put it aside
    // Of one that is too short the rest is zeros, and makes no sense.
    if (os::read_at(file, {reinterpret_cast<uint8_t *>(&directory_), sizeof directory_}, 0) < 0)
        return State::failed;
    const State state = state_of_owner(file, me);
    if (state == State::dead)
        file_ = std::move(file);
    return state;
}

// file: its directory's.
Dead::State Dead::state_of_owner(const os::Descriptor &file, const os::Owner &me) const {
    if (mutant(Mutant::alive))
        return State::dead;
    if (!has_magic()) {
        const int64_t written = os::written_ns(file);
        if (written == 0)
            return State::failed;
        if (os::now().wall_ns - written <= making_ns)
            return State::lives;
    } else if (directory_.version != LKSTATS_SLAB_VERSION) {
        return State::lives; // of another release; that one knows
    } else {
        const os::Owner owner = owner_of(directory_);
        const os::Alive alive = os::alive(owner, me);
        // A child that was made by a raw clone may hold its lock still.
        if (alive == os::Alive::no)
            return State::dead;
        if (alive == os::Alive::failed)
            return State::failed;
        // Whatever it did to its descriptors. One of our own number is another program, that we were before exec.
        if (alive == os::Alive::yes && owner.pid != me.pid)
            return State::lives;
    }
    if (os::lock(file, LKSTATS_SLAB_LOCK_OWNER))
        return State::dead;
    return busy() ? State::lives : State::failed;
}

bool Dead::has_magic() const {
    return std::memcmp(directory_.magic, "lkstats", sizeof directory_.magic) == 0;
}

bool Dead::over() {
    if (has_magic())
        return directory_.over == LKSTATS_SLAB_OVER && sound();
    // Chunks are made after it says what it is: where there are some it has lost its beginning.
    std::vector<std::string> names;
    return folder_.list(slab::file_name(claimed_, ""), names) && names.size() == 1;
}

bool Dead::sound() const {
    return recover::sound(directory_) && (directory_.over == 0 || directory_.over == LKSTATS_SLAB_OVER) &&
           std::memcmp(directory_.context, claimed_, sizeof claimed_) == 0;
}

bool Dead::open() {
    const auto open_all = [&](std::vector<os::Descriptor> &files, bool slots, uint32_t count) {
        files.reserve(count);
        for (uint32_t i = 0; i < count; ++i) {
            files.push_back(folder_.open(slab::chunk_name(claimed_, slots, i)));
            if (!files.back() && !os::nothing_of_ours(errno))
                return false;
        }
        return true;
    };
    return open_all(slots_, true, directory_.slot_chunks) &&
           open_all(records_, false, directory_.record_chunks);
}

// A chunk is made before the directory counts it, and nothing is in it until then.
bool Dead::more_than_counted() {
    const auto empty = [&](const std::string &name) {
        uint8_t beginning[4096];
        const os::Descriptor file = folder_.open(name);
        const int64_t got = file ? os::read_at(file, beginning, 0) : 0;
        return got >= 0 && std::all_of(beginning, beginning + got, [](uint8_t byte) { return byte == 0; });
    };
    std::vector<std::string> names;
    folder_.list(slab::file_name(claimed_, ""), names);
    size_t counted = 1 + size_t{directory_.slot_chunks} + directory_.record_chunks;
    for (const bool slots : {true, false}) {
        const std::string next =
            slab::chunk_name(claimed_, slots, slots ? directory_.slot_chunks : directory_.record_chunks);
        if (std::find(names.begin(), names.end(), next) == names.end())
            continue;
        if (!empty(next))
            return true;
        ++counted;
    }
    return names.size() > counted;
}

Source::Got Dead::read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) {
    const os::Descriptor &from = file == File::slots ? slots_[number] : records_[number];
    if (!from)
        return Got::nothing;
    const int64_t got = os::read_at(from, bytes, offset);
    if (got < 0)
        return errno == EIO ? Got::nothing : Got::failure;
    if (got == 0)
        return Got::end;
    return got == static_cast<int64_t>(bytes.size()) ? Got::all : Got::nothing;
}

bool Dead::write(File file, uint32_t number, uint64_t offset, std::span<const uint8_t> bytes) {
    const os::Descriptor &to = file == File::directory ? file_
                               : file == File::slots   ? slots_[number]
                                                       : records_[number];
    return to && os::write_at(to, bytes, offset);
}

// f(name): whether it is gone from there. The directory's comes last, and only when all others are gone: whoever
// comes next finds them by it.
template <class F> void Dead::each_file(F f) {
    const std::string prefix = slab::file_name(claimed_, "");
    const std::string directory = slab::file_name(claimed_, directory_suffix.substr(1));
    std::vector<std::string> names;
    bool gone = folder_.list(prefix, names);
    for (const std::string &name : names)
        if (name != directory)
            gone = f(name) && gone;
    if (gone)
        f(directory);
}

void Dead::remove() {
    const uint32_t over = LKSTATS_SLAB_OVER;
    write(File::directory, 0, offsetof(lkstats_slab_directory_t, over),
          {reinterpret_cast<const uint8_t *>(&over), sizeof over});
    each_file([&](const std::string &name) { return folder_.remove(name) || errno == ENOENT; });
}

void Dead::keep_aside() {
    each_file([&](const std::string &name) {
        return folder_.rename(name,
                              std::string(slab::damaged_prefix).append(name, slab::file_prefix.size())) ||
               errno == ENOENT;
    });
}

} // namespace lkstats::recover
