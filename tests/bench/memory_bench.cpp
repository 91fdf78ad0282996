// SPDX-License-Identifier: Apache-2.0
// What a million tracks take of the machine's memory: shared, private, and what the library keeps ready.
#include "bench.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace bench {

namespace {

constexpr double allowed_bytes = 640;

// VmRSS has the shared pages in it. Exits where /proc does not say.
double resident_bytes() {
    std::FILE *status = std::fopen("/proc/self/status", "r");
    char text[256];
    unsigned long kib = 0;
    while (status && std::fgets(text, sizeof text, status))
        if (std::sscanf(text, "VmRSS: %lu kB", &kib) == 1)
            break;
    if (status)
        std::fclose(status);
    if (kib == 0)
        std::exit(EXIT_FAILURE);
    return static_cast<double>(kib) * 1024;
}

// The host keeps no handle: this is the library's memory alone.
double bytes_of_a_track() {
    const double before = resident_bytes();
    Host host;
    for (uint32_t number = 0; number < million; number++)
        host.start(Identity(number).options());
    return (resident_bytes() - before) / million;
}

// In a process that has nothing else in it.
double measure_in_child() {
    int ends[2];
    double bytes = 0;
    const pid_t child = pipe(ends) == 0 ? fork() : -1;
    if (child == 0) {
        bytes = bytes_of_a_track();
        _exit(write(ends[1], &bytes, sizeof bytes) == sizeof bytes ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status = EXIT_FAILURE;
    if (child < 0 || waitpid(child, &status, 0) != child || status != EXIT_SUCCESS ||
        read(ends[0], &bytes, sizeof bytes) != sizeof bytes) {
        std::fprintf(stderr, "lkstats_bench: memory could not be measured\n");
        std::exit(EXIT_FAILURE);
    }
    close(ends[0]);
    close(ends[1]);
    return bytes;
}

} // namespace

void measure_memory(const Finished &finished) {
    finished({"memory per track, 10^6 tracks / 640 bytes", "B", 1.0, {measure_in_child()}, {allowed_bytes}});
}

} // namespace bench
