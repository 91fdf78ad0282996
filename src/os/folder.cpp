// SPDX-License-Identifier: Apache-2.0
#include "os/folder.hpp"

#include "os/memory.hpp"
#include "os/seam.hpp"

#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <memory>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace lkstats::os {

namespace {

// f() again, as long as a signal interrupts it.
template <class F> auto restarted(F f) {
    for (;;) {
        const auto result = call(f);
        if (result != decltype(result)(-1) || errno != EINTR)
            return result;
    }
}

bool status(const Descriptor &file, struct stat &found) {
    return call([&] { return fstat(file.get(), &found); }) == 0;
}

// Whoever else may write to the directory could put something else in the place of a file.
bool safe(const struct stat &directory) {
    const bool ours = directory.st_uid == geteuid() || directory.st_uid == 0;
    const bool shared = (directory.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return ours && (!shared || (directory.st_mode & S_ISVTX) != 0);
}

bool lock(const Descriptor &file, uint64_t byte, int how) {
    struct flock wanted = {};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    wanted.l_start = static_cast<off_t>(byte);
    wanted.l_len = 1;
    return call([&] { return fcntl(file.get(), how, &wanted); }) == 0;
}

} // namespace

Folder::Folder(std::string_view path) {
    const std::string terminated(path);
    Descriptor opened(
        restarted([&] { return ::open(terminated.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    struct stat found;
    if (!opened || !status(opened, found))
        return;
    if (!safe(found)) {
        errno = EPERM;
        return;
    }
    if (call([&] { return faccessat(opened.get(), ".", W_OK | X_OK, AT_EACCESS); }) == 0)
        directory_ = std::move(opened);
}

Descriptor Folder::create(const std::string &name) const {
    Descriptor file(restarted([&] {
        return openat(directory_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      0600);
    }));
    // The host's umask may have taken even the owner's bits.
    if (file && call([&] { return fchmod(file.get(), 0600); }) != 0) {
        const int error = errno;
        remove(name);
        errno = error;
        return {};
    }
    return file;
}

Descriptor Folder::open(const std::string &name) const {
    // Without O_NONBLOCK a pipe that somebody put there would hold us up.
    Descriptor file(restarted([&] {
        return openat(directory_.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    }));
    struct stat found;
    if (!file || !status(file, found))
        return {};
    if (!S_ISREG(found.st_mode) || found.st_uid != geteuid() || (found.st_mode & 077) != 0 ||
        found.st_nlink > 1) {
        errno = EPERM;
        return {};
    }
    return file;
}

bool Folder::remove(const std::string &name) const {
    return call([&] { return unlinkat(directory_.get(), name.c_str(), 0); }) == 0;
}

bool Folder::has(const std::string &name, const Descriptor &file) const {
    struct stat named, found;
    if (!status(file, found))
        return false;
    if (call([&] { return fstatat(directory_.get(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW); }) != 0) {
        if (errno == ENOENT)
            errno = 0;
        return false;
    }
    errno = 0;
    return named.st_ino == found.st_ino && named.st_dev == found.st_dev;
}

bool Folder::rename(const std::string &from, const std::string &to) const {
    return call([&] { return renameat(directory_.get(), from.c_str(), directory_.get(), to.c_str()); }) == 0;
}

bool Folder::list(std::string_view prefix, std::vector<std::string> &names) const {
    // A description of its own: the position in the directory belongs to it.
    const Descriptor again(
        restarted([&] { return openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!again)
        return false;
    const int fd = call([&] { return fcntl(again.get(), F_DUPFD_CLOEXEC, 3); });
    if (fd < 0)
        return false;
    const std::unique_ptr<DIR, int (*)(DIR *)> directory(fails() ? nullptr : fdopendir(fd), closedir);
    if (!directory) {
        close(fd);
        return false;
    }
    struct Kept { // until it is closed
        int fd;
        explicit Kept(int of) : fd(of) { close_in_child(fd); }
        ~Kept() { forget_in_child(fd); }
    } const kept(fd);
    for (;;) {
        errno = 0;
        const dirent *const entry = fails() ? nullptr : readdir(directory.get());
        if (entry == nullptr)
            return errno == 0;
        if (std::string_view(entry->d_name).starts_with(prefix))
            names.emplace_back(entry->d_name);
    }
}

bool Folder::sync() const {
    return restarted([&] { return fsync(directory_.get()); }) == 0;
}

bool Folder::on_disk() const {
    struct statfs found;
    if (call([&] { return fstatfs(directory_.get(), &found); }) != 0)
        return false;
    return found.f_type != TMPFS_MAGIC && found.f_type != RAMFS_MAGIC && found.f_type != HUGETLBFS_MAGIC;
}

bool write_at(const Descriptor &file, std::span<const uint8_t> bytes, uint64_t offset) {
    if (const uint64_t limit = file_size_limit(); offset > limit || bytes.size() > limit - offset) {
        errno = EFBIG;
        return false;
    }
    while (!bytes.empty()) {
        const ssize_t written = restarted(
            [&] { return pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
        if (written < 0)
            return false;
        if (written == 0) {
            errno = ENOSPC;
            return false;
        }
        bytes = bytes.subspan(static_cast<size_t>(written));
        offset += static_cast<uint64_t>(written);
    }
    return true;
}

int64_t read_at(const Descriptor &file, std::span<uint8_t> bytes, uint64_t offset) {
    size_t got = 0;
    while (got < bytes.size()) {
        const ssize_t read = restarted([&] {
            return pread(file.get(), bytes.data() + got, bytes.size() - got,
                         static_cast<off_t>(offset + got));
        });
        if (read < 0)
            return -1;
        if (read == 0)
            break;
        got += static_cast<size_t>(read);
    }
    return static_cast<int64_t>(got);
}

bool cut(const Descriptor &file, uint64_t size) {
    return restarted([&] { return ftruncate(file.get(), static_cast<off_t>(size)); }) == 0;
}

bool sync(const Descriptor &file) {
    return restarted([&] { return fdatasync(file.get()); }) == 0;
}

int64_t size_of(const Descriptor &file) {
    struct stat found;
    return status(file, found) ? found.st_size : -1;
}

bool nothing_of_ours(int error) {
    switch (error) {
    case ENOENT:
    case EACCES:
    case EPERM:  // see Folder::open
    case ELOOP:  // a link
    case EISDIR: // a directory, which is not opened for writing
    case ENXIO:  // a socket
    case ENODEV:
        return true;
    default:
        return false;
    }
}

bool linked(const Descriptor &file) {
    struct stat found;
    return status(file, found) && found.st_nlink != 0;
}

bool lock(const Descriptor &file, uint64_t byte) { return lock(file, byte, F_OFD_SETLK); }
bool lock_for_process(const Descriptor &file, uint64_t byte) { return lock(file, byte, F_SETLK); }

int64_t written_ns(const Descriptor &file) {
    struct stat found;
    if (!status(file, found))
        return 0;
    return int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
}

} // namespace lkstats::os
