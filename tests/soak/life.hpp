// SPDX-License-Identifier: Apache-2.0
// A host's process, from its start to the kill.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace soak {

class Life {
  public:
    // What it says on standard error is appended to log. inherited: a descriptor that it has, too; -1: none.
    Life(const std::vector<std::string> &words, const std::string &log, int inherited = -1);
    ~Life(); // killed, if it still lives
    Life(Life &&other) noexcept;
    Life(const Life &) = delete;

    // false: it has ended by itself.
    bool lives();
    void kill();
    // Its exit status; -1: a signal, or it did not end in time and was killed.
    int wait_for_end(int seconds);

  private:
    pid_t pid_ = -1;
    int status_ = -1;
};

} // namespace soak
