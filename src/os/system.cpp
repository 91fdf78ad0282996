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

// glibc's strerror_r answers with the text, that of POSIX, which musl has, with a status.
[[maybe_unused]] const char *text_of(const char *answer, const char *) { return answer; }
[[maybe_unused]] const char *text_of(int answer, const char *text) {
    return answer == 0 ? text : "unknown error";
}
} // namespace

lkstats_time_t now() { return {read(CLOCK_MONOTONIC), read(CLOCK_REALTIME)}; }

int64_t process_id() { return getpid(); }

std::string error_text(int error) {
    char text[128] = {};
    return text_of(strerror_r(error, text, sizeof text), text);
}

void yield() { sched_yield(); }

bool random_bytes(void *to, unsigned size) {
    return call([&] { return getrandom(to, size, 0); }) == static_cast<ssize_t>(size);
}

} // namespace lkstats::os
