// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include "fault.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/stat.h>

namespace lkstats::fault {

namespace files = std::filesystem;

namespace {

std::string parent() {
    const files::path memory = "/dev/shm";
    return files::is_directory(memory) ? memory : files::temp_directory_path();
}

// A test that fails jumps over its destructors.
struct Left {
    std::set<std::string> paths;
    ~Left() {
        std::error_code ignored;
        for (const std::string &path : paths)
            files::remove_all(path, ignored);
    }
} left;

} // namespace

Folder::Folder() : path_(parent() + "/lkstats_fault_XXXXXX") {
    check(mkdtemp(path_.data()) != nullptr);
    left.paths.insert(path_);
}

Folder::~Folder() {
    std::error_code ignored;
    files::remove_all(path_, ignored);
    left.paths.erase(path_);
}

std::vector<std::string> Folder::names() const {
    std::vector<std::string> all;
    for (const auto &entry : files::directory_iterator(path_))
        all.push_back(entry.path().filename());
    return all;
}

std::string Folder::read(const std::string &name) const {
    std::ifstream file(path_ + "/" + name, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    check(file.good());
    return bytes.str();
}

void Folder::write(const std::string &name, const std::string &bytes) const {
    const std::string path = path_ + "/" + name;
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    check(file.good() && chmod(path.c_str(), 0600) == 0);
}

void Folder::clear() const {
    for (const std::string &name : names())
        files::remove(path_ + "/" + name);
}

void Folder::age() const {
    for (const std::string &name : names())
        files::last_write_time(path_ + "/" + name,
                               files::file_time_type::clock::now() - std::chrono::hours(1));
}

} // namespace lkstats::fault
