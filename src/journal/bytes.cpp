// SPDX-License-Identifier: Apache-2.0
// What entries are made of: bytes, varints and texts, to memory of ours and from memory of anybody's.
#include "journal/entry.hpp"
#include "track/utf8.hpp"
#include "wire/varint.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::journal {

namespace {
constexpr size_t varint_max = 10;
}

void Out::reserve(size_t more) {
    if (bytes_.size() - used_ < more)
        bytes_.resize(std::max(used_ + more, 2 * bytes_.size()));
}

void Out::byte(uint8_t value) {
    reserve(1);
    bytes_[used_++] = value;
}

void Out::number(uint64_t value) {
    reserve(varint_max + wire::varint_slack);
    uint8_t *const at = bytes_.data() + used_;
    used_ += static_cast<size_t>(wire::write_varint(at, value) - at);
}

void Out::bytes(std::span<const uint8_t> from) {
    reserve(from.size());
    if (!from.empty())
        std::memcpy(bytes_.data() + used_, from.data(), from.size());
    used_ += from.size();
}

uint8_t In::byte() {
    const auto one = bytes(1);
    return one.empty() ? 0 : one.front();
}

uint64_t In::number() {
    uint64_t value = 0;
    for (size_t at = 0; at < left_.size() && at < varint_max; ++at) {
        const uint8_t byte = left_[at];
        if (at == varint_max - 1 && byte > 1)
            break; // past 64 bits
        value |= static_cast<uint64_t>(byte & 0x7f) << 7 * at;
        if (byte < 0x80) {
            left_ = left_.subspan(at + 1);
            return value;
        }
    }
    fail();
    return 0;
}

uint32_t In::number32() {
    const uint64_t value = number();
    if (value > UINT32_MAX)
        fail();
    return static_cast<uint32_t>(value);
}

int32_t In::difference32() {
    const auto value = static_cast<int64_t>(difference());
    if (value < INT32_MIN || value > INT32_MAX)
        fail();
    return static_cast<int32_t>(value);
}

std::span<const uint8_t> In::bytes(uint64_t size) {
    if (size > left_.size()) {
        fail();
        return {};
    }
    const auto taken = left_.first(static_cast<size_t>(size));
    left_ = left_.subspan(taken.size());
    return taken;
}

lkstats_string_t In::text(uint64_t most) {
    const uint64_t size = number();
    if (size > most) {
        fail();
        return {};
    }
    const auto taken = bytes(size);
    const auto *const data = reinterpret_cast<const char *>(taken.data());
    if (!track::valid_text({data, taken.size()}))
        fail();
    return {data, taken.size()};
}

} // namespace lkstats::journal
