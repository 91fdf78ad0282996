// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fault.hpp"
#include "host.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace lkstats::fault {

// What the header allows, and errno as it was.
template <class Call>
lkstats_status_t answer(std::initializer_list<lkstats_status_t> allowed, const char *name, Call call) {
    constexpr int untouched = 12345;
    errno = untouched;
    const lkstats_status_t status = call();
    check(errno == untouched);
    if (std::find(allowed.begin(), allowed.end(), status) == allowed.end()) {
        std::fprintf(stderr, "%s: %s\n", name, lkstats_status_name(status));
        check(!"an answer that the header allows");
    }
    return status;
}

inline lkstats_string_t letters(char letter, size_t size) {
    static char texts[26][LKSTATS_STRING_MAX];
    char *text = texts[letter - 'a'];
    std::memset(text, letter, LKSTATS_STRING_MAX);
    return {text, size};
}

inline size_t size_of(Identity identity) { return identity == Identity::lengthy ? LKSTATS_STRING_MAX : 5; }

} // namespace lkstats::fault
