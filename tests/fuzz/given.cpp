// SPDX-License-Identifier: Apache-2.0
#include "given.hpp"

#include <string>

namespace lkstats::fuzz {

namespace {

void append(std::string &to, uint32_t character) {
    if (character < 0x80)
        return void(to += static_cast<char>(character));
    const unsigned more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    to += static_cast<char>(0xff00 >> (more + 1) | character >> 6 * more);
    for (unsigned i = more; i-- > 0;)
        to += static_cast<char>(0x80 | (character >> 6 * i & 0x3f));
}

} // namespace

bool is_text(std::string_view text) {
    std::string again;
    for (size_t i = 0; i < text.size();) {
        const auto lead = static_cast<uint8_t>(text[i++]);
        const unsigned more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        uint32_t character = more == 0 ? lead : lead & (0x3fU >> more);
        for (unsigned j = 0; j < more; ++j, ++i)
            character = character << 6 | (i < text.size() ? static_cast<uint8_t>(text[i]) & 0x3f : 0);
        if (character == 0 || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
            return false;
        append(again, character);
    }
    // What is too long for itself, or has other bits set, comes out differently.
    return again == text;
}

uint32_t Given::struct_size(uint32_t right) {
    if (!odd())
        return right;
    switch (input_.byte() % 8) {
    case 0:
        return right - 1;
    case 1:
        return right + 1 + input_.byte();
    case 2:
        return size_most;
    case 3:
        return size_most + 1;
    case 4:
        return input_.byte();
    case 5:
        return 0;
    case 6:
        return input_.half();
    default:
        return input_.word();
    }
}

lkstats_string_t Given::text() {
    const uint8_t kind = input_.byte();
    uint64_t size = kind & 0x1f;
    switch (kind >> 5) {
    case 0: // what is not there
        return {nullptr, 0};
    case 1: // nothing of something
        return {reinterpret_cast<const char *>(memory(1)), 0};
    case 2: // more than there may be: not even looked at
        good = false;
        size = kind & 1 ? LKSTATS_STRING_MAX + 1 + input_.byte() : input_.number() | LKSTATS_STRING_MAX + 1;
        return {reinterpret_cast<const char *>(memory(1)), size};
    case 3: // something of nothing
        good = good && size == 0;
        return {nullptr, size};
    case 4: // the longest
        size = LKSTATS_STRING_MAX - (kind & 3);
        break;
    default:
        break;
    }
    uint8_t *const bytes = memory(size);
    for (uint64_t i = 0; i < size; ++i)
        bytes[i] = kind >> 5 == 7 ? input_.byte() : static_cast<uint8_t>('a' + i % 26);
    const auto *const begin = reinterpret_cast<const char *>(bytes);
    good = good && is_text({begin, size});
    return {begin, size};
}

const int32_t *Given::details(uint32_t &count) {
    count = odd() ? input_.word() : input_.byte() % (LKSTATS_KIND_DETAILS_MAX + 2);
    if (count == 0)
        return nullptr;
    if (odd()) {
        good = false;
        return nullptr;
    }
    const bool fits = count <= LKSTATS_KIND_DETAILS_MAX;
    good = good && fits;
    const size_t there = fits ? count : 1;
    auto *const values = reinterpret_cast<int32_t *>(memory(there * sizeof(int32_t)));
    for (size_t i = 0; i < there; ++i)
        values[i] = static_cast<int32_t>(input_.byte() & 0x80 ? input_.word() : i);
    return values;
}

uint32_t Given::number(uint32_t low, uint32_t high) {
    const uint32_t edges[] = {low, high, low - 1, high + 1, 0, 1, ~0U, input_.word()};
    return edges[input_.byte() % 8];
}

} // namespace lkstats::fuzz
