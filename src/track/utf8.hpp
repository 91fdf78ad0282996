// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lkstats::track {

// Well-formed UTF-8 (Unicode 15, table 3-7: no overlong form, no surrogate, nothing past U+10FFFF), and no
// NUL.
inline bool valid_text(std::string_view text) {
    const auto *at = reinterpret_cast<const unsigned char *>(text.data());
    const auto *const end = at + text.size();
    while (at != end) {
        const unsigned lead = *at++;
        if (lead < 0x80) {
            if (lead == 0)
                return false;
            continue;
        }
        const int more = lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
        if (more < 0 || end - at < more)
            return false;
        // Only the byte after these leads has a narrower range.
        const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (*at < lowest || *at > highest)
            return false;
        for (int i = 1; i < more; ++i)
            if ((at[i] & 0xc0) != 0x80)
                return false;
        at += more;
    }
    return true;
}

} // namespace lkstats::track
