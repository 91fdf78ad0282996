// SPDX-License-Identifier: Apache-2.0
#include "must.hpp"

#include "scratch.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace lkstats::fuzz {

void must(bool holds, const char *format, ...) {
    if (holds)
        return;
    limit_files(no_limit); // libFuzzer is about to write one
    va_list arguments;
    va_start(arguments, format);
    std::fputs("broken promise: ", stderr);
    std::vfprintf(stderr, format, arguments);
    std::fputs("\n", stderr);
    va_end(arguments);
    std::abort();
}

void say(const char *format, ...) {
    static const bool says = std::getenv("FUZZ_SAY") != nullptr;
    if (!says)
        return;
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    std::fputs("\n", stderr);
    va_end(arguments);
}

} // namespace lkstats::fuzz
