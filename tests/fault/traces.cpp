// SPDX-License-Identifier: Apache-2.0
#include "traces.hpp"

#include "fault.hpp"

#include <chrono>
#include <dirent.h>
#include <sched.h>

namespace lkstats::fault {

namespace {

int count(const char *directory) {
    DIR *const open = opendir(directory);
    check(open != nullptr);
    int entries = 0;
    while (readdir(open) != nullptr)
        ++entries;
    closedir(open);
    return entries;
}

} // namespace

Traces traces() { return {count("/proc/self/fd"), count("/proc/self/task")}; }

void expect_same_traces(const Traces &before) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    Traces now = traces();
    while (now.threads > before.threads && std::chrono::steady_clock::now() < deadline) {
        sched_yield();
        now = traces();
    }
    check(now.descriptors == before.descriptors);
    check(now.threads <= before.threads); // one that had just been joined may have been counted before
}

} // namespace lkstats::fault
