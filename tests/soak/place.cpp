// SPDX-License-Identifier: Apache-2.0
#include "place.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace soak {

namespace {

constexpr uint32_t accounts = 1 << 17;
constexpr size_t ledger_size = sizeof(soak_ledger) + accounts * sizeof(soak_account);

bool ends_with(const std::string &text, const char *end) {
    const size_t size = strlen(end);
    return text.size() >= size && text.compare(text.size() - size, size, end) == 0;
}

} // namespace

void give_up(const std::string &why) {
    std::fprintf(stderr, "%s%s%s\n", why.c_str(), errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    std::exit(2);
}

Place::Place(const std::string &below, Small small) : path_(below + "/phase"), small_(small) {
    std::filesystem::remove_all(path_);
    for (const std::string &directory : {path_, slab(), journal()}) {
        if (mkdir(directory.c_str(), 0700) != 0)
            give_up(directory);
    }
    if (small_ != Small::nothing &&
        mount("soak", small_path().c_str(), "tmpfs", MS_NOSUID, "size=1g,mode=700") != 0)
        small_ = Small::nothing;
    const int fd = open(ledger_path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, static_cast<off_t>(ledger_size)) != 0)
        give_up(ledger_path());
    void *at = mmap(nullptr, ledger_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        give_up(ledger_path());
    close(fd);
    ledger_ = static_cast<soak_ledger *>(at);
    ledger_->capacity = accounts;
    ledger_->magic = SOAK_LEDGER_MAGIC;
}

Place::~Place() {
    munmap(ledger_, ledger_size);
    if (small_ != Small::nothing)
        umount2(small_path().c_str(), MNT_DETACH);
}

// As large as what is in it: the next page is too much. A host may write meanwhile, then it is not full.
void Place::fill() {
    struct statfs about;
    if (small_ == Small::nothing || statfs(small_path().c_str(), &about) != 0)
        return;
    const uint64_t used = (about.f_blocks - about.f_bfree) * static_cast<uint64_t>(about.f_bsize);
    const std::string options = "size=" + std::to_string(used + 4096);
    mount("soak", small_path().c_str(), "tmpfs", MS_REMOUNT | MS_NOSUID, options.c_str());
}

void Place::make_room() {
    if (small_ != Small::nothing &&
        mount("soak", small_path().c_str(), "tmpfs", MS_REMOUNT | MS_NOSUID, "size=1g") != 0)
        give_up("the small tmpfs cannot be made larger");
}

void Place::age_unfinished() const {
    for (const auto &entry : std::filesystem::directory_iterator(slab())) {
        char magic[8] = {};
        if (!ends_with(entry.path(), ":dir"))
            continue;
        const int fd = open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (pread(fd, magic, sizeof magic, 0) != sizeof magic || magic[0] == 0) {
            const timespec times[2] = {{time(nullptr) - 120, 0}, {time(nullptr) - 120, 0}};
            futimens(fd, times);
        }
        close(fd);
    }
}

std::string Place::left_over() const {
    for (const auto &entry : std::filesystem::directory_iterator(slab()))
        return entry.path().filename();
    return {};
}

} // namespace soak
