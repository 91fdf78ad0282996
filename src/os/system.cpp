// SPDX-License-Identifier: Apache-2.0
#include "os/system.hpp"

#include "os/seam.hpp"

#include <cstring>
#include <ctime>
#include <sched.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

namespace lkstats::os {

namespace {
int64_t read(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time); // vDSO; can't fail for these clocks
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}
} // namespace

lkstats_time_t now() { return {read(CLOCK_MONOTONIC), read(CLOCK_REALTIME)}; }

int64_t process_id() { return getpid(); }

std::string error_text(int error) {
    char text[128];
    return strerror_r(error, text, sizeof text); // GNU's
}

void yield() { sched_yield(); }

bool random_bytes(void *to, unsigned size) {
    return call([&] { return getrandom(to, size, 0); }) == static_cast<ssize_t>(size);
}

} // namespace lkstats::os
