// SPDX-License-Identifier: Apache-2.0
// A directory of a test's own, in memory where the system has such. All of it uses operator new but path: not while
// a fault is in force.
#pragma once

#include <string>
#include <vector>

namespace lkstats::fault {

class Folder {
  public:
    Folder();
    ~Folder(); // with all that is in it
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    const char *path() const { return path_.c_str(); }
    std::vector<std::string> names() const;
    std::string read(const std::string &name) const;
    void write(const std::string &name, const std::string &bytes) const;
    void clear() const;
    // As if all that is in it had been written to an hour ago.
    void age() const;

  private:
    std::string path_;
};

} // namespace lkstats::fault
