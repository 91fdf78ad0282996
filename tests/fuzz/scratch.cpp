// SPDX-License-Identifier: Apache-2.0
#include "scratch.hpp"

#include "must.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lkstats::fuzz {

namespace {

std::string path_of(const std::string &folder, const std::string &name) { return folder + "/" + name; }

Bytes read_file(const std::string &path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    must(file >= 0, "%s: %s", path.c_str(), std::strerror(errno));
    struct stat found;
    must(fstat(file, &found) == 0, "%s: %s", path.c_str(), std::strerror(errno));
    Bytes bytes(static_cast<size_t>(found.st_size));
    must(read(file, bytes.data(), bytes.size()) == found.st_size, "%s is shorter than it was", path.c_str());
    close(file);
    return bytes;
}

// libFuzzer ends a process by _exit after a finding: then what is left is for whoever made FUZZ_PLACE.
void clear_away() {
    for (const std::string &name : names_in(scratch())) {
        empty_folder(path_of(scratch(), name));
        rmdir(path_of(scratch(), name).c_str());
    }
    rmdir(scratch().c_str());
}

std::string make_scratch() {
    const char *place = std::getenv("FUZZ_PLACE");
    if (place == nullptr)
        place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    std::string name = path_of(place, "lkstats-fuzz.XXXXXX");
    must(mkdtemp(name.data()) != nullptr, "%s: %s", name.c_str(), std::strerror(errno));
    std::atexit(clear_away);
    // Past a limit there is an error, not a signal.
    std::signal(SIGXFSZ, SIG_IGN);
    return name;
}

} // namespace

const std::string &scratch() {
    // Needed to the very end.
    static const std::string &path = *new std::string(make_scratch());
    return path;
}

std::string fresh_folder(const std::string &name) {
    const std::string path = path_of(scratch(), name);
    must(mkdir(path.c_str(), 0700) == 0 || errno == EEXIST, "%s: %s", path.c_str(), std::strerror(errno));
    empty_folder(path);
    return path;
}

std::vector<std::string> names_in(const std::string &path) {
    std::vector<std::string> names;
    DIR *const folder = opendir(path.c_str());
    must(folder != nullptr, "%s: %s", path.c_str(), std::strerror(errno));
    while (const dirent *entry = readdir(folder))
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
            names.emplace_back(entry->d_name);
    closedir(folder);
    return names;
}

Files read_folder(const std::string &path) {
    Files files;
    for (const std::string &name : names_in(path))
        files[name] = read_file(path_of(path, name));
    return files;
}

void write_file(const std::string &folder, const std::string &name, const Bytes &bytes) {
    const std::string path = path_of(folder, name);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    must(file >= 0, "%s: %s", path.c_str(), std::strerror(errno));
    must(write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "%s: %s",
         path.c_str(), std::strerror(errno));
    close(file);
}

void write_folder(const std::string &path, const Files &files) {
    empty_folder(path);
    for (const auto &[name, bytes] : files)
        write_file(path, name, bytes);
}

void empty_folder(const std::string &path) {
    for (const std::string &name : names_in(path))
        must(unlink(path_of(path, name).c_str()) == 0, "%s: %s", name.c_str(), std::strerror(errno));
}

void limit_files(uint64_t bytes) {
    rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes == no_limit ? limit.rlim_max : bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

} // namespace lkstats::fuzz
